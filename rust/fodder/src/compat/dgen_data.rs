//! The crate `dgen_data`: `generate_data`, `DataGenerator`, `DataBuffer`, `RollingPool`, `NumaTopology`.
//!
//! Of the original's names, those about vectors of numbers (`fill_uniform_f32` and its like) and `global_pool` are not
//! here: the first are no data of storage, the second is a type of rayon.

use std::io::{Read, Seek};

use bytes::Bytes;

pub use super::config::{GeneratorConfig, NumaMode};
pub use super::numa::{NumaNode, NumaTopology};
use crate::{Buffer, Plan, Pool, Stream};

/// What a duplicate is by default.
pub const BLOCK_SIZE: usize = 1 << 20;

/// Memory that holds data: a slice of bytes, which becomes [`Bytes`] without a copy.
#[derive(Debug)]
pub struct DataBuffer {
    buffer: Buffer,
    len: usize,
}

impl DataBuffer {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// The bytes, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.buffer[..self.len]
    }

    /// Where they are.
    pub fn as_ptr(&self) -> *const u8 {
        self.buffer.as_ptr()
    }

    /// Where they are, to be changed.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.buffer.as_mut_ptr()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Leaves the first `size` bytes, where there are more.
    pub fn truncate(&mut self, size: usize) {
        self.len = self.len.min(size);
    }

    /// The same memory as [`Bytes`].
    pub fn into_bytes(self) -> Bytes {
        let mut bytes = Bytes::from(self.buffer);

        bytes.truncate(self.len);
        bytes
    }
}

/// All of a configuration's bytes.
///
/// # Panics
///
/// Where a field is not valid, or there is no memory.
pub fn generate_data(config: GeneratorConfig) -> DataBuffer {
    let buffer = config
        .pool()
        .generate(&config.plan(), 0, config.size)
        .unwrap_or_else(|error| panic!("size {}: {error}", config.size));

    DataBuffer {
        len: buffer.len(),
        buffer,
    }
}

/// `size` bytes with these ratios, of a fresh seed, by half of the CPUs.
///
/// # Panics
///
/// As [`generate_data`].
pub fn generate_data_simple(size: usize, dedup: usize, compress: usize) -> DataBuffer {
    generate_data(GeneratorConfig {
        size,
        dedup_factor: dedup,
        compress_factor: compress,
        ..Default::default()
    })
}

/// A configuration's bytes, chunk by chunk, in the memory of the chunk.
#[derive(Debug)]
pub struct DataGenerator {
    config: GeneratorConfig,
    stream: Stream,
}

impl DataGenerator {
    /// At the first byte.
    ///
    /// # Panics
    ///
    /// Where a field is not valid.
    pub fn new(config: GeneratorConfig) -> Self {
        DataGenerator {
            stream: config.stream(),
            config,
        }
    }

    /// Fills the buffer, or as much of it as bytes are left, and returns how many; 0 at the end.
    pub fn fill_chunk(&mut self, buf: &mut [u8]) -> usize {
        self.stream.read(buf).expect("the stream's range was checked")
    }

    /// Back to the first byte: the same data come again.
    pub fn reset(&mut self) {
        self.stream.rewind().expect("every stream has a first byte");
    }

    /// What comes from here on is that of another seed; of a fresh one where it is none.
    pub fn set_seed(&mut self, seed: Option<u64>) {
        let position = self.stream.position();

        self.config.seed = seed;
        self.stream = self.config.stream();
        self.stream
            .seek(std::io::SeekFrom::Start(position))
            .expect("it is as long as the one before");
    }

    /// Bytes given so far.
    pub fn position(&self) -> usize {
        self.stream.position() as usize
    }

    /// Bytes in all.
    pub fn total_size(&self) -> usize {
        self.config.size
    }

    /// Whether all bytes have been given.
    pub fn is_complete(&self) -> bool {
        self.stream.remaining() == 0
    }

    /// Bytes that a caller best asks for at once.
    pub fn recommended_chunk_size() -> usize {
        32 << 20
    }
}

/// Many small buffers: each slice holds the next bytes of one data set, so that no two are alike but as dedup says.
#[derive(Debug)]
pub struct RollingPool {
    plan: Plan,
    position: u64,
    block: Bytes,
    factors: (usize, usize),
}

impl RollingPool {
    /// With these ratios, of a fresh seed.
    ///
    /// # Panics
    ///
    /// Where dedup is above 1,000,000 or compress above 32.
    pub fn new(dedup: usize, compress: usize) -> Self {
        let factors = (dedup.max(1), compress.max(1));
        let config = GeneratorConfig {
            dedup_factor: factors.0,
            compress_factor: factors.1,
            ..Default::default()
        };

        RollingPool {
            plan: config.plan(),
            position: 0,
            block: Bytes::new(),
            factors,
        }
    }

    /// The next `size` bytes: a part of a block of 1 MiB that is shared, not copied, or memory of its own above that.
    ///
    /// # Panics
    ///
    /// Where there is no memory.
    pub fn next_slice(&mut self, size: usize) -> Bytes {
        if size > BLOCK_SIZE {
            return self.make(size);
        }
        if self.block.len() < size {
            self.block = self.make(BLOCK_SIZE);
        }
        self.block.split_to(size)
    }

    fn make(&mut self, size: usize) -> Bytes {
        let made = Pool::default()
            .generate(&self.plan, self.position, size)
            .unwrap_or_else(|error| panic!("size {size}: {error}"));

        self.position += size as u64;
        made.into()
    }

    /// Other ratios, and a fresh seed, from here on.
    ///
    /// # Panics
    ///
    /// As [`RollingPool::new`].
    pub fn reconfigure(&mut self, dedup: usize, compress: usize) {
        *self = RollingPool::new(dedup, compress);
    }

    /// The ratio of dedup.
    pub fn dedup(&self) -> usize {
        self.factors.0
    }

    /// The ratio of compress.
    pub fn compress(&self) -> usize {
        self.factors.1
    }

    /// Bytes that are left of the block at hand.
    pub fn remaining(&self) -> usize {
        self.block.len()
    }
}

/// A [`RollingPool`] for each thread.
pub mod thread_local {
    use std::cell::RefCell;

    use super::{Bytes, RollingPool};

    thread_local! {
        static POOL: RefCell<RollingPool> = RefCell::new(RollingPool::new(1, 1));
    }

    /// The next `size` bytes of this thread's.
    pub fn next_slice(size: usize) -> Bytes {
        POOL.with_borrow_mut(|pool| pool.next_slice(size))
    }

    /// Other ratios for this thread's, from here on.
    ///
    /// # Panics
    ///
    /// As [`RollingPool::new`].
    pub fn reconfigure(dedup: usize, compress: usize) {
        POOL.with_borrow_mut(|pool| pool.reconfigure(dedup, compress));
    }

    /// Bytes that are left of this thread's block at hand.
    pub fn remaining() -> usize {
        POOL.with_borrow(RollingPool::remaining)
    }
}
