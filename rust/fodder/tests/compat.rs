//! The names of dgen_data and of s3dlio's data_gen_alt, beyond what the guide shows.

use fodder::compat::data_gen_alt::{optimal_chunk_size, ObjectGenAlt};
use fodder::compat::dgen_data::{
    generate_data, generate_data_simple, thread_local, DataGenerator, GeneratorConfig, NumaMode, NumaTopology,
    RollingPool, BLOCK_SIZE,
};
use fodder::{Plan, Spec, Topology};

fn config() -> GeneratorConfig {
    GeneratorConfig {
        size: 5_000_001,
        dedup_factor: 2,
        compress_factor: 3,
        numa_mode: NumaMode::Auto,
        max_threads: Some(2),
        numa_node: None,
        block_size: Some(65536),
        seed: Some(42),
    }
}

/// What the configuration means, made without the compat module.
fn expected() -> Vec<u8> {
    let spec = Spec::new().seed(42).dedup(2.0).compress(3.0).unit(65536);
    let mut data = vec![0; 5_000_001];

    Plan::new(&spec).unwrap().fill(0, &mut data).unwrap();
    data
}

#[test]
fn a_seed_is_the_same_data_in_every_way() {
    let expected = expected();
    let mut buffer = generate_data(config());

    assert!(buffer.as_slice() == expected);
    assert_eq!((buffer.len(), buffer.is_empty()), (5_000_001, false));
    assert_eq!(buffer.as_mut_ptr().cast_const(), buffer.as_ptr());
    buffer.as_mut_slice()[0] ^= 1;
    assert_ne!(buffer.as_slice()[0], expected[0]);
    let start = buffer.as_ptr();
    buffer.truncate(1000);
    buffer.truncate(2000);
    let bytes = buffer.into_bytes();
    assert_eq!(bytes[1..], expected[1..1000]);
    assert_eq!(bytes.as_ptr(), start);

    if !cfg!(feature = "numa") {
        return;
    }
    for numa_mode in [NumaMode::Force, NumaMode::Disabled] {
        assert!(generate_data(GeneratorConfig { numa_mode, ..config() }).as_slice() == expected);
    }
    let node = Topology::new()
        .unwrap()
        .nodes
        .iter()
        .find(|node| node.usable > 0)
        .unwrap()
        .id;
    let numa_node = Some(node as usize);
    assert!(generate_data(GeneratorConfig { numa_node, ..config() }).as_slice() == expected);
}

#[test]
fn a_generator_is_a_cursor() {
    let expected = expected();
    let (mut generator, mut chunk) = (DataGenerator::new(config()), vec![0; 1_234_567]);

    for _ in 0..2 {
        let mut data = Vec::new();
        while !generator.is_complete() {
            assert_eq!(generator.position(), data.len());
            let len = generator.fill_chunk(&mut chunk);
            data.extend_from_slice(&chunk[..len]);
        }
        assert!(data == expected);
        assert_eq!(
            (generator.fill_chunk(&mut chunk), generator.total_size()),
            (0, 5_000_001)
        );
        generator.reset();
    }
    generator.fill_chunk(&mut chunk);
    generator.set_seed(Some(7));
    assert_eq!(generator.position(), chunk.len());
    assert_eq!(generator.fill_chunk(&mut chunk), 1_234_567);
    assert!(chunk != expected[1_234_567..2 * 1_234_567]);
    generator.set_seed(Some(42));
    assert_eq!(generator.fill_chunk(&mut chunk), 1_234_567);
    assert!(chunk == expected[2 * 1_234_567..3 * 1_234_567], "back to what it was");
    assert!(DataGenerator::recommended_chunk_size() >= BLOCK_SIZE);
}

#[test]
fn without_a_seed_data_are_fresh() {
    let pair = [0, 1].map(|_| generate_data_simple(4096, 0, 0).into_bytes());

    assert_ne!(pair[0], pair[1]);
    let mut objects = [0, 1].map(|_| ObjectGenAlt::new(4096, 1, 1));
    let mut chunks = [[0; 4096]; 2];
    for (object, chunk) in objects.iter_mut().zip(&mut chunks) {
        assert_eq!(object.fill_chunk(chunk), 4096);
    }
    assert_ne!(chunks[0], chunks[1]);
    let first = chunks[0];
    objects[0].reset();
    assert_eq!(objects[0].position(), 0);
    objects[0].fill_chunk(&mut chunks[0]);
    assert_eq!(chunks[0], first, "reset brings the same");
    let mut seeded = [0, 1].map(|_| ObjectGenAlt::new_with_seed(4096, 1, 1, 5));
    for (object, chunk) in seeded.iter_mut().zip(&mut chunks) {
        object.fill_chunk(chunk);
    }
    assert_eq!(chunks[0], chunks[1]);
}

#[test]
fn what_cannot_be_is_named() {
    let refused = |config: GeneratorConfig| {
        let panic = std::panic::catch_unwind(|| generate_data(config)).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };

    for (config, word) in [
        (
            GeneratorConfig {
                compress_factor: 50,
                ..config()
            },
            "compress",
        ),
        (
            GeneratorConfig {
                dedup_factor: 1_000_001,
                ..config()
            },
            "dedup",
        ),
        (
            GeneratorConfig {
                block_size: Some(5000),
                ..config()
            },
            "unit",
        ),
        (
            GeneratorConfig {
                numa_node: Some(9999),
                ..config()
            },
            "node",
        ),
        (
            GeneratorConfig {
                max_threads: Some(5000),
                ..config()
            },
            "threads",
        ),
    ] {
        let why = refused(config);
        assert!(why.contains(word) || why.contains("-Dnuma=disabled"), "{why}");
    }
}

#[test]
fn slices_follow_each_other() {
    let mut pool = RollingPool::new(1, 2);
    let slices: Vec<_> = (0..300).map(|_| pool.next_slice(4096)).collect();
    let distinct: std::collections::HashSet<_> = slices.iter().collect();

    assert_eq!(distinct.len(), 300);
    assert_eq!(
        slices[0].as_ptr().wrapping_add(4096),
        slices[1].as_ptr(),
        "parts of one block"
    );
    assert_eq!(pool.remaining(), BLOCK_SIZE - (300 - 256) * 4096);
    assert_eq!(pool.next_slice(3 * BLOCK_SIZE).len(), 3 * BLOCK_SIZE);
    assert_eq!((pool.dedup(), pool.compress()), (1, 2));
    pool.reconfigure(3, 0);
    assert_eq!((pool.dedup(), pool.compress(), pool.remaining()), (3, 1, 0));

    assert_ne!(thread_local::next_slice(100), thread_local::next_slice(100));
    thread_local::reconfigure(2, 2);
    assert_eq!(thread_local::remaining(), 0);
}

#[test]
fn chunk_sizes_suit_the_object() {
    let mib = 1 << 20;

    assert_eq!(
        [100 * mib, 33 * mib, 16 * mib, 5].map(optimal_chunk_size),
        [64 * mib, 32 * mib, 16 * mib, 5]
    );
}

#[test]
fn the_nodes_are_those_of_the_topology() {
    let (machine, detected) = (Topology::new().unwrap(), NumaTopology::detect().unwrap());

    assert_eq!(detected.nodes.len(), machine.nodes.len());
    assert_eq!(detected.should_enable_numa_pinning(), machine.nodes.len() > 1);
    assert!(detected
        .deployment_type()
        .contains(if detected.is_uma { "UMA" } else { "NUMA" }));
    let first = &detected.nodes[0];
    assert_eq!(detected.cpus_for_node(first.node_id), Some(&first.cpus[..]));
    assert_eq!(detected.cpus_for_node(99_999), None);
}
