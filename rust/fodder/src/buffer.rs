use std::ops::{Deref, DerefMut, Range};
use std::{fmt, ptr, slice};

use bytes::Bytes;
use fodder_sys as sys;

use crate::raw::RawBuffer;
use crate::{error, fresh_seed, Error, Plan, Pool, Spec};

/// `size` bytes with these ratios, of a fresh seed, made by the process's pool, without a copy.
///
/// dedup is bytes / distinct bytes, 1 to 1,000,000; compress is bytes / compressed bytes, 1 to 32. [`Buffer::generate`]
/// does the same and tells the spec, which [`Plan::new`] and [`verify`](crate::verify) want later.
///
/// ```
/// let data: bytes::Bytes = fodder::generate(100 << 20, 2.0, 3.0)?;
/// assert_eq!(data.len(), 104_857_600);
/// # Ok::<(), fodder::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Invalid`] for a ratio out of its limits, [`Error::System`] where there is no memory or no random seed.
pub fn generate(size: usize, dedup: f64, compress: f64) -> Result<Bytes, Error> {
    Buffer::generate(size, dedup, compress).map(Bytes::from)
}

/// Memory placed for a pool. It is a slice of bytes, and becomes [`Bytes`] without a copy; dropped, it goes back to
/// the pool, which keeps it for the next.
///
/// ```
/// use fodder::Buffer;
///
/// let mut buffer = Buffer::generate(1 << 20, 2.0, 3.0)?;
/// let spec = buffer.spec().expect("what generate() drew");
/// let plan = fodder::Plan::new(&spec)?;
///
/// buffer[5000] ^= 1;
/// assert_eq!(plan.verify(0, &buffer)?.bad, 1);
/// let bytes: bytes::Bytes = buffer.into();
/// # Ok::<(), fodder::Error>(())
/// ```
pub struct Buffer {
    raw: RawBuffer,
    spec: Option<Spec>,
}

impl Buffer {
    pub(crate) fn new(pool: &Pool, len: usize) -> Result<Self, Error> {
        let mut buffer = ptr::null_mut();

        // SAFETY: a place for the buffer; the pool lives, and may end before the buffer does.
        let made = unsafe { sys::fodder_buffer_new(&mut buffer, pool.raw(), len) };
        error::check(made, ptr::null())?;
        Ok(Buffer {
            raw: RawBuffer::own(buffer),
            spec: None,
        })
    }

    /// As [`generate`], and it tells its spec.
    ///
    /// # Errors
    ///
    /// As [`generate`].
    pub fn generate(size: usize, dedup: f64, compress: f64) -> Result<Self, Error> {
        let spec = Spec::new().dedup(dedup).compress(compress).seed(fresh_seed()?);

        Pool::default().generate(&Plan::new(&spec)?, 0, size)
    }

    pub(crate) fn of(self, plan: &Plan) -> Self {
        Buffer {
            spec: Some(plan.spec()),
            ..self
        }
    }

    /// The spec of what was generated here; none in memory that [`Pool::buffer`] gave.
    pub fn spec(&self) -> Option<Spec> {
        self.spec
    }

    /// What was done for it.
    pub fn memory(&self) -> Memory {
        // SAFETY: the buffer lives.
        let raw = unsafe { sys::fodder_buffer_memory(self.raw.get()) };

        Memory {
            page: raw.page,
            explicit_pages: raw.explicit_pages == 1,
            placed: match raw.placed {
                sys::FODDER_PLACED_BOUND => Placed::Bound,
                sys::FODDER_PLACED_FIRST_TOUCH => Placed::FirstTouch,
                _ => Placed::BySystem,
            },
            reused: raw.reused == 1,
        }
    }

    /// Its parts, one for each node that has threads; one where nothing is placed.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        (0..).map_while(|index| {
            let (mut begin, mut end, mut node) = (0, 0, 0);
            // SAFETY: the buffer lives; three places for numbers.
            let told = unsafe { sys::fodder_buffer_part(self.raw.get(), index, &mut begin, &mut end, &mut node) };

            (told == 0).then_some(Part {
                range: begin..end,
                node,
            })
        })
    }

    /// Where its bytes are, which is nowhere where it has none.
    fn start(&self) -> (*mut u8, usize) {
        // SAFETY: the buffer lives.
        let (start, len) = unsafe {
            (
                sys::fodder_buffer_data(self.raw.get()).cast(),
                sys::fodder_buffer_len(self.raw.get()),
            )
        };

        (
            if len == 0 {
                ptr::NonNull::dangling().as_ptr()
            } else {
                start
            },
            len,
        )
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let (start, len) = self.start();

        // SAFETY: pages of the system, which come zeroed or hold what was written to them.
        unsafe { slice::from_raw_parts(start, len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        let (start, len) = self.start();

        // SAFETY: as above, and nobody else has them.
        unsafe { slice::from_raw_parts_mut(start, len) }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl From<Buffer> for Bytes {
    /// The same memory, which goes back to its pool with the last of the `Bytes`.
    fn from(buffer: Buffer) -> Bytes {
        Bytes::from_owner(buffer)
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("len", &self.len())
            .field("spec", &self.spec.map(|spec| spec.to_string()))
            .finish_non_exhaustive()
    }
}

/// What was done for a [`Buffer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Bytes of the pages asked for: that of explicit or transparent huge pages, or of small ones.
    pub page: u64,
    /// Whether they are explicit huge pages.
    pub explicit_pages: bool,
    /// Who said on which node each part lies.
    pub placed: Placed,
    /// Whether it is a dropped buffer's memory.
    pub reused: bool,
}

/// Who said on which node each part of a buffer lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// The system: there is one node, or placing was not asked for.
    BySystem,
    /// The pool: the system has been told the node of each part.
    Bound,
    /// The system refused to be told: each page lies where the pinned thread that filled it first ran.
    FirstTouch,
}

/// Part of a [`Buffer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Of the buffer's bytes.
    pub range: Range<usize>,
    /// The id of its node.
    pub node: u32,
}
