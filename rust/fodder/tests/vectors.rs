//! The bytes of format 1: the same file of vectors as C and Python read.

use fodder::{Plan, Spec};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/format1.txt");

fn value(data: &[u8]) -> String {
    if data.len() <= 64 {
        return data.iter().map(|byte| format!("{byte:02x}")).collect();
    }
    let fnv = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("fnv:{fnv:016x}")
}

#[test]
fn bytes_are_those_of_the_vectors() {
    let text = std::fs::read_to_string(VECTORS).unwrap();
    let mut seen = 0;

    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let spec: Spec = words[0].parse().unwrap();
        let (offset, len): (u64, usize) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        let plan = Plan::new(&spec).unwrap();
        let mut data = vec![0; len];

        assert_eq!(spec.to_string(), words[0]);
        // Past the end of the data set, where C wraps, Rust refuses.
        if plan.fill(offset, &mut data).is_ok() {
            assert_eq!(value(&data), words[3], "{line}");
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
}
