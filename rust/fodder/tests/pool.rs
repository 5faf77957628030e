//! Pools, and the memory that is placed for them.

use std::sync::Mutex;

use bytes::Bytes;
use fodder::{generate, Buffer, Error, Numa, Pages, Placed, Plan, Pool, Spec, Topology};

/// Without it, the library refuses what asks for placing.
const PLACES: bool = cfg!(feature = "numa");

fn plan() -> Plan {
    Plan::new(&Spec::new().seed(9).dedup(2.0).compress(3.0).unit(65536)).unwrap()
}

#[test]
fn pools_make_the_same_bytes() {
    let plan = plan();
    let mut expected = vec![0; 5_000_000];
    plan.fill(12345, &mut expected).unwrap();

    let force = if PLACES { Numa::Force } else { Numa::Auto };
    for (threads, numa) in [(1, Numa::Auto), (2, force), (3, Numa::Off), (7, Numa::Auto)] {
        let pool = Pool::builder().threads(threads).numa(numa).build().unwrap();
        let mut data = vec![0; expected.len()];

        assert_eq!(pool.threads(), threads);
        pool.fill(&plan, 12345, &mut data).unwrap();
        assert!(data == expected, "{threads} threads, {numa:?}");
        assert!(pool.verify(&plan, 12345, &data).unwrap().ok());
        assert!(*pool.generate(&plan, 12345, expected.len()).unwrap() == expected);
    }
    assert_eq!(Pool::default().threads(), fodder::default_threads());
}

#[test]
fn what_a_pool_cannot_be_is_told() {
    let nodes = Topology::new().unwrap().nodes;
    let none = nodes.iter().map(|node| node.id).max().unwrap() + 1;

    for (builder, word) in [
        (Pool::builder().threads(1025), "threads"),
        (Pool::builder().threads(usize::MAX), "threads"),
        (
            Pool::builder().numa(Numa::Node(none)),
            if PLACES { "node" } else { "numa" },
        ),
    ] {
        match builder.build() {
            Err(Error::Invalid(why)) => assert!(why.contains(word), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let first = nodes.iter().find(|node| node.usable > 0).unwrap().id;
    assert_eq!(Pool::builder().numa(Numa::Node(first)).build().is_ok(), PLACES);
}

#[test]
fn buffers_are_placed_memory() {
    let pool = Pool::builder().threads(2).build().unwrap();
    let mut buffer = pool.buffer(5 << 20).unwrap();

    assert_eq!(buffer.len(), 5 << 20);
    assert_eq!(buffer.as_ptr() as usize % (2 << 20), 0);
    assert_eq!(buffer.spec(), None);
    assert!(!buffer.memory().reused && buffer.memory().page >= 4096);
    buffer.fill(7);
    assert!(buffer.iter().all(|&byte| byte == 7));

    let parts: Vec<_> = buffer.parts().collect();
    assert_eq!(parts.first().unwrap().range.start, 0);
    assert_eq!(parts.last().unwrap().range.end, buffer.len());
    assert!(parts.windows(2).all(|pair| pair[0].range.end == pair[1].range.start));
    assert!(parts.len() > 1 || buffer.memory().placed != Placed::Bound || Topology::new().unwrap().nodes.len() == 1);

    assert!(pool.buffer(0).unwrap().is_empty());
    assert!(matches!(pool.buffer(usize::MAX), Err(Error::System(_))));
}

#[cfg(all(feature = "numa", feature = "thread-pinning"))]
#[test]
fn memory_is_placed_where_forced() {
    let forced = Pool::builder().numa(Numa::Force).build().unwrap();

    assert_ne!(forced.buffer(8 << 20).unwrap().memory().placed, Placed::BySystem);
}

#[test]
fn memory_is_kept_as_far_as_said() {
    let kept = Pool::builder().build().unwrap();
    let none = Pool::builder().keep(0).pages(Pages::Small).build().unwrap();

    drop(kept.buffer(8 << 20).unwrap());
    assert!(kept.buffer(8 << 20).unwrap().memory().reused);
    drop(none.buffer(8 << 20).unwrap());
    let again = none.buffer(8 << 20).unwrap();
    assert!(!again.memory().reused);
    assert!(again.memory().page < 1 << 20, "small pages");
}

#[test]
fn buffers_outlive_their_pool() {
    let pool = Pool::builder().threads(2).build().unwrap();
    let data = Bytes::from(pool.generate(&plan(), 0, 3 << 20).unwrap());
    let part = data.slice(1 << 20..);

    drop(pool);
    drop(data);
    let sum = std::thread::spawn(move || plan().verify(1 << 20, &part).unwrap());
    assert!(sum.join().unwrap().ok());
}

#[test]
fn generating_copies_nothing_and_tells_its_spec() {
    let buffer = Buffer::generate(3 << 20, 2.0, 3.0).unwrap();
    let (at, spec) = (buffer.as_ptr(), buffer.spec().unwrap());
    let data = Bytes::from(buffer);

    assert_eq!(data.as_ptr(), at);
    assert_eq!((spec.dedup, spec.compress), (2.0, 3.0));
    assert!(fodder::verify(&Plan::new(&spec).unwrap(), 0, &data).unwrap().ok());
    assert_ne!(generate(4096, 1.0, 1.0).unwrap(), generate(4096, 1.0, 1.0).unwrap());
    assert!(generate(0, 1.0, 1.0).unwrap().is_empty());
    for (dedup, compress) in [(0.0, 1.0), (1.0, 0.0), (0.9, 1.0), (1.0, 32.1), (f64::NAN, 1.0)] {
        assert!(matches!(generate(100, dedup, compress), Err(Error::Invalid(_))));
    }
}

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        if record.target() == "fodder" && record.level() == log::Level::Debug {
            SAID.lock().unwrap().push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

#[test]
fn decisions_are_logged() {
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    Pool::builder().threads(3).build().unwrap();
    assert!(SAID
        .lock()
        .unwrap()
        .iter()
        .any(|sentence| sentence.contains("3 threads")));
}

#[test]
fn the_machine_is_told() {
    let machine = Topology::new().unwrap();

    assert_eq!(machine.total, fodder::total_cpus());
    assert_eq!(machine.threads, fodder::default_threads());
    assert!(machine.cpus.iter().all(|cpu| cpu.node < machine.nodes.len()));
    assert_eq!(machine.usable, machine.cpus.iter().filter(|cpu| cpu.usable).count());
    assert_eq!(machine.distance(0, 0), 10);
    assert!(machine.memory > 0 && machine.page >= 4096);
    assert!(matches!(Topology::of("/no/such/place"), Err(Error::System(_))));
}
