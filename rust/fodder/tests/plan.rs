//! Specs and plans: what they promise beside their bytes.

use fodder::{fresh_seed, Buffer, Codec, Error, Plan, Pool, Spec, Stream, Verifier};

fn sentence<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(why)) => why,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn a_bad_field_is_named() {
    for (spec, field) in [
        (Spec::new().dedup(0.5), "dedup"),
        (Spec::new().dedup(0.0), "dedup"),
        (Spec::new().dedup(f64::NAN), "dedup"),
        (Spec::new().compress(33.0), "compress"),
        (Spec::new().compress(f64::INFINITY), "compress"),
        (Spec::new().unit(5000), "unit"),
        (Spec::new().window(3), "window"),
        (Spec::new().generation(1 << 20), "generation"),
    ] {
        let why = sentence(Plan::new(&spec));
        assert!(why.starts_with(field), "{spec:?}: {why}");
    }
    assert!(sentence("fodder1:unit=5000".parse::<Spec>()).starts_with("unit"));
    assert!(sentence("fodder1:\0".parse::<Spec>()).contains("byte 0"));
}

#[test]
fn specs_are_texts() {
    let spec = Spec::new().seed(1).series(2).generation(3).dedup(1.5).compress(2.25);
    let spec = spec.unit(4096).window(8).codec(Codec::Zstd);
    let text = "fodder1:seed=1,series=2,generation=3,dedup=1.5,compress=2.25,unit=4KiB,window=8,codec=zstd";

    assert_eq!(spec.to_string(), text);
    assert_eq!(text.parse::<Spec>().unwrap(), spec);
    assert_eq!(Plan::new(&spec).unwrap().spec(), spec);
    // Not valid: shown as it is, for the one who looks for the error.
    assert!(Spec::new().unit(1).to_string().contains("unit: 1"));
}

#[test]
fn kernels_are_named() {
    let plan = Plan::with_kernel(&Spec::new(), "scalar").unwrap();

    assert_eq!(plan.kernel(), "scalar");
    assert!(sentence(Plan::with_kernel(&Spec::new(), "abacus")).contains("kernel"));
    assert!(sentence(Plan::with_kernel(&Spec::new(), "a\0")).contains("byte 0"));
}

#[test]
fn ranges_end_in_the_data_set() {
    let plan = Plan::new(&Spec::new().seed(1)).unwrap();
    let mut data = [0; 100];
    let limit = plan.limit();

    plan.fill(limit - 100, &mut data).unwrap();
    assert!(data.iter().any(|&byte| byte != 0));
    let filled = data;
    for offset in [limit - 99, limit, u64::MAX - 50, u64::MAX] {
        assert!(matches!(plan.fill(offset, &mut data), Err(Error::Range)), "{offset}");
        assert!(matches!(
            Pool::default().fill(&plan, offset, &mut data),
            Err(Error::Range)
        ));
        assert!(matches!(plan.verify(offset, &data), Err(Error::Range)));
        assert!(matches!(plan.count(offset, 100), Err(Error::Range)));
    }
    assert_eq!(data, filled, "what is refused writes nothing");
    assert!(matches!(Stream::new(&plan, limit + 1), Err(Error::Range)));
    assert_eq!(Stream::new(&plan, limit).unwrap().size(), limit);
    assert!(Error::Range.to_string().contains("data set"));
}

#[test]
fn units_are_counted() {
    let plan = Plan::new(&Spec::new().dedup(2.0).unit(4096)).unwrap();

    assert_eq!(plan.count(0, 1 << 22).unwrap(), (1024, 512));
}

#[test]
fn a_plan_is_shared_by_threads() {
    let plan = Plan::new(&Spec::new().seed(5).compress(2.0)).unwrap();
    let mut whole = vec![0; 1 << 20];

    plan.fill(0, &mut whole).unwrap();
    std::thread::scope(|scope| {
        for piece in whole.chunks(100_000).enumerate() {
            let plan = plan.clone();
            scope.spawn(move || {
                let mut again = vec![0; piece.1.len()];
                plan.fill(piece.0 as u64 * 100_000, &mut again).unwrap();
                assert_eq!(again, piece.1);
            });
        }
    });
}

#[test]
fn fresh_seeds_differ() {
    assert_ne!(fresh_seed().unwrap(), fresh_seed().unwrap());
}

#[test]
fn what_may_cross_threads_does() {
    fn both<T: Send + Sync>() {}
    fn send<T: Send>() {}

    both::<Plan>();
    both::<Pool>();
    both::<Buffer>();
    both::<Stream>();
    both::<Error>();
    send::<Verifier>();
}
