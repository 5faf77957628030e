//! `s3dlio::data_gen_alt`: `generate_controlled_data_alt`, `generate_data_with_config`, `ObjectGenAlt`.

use bytes::Bytes;

pub use super::config::{GeneratorConfig, NumaMode};
pub use super::dgen_data::{generate_data, generate_data_simple, DataBuffer, DataGenerator};
pub use crate::total_cpus;

/// How many threads make data by default: half of the CPUs that this process may use.
pub fn default_data_gen_threads() -> usize {
    crate::default_threads()
}

/// A chunk size that suits an object of this size: 64, 32 or 16 MiB, and all of it where it has less.
pub fn optimal_chunk_size(total_size: usize) -> usize {
    [64 << 20, 32 << 20, 16 << 20]
        .into_iter()
        .find(|&chunk| total_size >= chunk)
        .unwrap_or(total_size)
}

/// `size` bytes with these ratios, of a fresh seed, by half of the CPUs. For a seed: [`generate_data_with_config`].
///
/// # Panics
///
/// Where dedup is above 1,000,000, compress above 32, or there is no memory.
pub fn generate_controlled_data_alt(size: usize, dedup: usize, compress: usize) -> Bytes {
    generate_data_with_config(GeneratorConfig {
        size,
        dedup_factor: dedup,
        compress_factor: compress,
        ..Default::default()
    })
}

/// All of a configuration's bytes, without a copy.
///
/// # Panics
///
/// Where a field is not valid, or there is no memory.
pub fn generate_data_with_config(config: GeneratorConfig) -> Bytes {
    generate_data(config).into_bytes()
}

/// An object made chunk by chunk, in the memory of the chunk.
///
/// ```
/// use fodder::compat::data_gen_alt::ObjectGenAlt;
///
/// let mut object = ObjectGenAlt::new(10 << 20, 2, 3);
/// let mut chunk = vec![0; 4 << 20];
/// let mut total = 0;
///
/// while !object.is_complete() {
///     total += object.fill_chunk(&mut chunk);
/// }
/// assert_eq!(total, object.total_size());
/// ```
#[derive(Debug)]
pub struct ObjectGenAlt(DataGenerator);

impl ObjectGenAlt {
    /// Of a fresh seed.
    ///
    /// # Panics
    ///
    /// Where dedup is above 1,000,000 or compress above 32.
    pub fn new(total_size: usize, dedup: usize, compress: usize) -> Self {
        ObjectGenAlt::new_with_seed(total_size, dedup, compress, super::config::drawn_seed())
    }

    /// Of this seed: the same object every time.
    ///
    /// # Panics
    ///
    /// As [`ObjectGenAlt::new`].
    pub fn new_with_seed(total_size: usize, dedup: usize, compress: usize, seed: u64) -> Self {
        ObjectGenAlt(DataGenerator::new(GeneratorConfig {
            size: total_size,
            dedup_factor: dedup,
            compress_factor: compress,
            seed: Some(seed),
            ..Default::default()
        }))
    }

    /// Fills the buffer, or as much of it as bytes are left, and returns how many; 0 at the end.
    pub fn fill_chunk(&mut self, buf: &mut [u8]) -> usize {
        self.0.fill_chunk(buf)
    }

    /// Whether all bytes have been given.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// Back to the first byte: the same data come again.
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// Bytes given so far.
    pub fn position(&self) -> usize {
        self.0.position()
    }

    /// Bytes in all.
    pub fn total_size(&self) -> usize {
        self.0.total_size()
    }
}
