#![doc = include_str!("../README.md")]

mod buffer;
mod error;
mod plan;
mod pool;
mod raw;
mod spec;
mod stream;
mod topology;
mod verify;

#[cfg(feature = "async")]
mod async_chunks;

pub mod compat;

#[cfg(feature = "async")]
pub use async_chunks::AsyncChunks;
pub use buffer::{generate, Buffer, Memory, Part, Placed};
pub use error::Error;
pub use plan::Plan;
pub use pool::{Numa, Pages, Pool, PoolBuilder};
pub use spec::{fresh_seed, Codec, Spec};
pub use stream::{Chunks, Stream};
pub use topology::{default_threads, total_cpus, Cpu, Node, Topology};
pub use verify::{verify, Kind, Report, Run, Verifier, Verify};
