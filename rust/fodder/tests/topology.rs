//! Other machines, of which the C library's tests have copies, read by the crate.

use std::fs;
use std::path::PathBuf;

use fodder::compat::dgen_data::NumaTopology;
use fodder::Topology;

/// Unpacks a machine's /sys and /proc: each line is a path and what the file says, with \n and \t for what they are in C.
fn machine(name: &str) -> Topology {
    let list = format!(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/machines/{}.txt"),
        name
    );
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);

    let _ = fs::remove_dir_all(&root);
    for line in fs::read_to_string(list)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (path, text) = line.split_once(' ').unwrap_or((line, ""));
        let file = root.join(path);

        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text.replace("\\n", "\n").replace("\\t", "\t") + "\n").unwrap();
    }
    Topology::of(root).unwrap()
}

#[test]
fn two_sockets() {
    let machine = machine("two-sockets");
    let numa = NumaTopology::from(&machine);

    assert_eq!((machine.cpus.len(), machine.nodes.len(), machine.usable), (16, 2, 16));
    assert_eq!((machine.total, machine.threads, machine.quota), (16, 8, None));
    assert_eq!((machine.distance(0, 0), machine.distance(0, 1)), (10, 21));
    assert_eq!(machine.cache, [48 << 10, 2 << 20, 36 << 20]);
    assert_eq!(machine.huge_page_free, 512);
    assert_eq!(
        (machine.cpus[12].core, machine.cpus[12].cache, machine.cpus[12].node),
        (4, 4, 1)
    );
    assert_eq!(
        (numa.num_nodes, numa.physical_cores, numa.logical_cpus, numa.is_uma),
        (2, 8, 16, false)
    );
    assert_eq!(numa.cpus_for_node(1), Some(&[4, 5, 6, 7, 12, 13, 14, 15][..]));
    assert!((numa.nodes[0].memory_gb - 62.66).abs() < 0.01);
}

#[test]
fn a_quota() {
    let machine = machine("cgroup-v2");

    assert_eq!(
        (machine.usable, machine.quota, machine.total, machine.threads),
        (8, Some(2.5), 2, 1)
    );
    assert_eq!(machine.memory, 3 << 30);
}

#[test]
fn a_cpuset() {
    let machine = machine("cpuset");
    let usable: Vec<_> = machine
        .cpus
        .iter()
        .filter(|cpu| cpu.usable)
        .map(|cpu| cpu.node)
        .collect();

    assert_eq!(usable, [0; 4]);
    assert_eq!(
        machine
            .nodes
            .iter()
            .map(|node| (node.usable, node.bindable))
            .collect::<Vec<_>>(),
        [(4, true), (0, false)]
    );
}
