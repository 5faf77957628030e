//! What the reference's guide shows, with the `use` line changed and nothing else: it compiles, runs and holds.
//!
//! The guide's put of an object is in rust/upload, which has an S3 client.

use fodder::compat as s3dlio; // the one line

const MIB: usize = 1024 * 1024;

/// Bytes / bytes of what an ideal deduplicator of 1 MiB blocks stores.
fn dedup_of(data: &[u8]) -> f64 {
    let blocks = data.chunks(MIB);
    let distinct: std::collections::HashSet<_> = blocks.clone().collect();

    blocks.len() as f64 / distinct.len() as f64
}

#[test]
fn basic_usage() {
    use s3dlio::data_gen_alt::generate_controlled_data_alt;

    let data = generate_controlled_data_alt(
        100 * 1024 * 1024,
        1, // dedup factor
        1, // compress factor
    );

    assert_eq!(data.len(), 100 * 1024 * 1024);
    assert_eq!(dedup_of(&data), 1.0);
}

#[test]
fn advanced_configuration() {
    use s3dlio::data_gen_alt::{generate_data_with_config, total_cpus, GeneratorConfig, NumaMode};

    let config = GeneratorConfig {
        size: 100 * 1024 * 1024,
        dedup_factor: 2,
        compress_factor: 3,
        ..Default::default()
    };
    let data: bytes::Bytes = generate_data_with_config(config);
    assert_eq!(data.len(), 100 * MIB);
    assert_eq!(dedup_of(&data), 2.0);

    for config in [
        GeneratorConfig {
            max_threads: Some(total_cpus()),
            ..Default::default()
        },
        GeneratorConfig {
            max_threads: Some(4),
            ..Default::default()
        },
        GeneratorConfig {
            numa_mode: if cfg!(feature = "numa") {
                NumaMode::Force
            } else {
                NumaMode::Auto
            },
            ..Default::default()
        },
    ] {
        assert_eq!(generate_data_with_config(config).len(), MIB);
    }
}

#[test]
fn helper_functions() {
    use s3dlio::data_gen_alt::{default_data_gen_threads, total_cpus};

    let default_threads = default_data_gen_threads();
    let total = total_cpus();
    println!("Default threads: {default_threads} of {total} CPUs");

    assert_eq!(default_threads, (total / 2).max(1));
}

#[test]
fn real_world_data() {
    use s3dlio::data_gen_alt::generate_controlled_data_alt;

    let size = 48 * MIB;
    let db_data = generate_controlled_data_alt(size, 4, 2);
    let log_data = generate_controlled_data_alt(size, 2, 8);
    let vm_data = generate_controlled_data_alt(size, 8, 4);

    assert_eq!(
        [&db_data, &log_data, &vm_data].map(|data| dedup_of(data)),
        [4.0, 2.0, 8.0]
    );
}

#[test]
fn streaming() {
    use s3dlio::data_gen_alt::ObjectGenAlt;

    let (size, dedup, compress) = (10 * MIB + 1, 2, 3);
    let mut gen = ObjectGenAlt::new(size, dedup, compress);
    let mut chunk = vec![0u8; 4 * 1024 * 1024];
    let mut seen = Vec::new();

    while !gen.is_complete() {
        let written = gen.fill_chunk(&mut chunk);
        seen.push(written);
    }
    assert_eq!(seen, [4 * MIB, 4 * MIB, 2 * MIB + 1]);
}
