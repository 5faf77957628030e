//! The crate beside the crate dgen-data, and beside the C library as Meson builds it, in one run.

use std::cell::RefCell;
use std::ffi::c_void;
use std::hint::black_box;
use std::time::Instant;

use fodder::{Plan, Pool, Spec};
use fodder_sys as sys;

const GIB: usize = 1 << 30;
const ROUNDS: usize = 9;

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();

    work();
    start.elapsed().as_secs_f64()
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

/// The median of the times of each, taken in turns, so that a clock which changes changes all of them.
fn in_turns<const N: usize>(rounds: usize, mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];

    for _ in 0..rounds {
        for (work, times) in works.iter_mut().zip(&mut times) {
            times.push(seconds(work));
        }
    }
    times.map(median)
}

fn gigabytes(seconds: f64) -> f64 {
    GIB as f64 / seconds / 1e9
}

fn generate(threads: usize, dedup: usize, compress: usize) {
    let config = dgen_data::GeneratorConfig {
        size: GIB,
        dedup_factor: dedup,
        compress_factor: compress,
        max_threads: Some(threads),
        ..Default::default()
    };
    let plan = Plan::new(&Spec::new().dedup(dedup as f64).compress(compress as f64)).unwrap();
    let fresh = Pool::builder().threads(threads).keep(0).build().unwrap();
    let kept = Pool::builder().threads(threads).build().unwrap();

    let [peer, first, later] = in_turns(
        ROUNDS,
        [
            &mut || drop(black_box(dgen_data::generate_data(config.clone()).into_bytes())),
            &mut || drop(black_box(fresh.generate(&plan, 0, GIB).unwrap())),
            &mut || drop(black_box(kept.generate(&plan, 0, GIB).unwrap())),
        ],
    );
    println!(
        "{threads}\t{dedup}/{compress}\t{:.1}\t{:.1}\t{:.1} x\t{:.1}\t{:.1} x",
        gigabytes(peer),
        gigabytes(first),
        peer / first,
        gigabytes(later),
        peer / later
    );
}

/// The functions of a shared library that fill.
struct C<'a> {
    plan: *mut sys::fodder_plan,
    fill: libloading::Symbol<'a, unsafe extern "C" fn(*const sys::fodder_plan, u64, *mut c_void, usize)>,
}

impl<'a> C<'a> {
    fn new(library: &'a libloading::Library, spec: &str) -> Self {
        type Parse = unsafe extern "C" fn(*mut sys::fodder_spec, *const i8, *mut *const i8) -> i32;
        type New = unsafe extern "C" fn(*mut *mut sys::fodder_plan, *const sys::fodder_spec) -> i32;
        let text = std::ffi::CString::new(spec).unwrap();
        let mut plan = std::ptr::null_mut();

        // SAFETY: the types are those of the header; a place for a spec, and one for a plan.
        unsafe {
            let mut spec: sys::fodder_spec = std::mem::zeroed();
            spec.spec_size = std::mem::size_of_val(&spec);
            let parse = library.get::<Parse>(b"fodder_spec_parse").unwrap();
            assert_eq!(parse(&mut spec, text.as_ptr().cast(), std::ptr::null_mut()), 0);
            assert_eq!(library.get::<New>(b"fodder_plan_new").unwrap()(&mut plan, &spec), 0);
            C {
                plan,
                fill: library.get(b"fodder_fill").unwrap(),
            }
        }
    }

    fn fill(&self, data: &mut [u8]) {
        // SAFETY: data is that long.
        unsafe { (self.fill)(self.plan, 0, data.as_mut_ptr().cast(), data.len()) }
    }
}

fn fill(library: &libloading::Library, size: usize, compress: f64) {
    let plan = Plan::new(&Spec::new().seed(1).compress(compress)).unwrap();
    let c = C::new(library, &plan.spec().to_string());
    // Memory on huge pages, as both would have it.
    let mut data = Pool::default().buffer(size).unwrap();
    let mut same = Pool::default().buffer(size).unwrap();
    let calls = (GIB / 4 / size).max(1);

    plan.fill(0, &mut data).unwrap();
    c.fill(&mut same);
    assert!(*data == *same);
    drop(same);
    let data = RefCell::new(data); // the same memory for both
    let [rust, c] = in_turns(
        31,
        [
            &mut || (0..calls).for_each(|_| plan.fill(0, black_box(&mut data.borrow_mut())).unwrap()),
            &mut || (0..calls).for_each(|_| c.fill(black_box(&mut data.borrow_mut()))),
        ],
    );
    let rate = (calls * size) as f64 / rust / 1e9;
    println!("{}\t{compress}\t{rate:.1}\t{:.3}", size >> 10, c / rust);
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: bench LIBFODDER.SO");
    // SAFETY: it is the library fodder, whose loading does nothing.
    let library = unsafe { libloading::Library::new(&path) }.unwrap_or_else(|error| panic!("{path}: {error}"));

    println!("generate 1 GiB, GB/s: dgen-data, fodder in fresh memory, fodder in kept memory\n");
    println!("threads\tratios\tdgen\tfresh\t\tkept");
    let mut threads = vec![fodder::default_threads(), fodder::total_cpus()];
    threads.dedup();
    for threads in threads {
        for (dedup, compress) in [(1, 1), (1, 2), (2, 4)] {
            generate(threads, dedup, compress);
        }
    }
    println!("\nPlan::fill beside C's fodder_fill in {path}: GB/s, and how many times as fast as C\n");
    println!("KiB\tcompress\tGB/s\tx C");
    for size in [4 << 10, 1 << 20, GIB] {
        for compress in [1.0, 2.0] {
            fill(&library, size, compress);
        }
    }
}
