//! Every kind of wrong bytes, made on purpose and found.

use std::io::Write;

use fodder::{Error, Kind, Plan, Pool, Run, Spec, Verify};

const UNIT: usize = 65536;
const SIZE: usize = 64 * UNIT;

fn plan() -> Plan {
    Plan::new(&Spec::new().seed(42).compress(2.0).unit(UNIT as u64)).unwrap()
}

fn made(plan: &Plan, offset: u64, len: usize) -> Vec<u8> {
    let mut data = vec![0; len];

    plan.fill(offset, &mut data).unwrap();
    data
}

/// Spoils a data set in a way of its own for each kind, and tells the run that must be found.
fn spoilt() -> (Vec<u8>, Plan, Vec<(Kind, u64, u64)>) {
    let plan = plan();
    let other = Plan::new(&plan.spec().seed(43)).unwrap();
    let older = Plan::new(&plan.spec().generation(7)).unwrap();
    let mut data = made(&plan, 0, SIZE);
    let mut put = |unit: usize, bytes: &[u8]| data[unit * UNIT..][..bytes.len()].copy_from_slice(bytes);

    put(1, &[0; 4096]);
    put(3, &[0xa5; 512]);
    put(5, &made(&plan, 10 * UNIT as u64, 8192));
    put(7, &made(&older, 7 * UNIT as u64, UNIT));
    put(9, &made(&other, 20 * UNIT as u64, 1024));
    data[11 * UNIT + 1000] ^= 0x18;
    let at = |unit: usize| (unit * UNIT) as u64;
    let runs = vec![
        (Kind::Zeroed, at(1), 4096),
        (Kind::Constant { value: 0xa5 }, at(3), 512),
        (
            Kind::Misplaced {
                source: at(10),
                generation: 0,
            },
            at(5),
            8192,
        ),
        (Kind::Stale { generation: 7 }, at(7), UNIT as u64),
        (
            Kind::Foreign {
                plan: 1,
                source: at(20),
                generation: 0,
            },
            at(9),
            1024,
        ),
        (Kind::Corrupt, at(11) + 512, 512),
    ];
    (data, other, runs)
}

fn told(runs: &[Run]) -> Vec<(Kind, u64, u64)> {
    runs.iter().map(|run| (run.kind, run.offset, run.len)).collect()
}

#[test]
fn every_kind_is_told() {
    let (data, other, expected) = spoilt();
    let stranger = Plan::new(&plan().spec().series(99)).unwrap();
    let pool = Pool::builder().threads(3).build().unwrap();
    let verify = Verify::new(&plan()).foreign([&stranger, &other]);

    let report = verify.data(0, &data).unwrap();
    assert_eq!(told(&report.runs), expected);
    assert_eq!((report.ok(), report.bytes, report.more_runs), (false, SIZE as u64, 0));
    let corrupt = report.runs[5];
    assert_eq!(
        (corrupt.first, corrupt.last),
        (11 * UNIT as u64 + 1000, 11 * UNIT as u64 + 1000)
    );
    assert_eq!((corrupt.bytes, corrupt.bits), (1, 2));
    assert_eq!(report.bad, report.runs.iter().map(|run| run.bytes).sum::<u64>());
    assert_eq!(verify.pool(&pool).data(0, &data).unwrap(), report);

    let names: Vec<_> = report.runs.iter().map(|run| run.kind.name()).collect();
    assert_eq!(
        names,
        ["zeroed", "constant", "misplaced", "stale", "foreign", "corrupt"]
    );
    assert_eq!(report.runs[1].to_string(), "512 bytes at 196608: constant (0xa5)");
    // Without its plan, what is foreign is corrupt.
    assert_eq!(plan().verify(0, &data).unwrap().runs[4].kind, Kind::Corrupt);
}

#[test]
fn pieces_tell_the_same() {
    let (data, other, _) = spoilt();
    let whole = Verify::new(&plan()).foreign([&other]).data(0, &data).unwrap();

    for (piece, threads) in [(1000, 0), (UNIT + 1, 0), (SIZE, 2), (1 << 20, 2)] {
        let verify = Verify::new(&plan()).foreign([&other]);
        let verify = if threads > 0 {
            verify.pool(&Pool::builder().threads(threads).build().unwrap())
        } else {
            verify
        };
        let mut verifier = verify.start(0, Some(SIZE as u64)).unwrap();
        for part in data.chunks(piece) {
            verifier.write_all(part).unwrap();
        }
        assert_eq!(verifier.end(), whole, "pieces of {piece}");
    }
}

#[test]
fn what_does_not_come_is_missing() {
    let (plan, data) = (plan(), made(&plan(), 0, 2 * UNIT));
    let start = |len| Verify::new(&plan).start(0, len).unwrap();

    let mut verifier = start(Some(3 * UNIT as u64));
    verifier.add(&data).unwrap();
    let report = verifier.end();
    assert_eq!(told(&report.runs), [(Kind::Missing, 2 * UNIT as u64, UNIT as u64)]);
    assert_eq!(report.bad, UNIT as u64);

    let mut verifier = start(Some(3 * UNIT as u64));
    verifier.add(&data).unwrap();
    assert!(verifier.stop().ok(), "nobody read on");

    let mut verifier = start(None);
    verifier.add(&data).unwrap();
    assert!(verifier.end().ok(), "it may end anywhere");
}

#[test]
fn parts_are_passed_over() {
    let (plan, mut data) = (plan(), made(&plan(), 0, 2 * UNIT));
    let mut verifier = Verify::new(&plan).start(0, Some(2 * UNIT as u64)).unwrap();

    data[100] ^= 1;
    verifier.skip(UNIT as u64).unwrap();
    verifier.add(&data[UNIT..]).unwrap();
    assert!(
        matches!(verifier.add(&[1]), Err(Error::Range)),
        "past the end of the range"
    );
    assert!(matches!(verifier.skip(1), Err(Error::Range)));
    let report = verifier.end();
    assert_eq!((report.bytes, report.ok()), (UNIT as u64, true));
    assert!(matches!(
        Verify::new(&plan).start(plan.limit(), Some(1)),
        Err(Error::Range)
    ));
}

#[test]
fn many_runs_are_counted() {
    let (plan, mut data) = (plan(), made(&plan(), 0, SIZE));

    for sector in data.chunks_mut(1024) {
        sector[0] ^= 1;
    }
    let report = plan.verify(0, &data).unwrap();
    assert_eq!(
        (report.runs.len(), report.more_runs),
        (1000, (SIZE / 1024 - 1000) as u64)
    );
}

#[test]
fn a_torn_unit_is_marked() {
    let (plan, mut data) = (plan(), made(&plan(), 0, UNIT));

    data[20480..].fill(0);
    let report = plan.verify(0, &data).unwrap();
    assert!(report.runs[0].torn);
    assert_eq!(report.runs[0].to_string(), "45056 bytes at 20480: zeroed, torn");
}
