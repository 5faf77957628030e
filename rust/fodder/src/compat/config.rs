use std::sync::{Mutex, PoisonError};

use crate::{fresh_seed, Numa, Plan, Pool, Spec, Stream};

/// Whether threads and memory are placed on NUMA nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NumaMode {
    /// Where there is more than one.
    #[default]
    Auto,
    /// Even where there is one.
    Force,
    /// Never.
    Disabled,
}

/// What to generate. Start from `..Default::default()`: 1 MiB, factors of 1, half of the CPUs, a fresh seed.
#[derive(Debug, Clone)]
pub struct GeneratorConfig {
    /// Bytes.
    pub size: usize,
    /// Bytes / distinct bytes: 1 to 1,000,000; 0 is 1.
    pub dedup_factor: usize,
    /// Bytes / compressed bytes: 1 to 32; 0 is 1.
    pub compress_factor: usize,
    /// Whether threads and memory are placed.
    pub numa_mode: NumaMode,
    /// How many threads; half of the CPUs where it is none or 0.
    pub max_threads: Option<usize>,
    /// The id of the node where all of it is made.
    pub numa_node: Option<usize>,
    /// Bytes of what a duplicate is, fodder's unit: a power of two, 4 KiB to 64 MiB; 1 MiB where it is none.
    pub block_size: Option<usize>,
    /// Which data; fresh ones where it is none.
    pub seed: Option<u64>,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        GeneratorConfig {
            size: 1 << 20,
            dedup_factor: 1,
            compress_factor: 1,
            numa_mode: NumaMode::Auto,
            max_threads: None,
            numa_node: None,
            block_size: None,
            seed: None,
        }
    }
}

impl GeneratorConfig {
    fn spec(&self) -> Spec {
        Spec::new()
            .dedup(self.dedup_factor.max(1) as f64)
            .compress(self.compress_factor.max(1) as f64)
            .unit(self.block_size.unwrap_or(0) as u64)
            .seed(self.seed.unwrap_or_else(drawn_seed))
    }

    /// # Panics
    ///
    /// Where a field is not valid.
    pub(super) fn plan(&self) -> Plan {
        Plan::new(&self.spec()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn placed(&self) -> Placed {
        let numa = match (self.numa_node, self.numa_mode) {
            (Some(node), _) => Numa::Node(u32::try_from(node).unwrap_or(u32::MAX)),
            (None, NumaMode::Auto) => Numa::Auto,
            (None, NumaMode::Force) => Numa::Force,
            (None, NumaMode::Disabled) => Numa::Off,
        };

        (self.max_threads.unwrap_or(0), numa)
    }

    /// # Panics
    ///
    /// Where there is no such node, or a thread cannot be started.
    pub(super) fn pool(&self) -> Pool {
        pool(self.placed()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// # Panics
    ///
    /// Where a field is not valid.
    pub(super) fn stream(&self) -> Stream {
        let plan = self.plan();
        let pool = self.pool();

        Stream::new(&plan, self.size as u64)
            .unwrap_or_else(|error| panic!("size {}: {error}", self.size))
            .with_pool(&pool)
    }
}

/// Threads, and where they run.
type Placed = (usize, Numa);

/// Pools are kept: the originals' calls name threads and nodes, not pools.
fn pool(placed: Placed) -> Result<Pool, crate::Error> {
    static POOLS: Mutex<Vec<(Placed, Pool)>> = Mutex::new(Vec::new());

    if placed == (0, Numa::Auto) {
        return Ok(Pool::default());
    }
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, pool)) = pools.iter().find(|(of, _)| *of == placed) {
        return Ok(pool.clone());
    }
    let pool = Pool::builder().threads(placed.0).numa(placed.1).build()?;
    pools.push((placed, pool.clone()));
    Ok(pool)
}

/// # Panics
///
/// Where the system has no random bytes.
pub(super) fn drawn_seed() -> u64 {
    fresh_seed().unwrap_or_else(|error| panic!("no random seed from the system: {error}"))
}
