use std::io::{self, Read, Seek, SeekFrom};
use std::iter::FusedIterator;

use bytes::Bytes;

use crate::{Error, Plan, Pool};

/// A cursor over the first `size` bytes of a plan. It owns no data: a stream of any size takes some 100 bytes.
///
/// Any way of reading it gives the same bytes. It reads, it seeks, so that an upload can be tried again, and it can be
/// cut into [`Bytes`] that are not copied:
///
/// ```
/// use std::io::{Read, Seek, SeekFrom};
/// use fodder::{Plan, Spec, Stream};
///
/// let plan = Plan::new(&Spec::new().seed(42).compress(2.0))?;
/// let mut stream = Stream::new(&plan, 1 << 30)?;
/// let mut block = [0; 4096];
/// stream.seek(SeekFrom::Start(1 << 29))?;
/// stream.read_exact(&mut block)?;
///
/// for chunk in Stream::new(&plan, 20 << 20)?.chunks(8 << 20) {
///     println!("{} bytes", chunk.len()); // 8 MiB, 8 MiB, 4 MiB
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    plan: Plan,
    pool: Pool,
    size: u64,
    position: u64,
}

impl Stream {
    /// Its bytes are made by the process's pool; [`Stream::with_pool`] names another.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where `size` passes [`Plan::limit`].
    pub fn new(plan: &Plan, size: u64) -> Result<Self, Error> {
        plan.check_range(0, size)?;
        Ok(Stream {
            plan: plan.clone(),
            pool: Pool::default(),
            size,
            position: 0,
        })
    }

    /// The same stream, made by another pool.
    #[must_use]
    pub fn with_pool(self, pool: &Pool) -> Self {
        Stream {
            pool: pool.clone(),
            ..self
        }
    }

    /// What its bytes are.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Bytes in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The offset of the byte that comes next.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that are left.
    pub fn remaining(&self) -> u64 {
        self.size - self.position
    }

    /// How many of `len` bytes are left.
    fn clip(&self, len: usize) -> usize {
        usize::try_from(self.remaining()).map_or(len, |left| left.min(len))
    }

    /// The next `len` bytes, or as many as are left: none at the end.
    ///
    /// # Errors
    ///
    /// [`Error::System`] where there is no memory.
    pub fn next_chunk(&mut self, len: usize) -> Result<Bytes, Error> {
        let chunk = self.pool.generate(&self.plan, self.position, self.clip(len))?;

        self.position += chunk.len() as u64;
        Ok(chunk.into())
    }

    /// What is left, as an iterator of [`Bytes`] of `len` bytes each, the last one perhaps shorter.
    ///
    /// # Panics
    ///
    /// Where `len` is 0. Where there is no memory for a chunk, the iterator does as `Vec` does: it ends the process.
    pub fn chunks(self, len: usize) -> Chunks {
        assert!(len > 0, "a chunk has at least 1 byte");
        Chunks { stream: self, len }
    }
}

impl Read for Stream {
    fn read(&mut self, data: &mut [u8]) -> io::Result<usize> {
        let len = self.clip(data.len());

        self.pool.fill(&self.plan, self.position, &mut data[..len])?;
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for Stream {
    /// To a byte of the stream, its end included; past it is an error.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, step) = match to {
            SeekFrom::Start(offset) => (offset, 0),
            SeekFrom::End(step) => (self.size, step),
            SeekFrom::Current(step) => (self.position, step),
        };

        self.position = base
            .checked_add_signed(step)
            .filter(|&position| position <= self.size)
            .ok_or_else(|| {
                let why = format!("a seek out of the stream, which has {} bytes", self.size);
                io::Error::new(io::ErrorKind::InvalidInput, why)
            })?;
        Ok(self.position)
    }
}

/// A stream cut into [`Bytes`]: see [`Stream::chunks`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Chunks {
    stream: Stream,
    len: usize,
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.stream.remaining() == 0 {
            return None;
        }
        Some(
            self.stream
                .next_chunk(self.len)
                .unwrap_or_else(|_| out_of_memory(self.len)),
        )
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.stream.remaining().div_ceil(self.len as u64));

        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl FusedIterator for Chunks {}

fn out_of_memory(len: usize) -> ! {
    match std::alloc::Layout::array::<u8>(len) {
        Ok(layout) => std::alloc::handle_alloc_error(layout),
        Err(_) => panic!("a chunk of {len} bytes"),
    }
}
