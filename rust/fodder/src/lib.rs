//! Test data for storage with a true dedup and compress ratio, made at the speed of memory.
//!
//! `bytes = f(spec, offset)`: a [`Spec`] says what the bytes are, a [`Plan`] is a spec made ready, and fills any range of
//! them, in any order, on any number of threads, the same on every machine.
#![warn(missing_docs)]
#![allow(clippy::missing_safety_doc)]

mod error;
mod plan;
mod spec;

pub use error::Error;
pub use plan::Plan;
pub use spec::{Codec, Spec};

/// The CPUs that this process may use: affinity, control groups' sets and quotas together; at least 1.
pub fn total_cpus() -> usize {
    unsafe { fodder_sys::fodder_total_cpus() as usize }
}

/// How many threads fill by default: half of [`total_cpus`], at least 1. The other half does the I/O.
pub fn default_threads() -> usize {
    unsafe { fodder_sys::fodder_default_threads() as usize }
}
