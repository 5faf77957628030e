use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::{ptr, slice};

use fodder_sys as sys;

use crate::raw::RawTopology;
use crate::{error, Error};

/// The CPUs that this process may use: affinity, control groups' sets and quotas together; at least 1.
pub fn total_cpus() -> usize {
    // SAFETY: it takes nothing.
    unsafe { sys::fodder_total_cpus() as usize }
}

/// How many threads fill by default: half of [`total_cpus`], at least 1. The other half does the I/O.
pub fn default_threads() -> usize {
    // SAFETY: it takes nothing.
    unsafe { sys::fodder_default_threads() as usize }
}

/// A CPU that is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cpu {
    /// The system's number.
    pub id: u32,
    /// Its node: an index into [`Topology::nodes`].
    pub node: usize,
    /// CPUs of equal core are SMT siblings: the lowest id among them.
    pub core: u32,
    /// CPUs of equal cache share the last cache: the lowest id among them.
    pub cache: u32,
    /// Whether this process may run on it.
    pub usable: bool,
}

/// A NUMA node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The system's number; numbers may have holes.
    pub id: u32,
    /// CPUs that are online; 0 on a node of memory only.
    pub cpus: u32,
    /// How many of them this process may use.
    pub usable: u32,
    /// Whether this process may have memory on it.
    pub bindable: bool,
    /// Bytes; 0 on a node without memory.
    pub memory: u64,
}

/// What the system tells of the machine and of this process's share of it.
///
/// ```
/// let machine = fodder::Topology::new()?;
/// println!("{} nodes, {} of {} CPUs usable", machine.nodes.len(), machine.usable, machine.cpus.len());
/// # Ok::<(), fodder::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Topology {
    /// Online, by id.
    pub cpus: Vec<Cpu>,
    /// By id; at least one.
    pub nodes: Vec<Node>,
    /// CPUs online in the affinity mask.
    pub usable: usize,
    /// [`total_cpus`]
    pub total: usize,
    /// [`default_threads`]
    pub threads: usize,
    /// CPUs that the control groups' quotas allow, such as 2.5.
    pub quota: Option<f64>,
    /// Bytes of the data caches of levels 1 to 3, of the first CPU; 0 where not told.
    pub cache: [u64; 3],
    /// Bytes that can be had without swapping, within the control groups' limits.
    pub memory: u64,
    /// Bytes of a page.
    pub page: u64,
    /// Bytes of a transparent huge page; 0 where there are none.
    pub huge_page: u64,
    /// How many explicit huge pages of that size are free.
    pub huge_page_free: u64,
    distances: Vec<u8>,
}

impl Topology {
    /// Reads this machine's.
    ///
    /// # Errors
    ///
    /// [`Error::System`] where there is no memory.
    pub fn new() -> Result<Self, Error> {
        Topology::read(ptr::null())
    }

    /// Reads that of another machine, of which `root` holds a copy of /sys and /proc.
    ///
    /// # Errors
    ///
    /// [`Error::System`] where `root` cannot be read.
    pub fn of(root: impl AsRef<Path>) -> Result<Self, Error> {
        let root = CString::new(root.as_ref().as_os_str().as_bytes())
            .map_err(|_| Error::Invalid("a path has no byte 0".into()))?;

        Topology::read(root.as_ptr())
    }

    /// From the node of one index of [`Topology::nodes`] to that of another: 10 is near, 255 far or unknown.
    ///
    /// # Panics
    ///
    /// Where there is no such node.
    pub fn distance(&self, from: usize, to: usize) -> u8 {
        assert!(
            from.max(to) < self.nodes.len(),
            "nodes {from}, {to} of {}",
            self.nodes.len()
        );
        self.distances[from * self.nodes.len() + to]
    }

    fn read(root: *const std::os::raw::c_char) -> Result<Self, Error> {
        let mut read = ptr::null_mut();

        // SAFETY: a place for the topology; a path that ends with 0, or none.
        error::check(unsafe { sys::fodder_topology_new(&mut read, root) }, ptr::null())?;
        let read = RawTopology::own(read);
        // SAFETY: it lives, and never changes; its arrays have the lengths that it says, and at least one element.
        let (raw, cpus, nodes, distances) = unsafe {
            let raw = &*read.get();
            let nodes = raw.node_count;
            (
                raw,
                slice::from_raw_parts(raw.cpus, raw.cpu_count),
                slice::from_raw_parts(raw.nodes, nodes),
                slice::from_raw_parts(raw.distances, nodes * nodes),
            )
        };

        Ok(Topology {
            cpus: cpus.iter().map(Cpu::from_raw).collect(),
            nodes: nodes.iter().map(Node::from_raw).collect(),
            usable: raw.usable as usize,
            total: raw.total as usize,
            threads: raw.threads as usize,
            quota: (raw.quota > 0.0).then_some(raw.quota),
            cache: raw.cache,
            memory: raw.memory,
            page: raw.page,
            huge_page: raw.huge_page,
            huge_page_free: raw.huge_page_free,
            distances: distances.into(),
        })
    }
}

impl Cpu {
    fn from_raw(raw: &sys::fodder_cpu) -> Self {
        Cpu {
            id: raw.id,
            node: raw.node as usize,
            core: raw.core,
            cache: raw.cache,
            usable: raw.usable == 1,
        }
    }
}

impl Node {
    fn from_raw(raw: &sys::fodder_node) -> Self {
        Node {
            id: raw.id,
            cpus: raw.cpus,
            usable: raw.usable,
            bindable: raw.bindable == 1,
            memory: raw.memory,
        }
    }
}
