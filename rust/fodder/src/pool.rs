use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::{Arc, OnceLock};

use fodder_sys as sys;

use crate::raw::{RawPool, RawTopology};
use crate::{error, Buffer, Error, Plan, Report, Verify};

/// Where threads and memory lie on a machine of several NUMA nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numa {
    /// Placed where the process can use more than one node.
    #[default]
    Auto,
    /// Placed even on one node.
    Force,
    /// Left to the system.
    Off,
    /// All of it on the node with this id.
    Node(u32),
}

/// The pages of a pool's buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pages {
    /// Transparent huge pages where the system has them.
    #[default]
    Auto,
    /// Explicit huge pages, reserved by the administrator; as `Auto` where too few are free.
    Explicit,
    /// Small ones.
    Small,
}

/// What a pool is to be. Every choice has a default.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PoolBuilder {
    threads: usize,
    numa: Numa,
    pages: Pages,
    keep: Option<u64>,
}

impl PoolBuilder {
    /// How many threads fill at once, to 1024; [`default_threads`](crate::default_threads) by default.
    pub fn threads(self, threads: usize) -> Self {
        PoolBuilder { threads, ..self }
    }

    /// Where threads and memory lie.
    pub fn numa(self, numa: Numa) -> Self {
        PoolBuilder { numa, ..self }
    }

    /// The pages of its buffers.
    pub fn pages(self, pages: Pages) -> Self {
        PoolBuilder { pages, ..self }
    }

    /// Bytes of dropped buffers that are kept for the next; by default a quarter of the memory available. 0 keeps none.
    pub fn keep(self, bytes: u64) -> Self {
        PoolBuilder {
            keep: Some(bytes),
            ..self
        }
    }

    /// Starts the threads. What was decided goes to the [`log`] facade, at the level of debug.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many threads, or a node that does not exist or has no usable CPU; [`Error::System`]
    /// where a thread cannot be started.
    pub fn build(self) -> Result<Pool, Error> {
        let options = self.raw();
        let mut pool = ptr::null_mut();

        check(&options)?;
        // SAFETY: a place for the pool, and whole options, which are copied.
        error::check(unsafe { sys::fodder_pool_new(&mut pool, &options) }, ptr::null())?;
        Ok(Pool(Some(Arc::new(RawPool::own(pool)))))
    }

    fn raw(&self) -> sys::fodder_pool_options {
        let (numa, node) = match self.numa {
            Numa::Auto => (sys::FODDER_NUMA_AUTO, 0),
            Numa::Force => (sys::FODDER_NUMA_FORCE, 0),
            Numa::Off => (sys::FODDER_NUMA_OFF, 0),
            Numa::Node(node) => (sys::FODDER_NUMA_NODE, node),
        };

        sys::fodder_pool_options {
            options_size: std::mem::size_of::<sys::fodder_pool_options>(),
            threads: u32::try_from(self.threads).unwrap_or(u32::MAX),
            numa,
            node,
            pages: match self.pages {
                Pages::Auto => sys::FODDER_PAGES_AUTO,
                Pages::Explicit => sys::FODDER_PAGES_EXPLICIT,
                Pages::Small => sys::FODDER_PAGES_SMALL,
            },
            // In C, 0 is the default.
            keep: match self.keep {
                None => 0,
                Some(0) => u64::MAX,
                Some(bytes) => bytes,
            },
            decision: Some(decided),
            user: ptr::null_mut(),
        }
    }
}

/// Are these options valid on this machine? The library says why not.
fn check(options: &sys::fodder_pool_options) -> Result<(), Error> {
    let mut topology = ptr::null_mut();
    let mut why = ptr::null();

    // SAFETY: a place for the topology of this machine.
    let read = unsafe { sys::fodder_topology_new(&mut topology, ptr::null()) };
    error::check(read, ptr::null())?;
    let topology = RawTopology::own(topology);
    // SAFETY: both live, and a place for a static sentence; what is not asked for is null.
    let laid = unsafe { sys::fodder_pool_layout(topology.get(), options, ptr::null_mut(), ptr::null_mut(), &mut why) };
    error::check(laid, why)
}

unsafe extern "C" fn decided(_: *mut c_void, sentence: *const c_char) {
    // SAFETY: the library gives a text that lives through this call, and so does what is made of it here.
    log::debug!(target: "fodder", "{}", unsafe { std::ffi::CStr::from_ptr(sentence) }.to_string_lossy());
}

/// Threads that wait for work, placed on the machine. A clone is the same pool; any number of threads may use it at once.
///
/// ```
/// use fodder::{Plan, Pool, Spec};
///
/// let plan = Plan::new(&Spec::new().seed(42).dedup(2.0))?;
/// let pool = Pool::builder().threads(4).build()?;
/// let mut data = vec![0; 16 << 20];
///
/// pool.fill(&plan, 0, &mut data)?;
/// assert!(pool.verify(&plan, 0, &data)?.ok());
/// # Ok::<(), fodder::Error>(())
/// ```
///
/// After a fork the child's pool has its threads again as soon as it is used.
#[derive(Debug, Clone)]
pub struct Pool(Option<Arc<RawPool>>);

impl Default for Pool {
    /// The process's own pool, with the default options: made at first use, and never ended.
    fn default() -> Self {
        static OWN: OnceLock<Pool> = OnceLock::new();

        OWN.get_or_init(|| {
            PoolBuilder::default().build().unwrap_or_else(|error| {
                log::warn!(target: "fodder", "no pool of threads, data are made by their callers: {error}");
                Pool(None)
            })
        })
        .clone()
    }
}

impl Pool {
    /// With other options than the default ones.
    pub fn builder() -> PoolBuilder {
        PoolBuilder::default()
    }

    /// Null is the library's own pool, and where that cannot have threads, the calling thread.
    pub(crate) fn raw(&self) -> *mut sys::fodder_pool {
        self.0.as_ref().map_or(ptr::null_mut(), |pool| pool.get())
    }

    /// How many threads fill at once.
    pub fn threads(&self) -> usize {
        // SAFETY: the pool lives.
        unsafe { sys::fodder_pool_threads(self.raw()) as usize }
    }

    /// [`Plan::fill`] by all of the threads: the same bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where they end past [`Plan::limit`].
    pub fn fill(&self, plan: &Plan, offset: u64, data: &mut [u8]) -> Result<(), Error> {
        plan.check_range(offset, data.len() as u64)?;
        // SAFETY: both live; data is that long, and writable.
        unsafe { sys::fodder_pool_fill(self.raw(), plan.raw(), offset, data.as_mut_ptr().cast(), data.len()) };
        Ok(())
    }

    /// [`Plan::verify`] by all of the threads: the same report.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where the range ends past [`Plan::limit`], [`Error::System`] where there is no memory.
    pub fn verify(&self, plan: &Plan, offset: u64, data: &[u8]) -> Result<Report, Error> {
        Verify::new(plan).pool(self).data(offset, data)
    }

    /// Memory of `len` bytes, on huge pages where they can be had, each part on the node whose threads fill it. It
    /// starts on 4096 bytes, on 2 MiB where it has so many. What it holds may be what a dropped buffer held.
    ///
    /// # Errors
    ///
    /// [`Error::System`] where there is no memory.
    pub fn buffer(&self, len: usize) -> Result<Buffer, Error> {
        Buffer::new(self, len)
    }

    /// The `len` bytes of a plan from `offset` on, in a buffer of this pool.
    ///
    /// # Errors
    ///
    /// As [`Pool::buffer`] and [`Pool::fill`].
    pub fn generate(&self, plan: &Plan, offset: u64, len: usize) -> Result<Buffer, Error> {
        plan.check_range(offset, len as u64)?;
        let mut buffer = self.buffer(len)?;

        self.fill(plan, offset, &mut buffer)?;
        Ok(buffer.of(plan))
    }
}
