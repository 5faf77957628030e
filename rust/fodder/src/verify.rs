use std::fmt;
use std::io::{self, Write};
use std::os::raw::c_void;
use std::ptr;

use fodder_sys as sys;

use crate::raw::RawVerifier;
use crate::{error, Error, Plan, Pool};

/// How many runs a report lists.
const LISTED: usize = 1000;

/// What wrong bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Every byte of the sector is 0.
    Zeroed,
    /// Every byte is the same, and not 0.
    Constant {
        /// The byte.
        value: u8,
    },
    /// It is what belongs at another offset.
    Misplaced {
        /// The lowest offset where what is here belongs.
        source: u64,
        /// The generation that is here.
        generation: u64,
    },
    /// It is another generation of its own place.
    Stale {
        /// The generation that is here.
        generation: u64,
    },
    /// It is what belongs to another plan, one of those named.
    Foreign {
        /// The index of the plan.
        plan: usize,
        /// The lowest offset where what is here belongs.
        source: u64,
        /// The generation that is here.
        generation: u64,
    },
    /// None of these: bits differ.
    Corrupt,
    /// The data ended early.
    Missing,
}

impl Kind {
    fn from_raw(run: &sys::fodder_run) -> Self {
        let (source, generation) = (run.source, run.generation);

        match run.kind {
            sys::FODDER_ZEROED => Kind::Zeroed,
            sys::FODDER_CONSTANT => Kind::Constant { value: run.value as u8 },
            sys::FODDER_MISPLACED => Kind::Misplaced { source, generation },
            sys::FODDER_STALE => Kind::Stale { generation },
            sys::FODDER_FOREIGN => Kind::Foreign {
                plan: run.foreign as usize,
                source,
                generation,
            },
            sys::FODDER_MISSING => Kind::Missing,
            _ => Kind::Corrupt,
        }
    }

    /// Its word: `zeroed`, `constant`, `misplaced`, `stale`, `foreign`, `corrupt`, `missing`.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Zeroed => "zeroed",
            Kind::Constant { .. } => "constant",
            Kind::Misplaced { .. } => "misplaced",
            Kind::Stale { .. } => "stale",
            Kind::Foreign { .. } => "foreign",
            Kind::Corrupt => "corrupt",
            Kind::Missing => "missing",
        }
    }
}

/// The word, and what is known of the bytes: `misplaced (from 4096, generation 0)`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();

        match self {
            Kind::Constant { value } => write!(f, "{name} (0x{value:02x})"),
            Kind::Misplaced { source, generation } => write!(f, "{name} (from {source}, generation {generation})"),
            Kind::Stale { generation } => write!(f, "{name} (generation {generation})"),
            Kind::Foreign {
                plan,
                source,
                generation,
            } => write!(f, "{name} (plan {plan}, from {source}, generation {generation})"),
            Kind::Zeroed | Kind::Corrupt | Kind::Missing => f.write_str(name),
        }
    }
}

/// Wrong bytes that lie together and are of one kind: whole sectors of 512 bytes, clipped at the ends of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// What they are.
    pub kind: Kind,
    /// In the data set.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
    /// The offset of the first byte that differs.
    pub first: u64,
    /// The offset of the last one.
    pub last: u64,
    /// How many bytes differ.
    pub bytes: u64,
    /// How many bits differ.
    pub bits: u64,
    /// Whether a unit is right up to `offset` and wrong from there to its end, all of it this run.
    pub torn: bool,
}

impl Run {
    fn from_raw(raw: &sys::fodder_run) -> Self {
        Run {
            kind: Kind::from_raw(raw),
            offset: raw.offset,
            len: raw.len,
            first: raw.first,
            last: raw.last,
            bytes: raw.bytes,
            bits: raw.bits,
            torn: raw.torn == 1,
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let torn = if self.torn { ", torn" } else { "" };

        write!(f, "{} bytes at {}: {}{torn}", self.len, self.offset, self.kind)
    }
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// Compared, or found missing.
    pub bytes: u64,
    /// Of them differ or are missing.
    pub bad: u64,
    /// The first 1000, in order.
    pub runs: Vec<Run>,
    /// How many more there are.
    pub more_runs: u64,
}

impl Report {
    /// Whether every byte is right.
    pub fn ok(&self) -> bool {
        self.bad == 0
    }

    fn of(runs: Vec<Run>, raw: &sys::fodder_report) -> Self {
        Report {
            bytes: raw.bytes,
            bad: raw.bad,
            more_runs: raw.runs - runs.len() as u64,
            runs,
        }
    }
}

unsafe extern "C" fn list(user: *mut c_void, run: *const sys::fodder_run) {
    // SAFETY: user is the vector that the options name, which nobody else touches during the call that calls this.
    let (runs, run) = unsafe { (&mut *user.cast::<Vec<Run>>(), &*run) };

    if runs.len() < LISTED {
        runs.push(Run::from_raw(run));
    }
}

fn options(foreign: &[*const sys::fodder_plan], runs: *mut Vec<Run>) -> sys::fodder_verify_options {
    sys::fodder_verify_options {
        options_size: std::mem::size_of::<sys::fodder_verify_options>(),
        foreign: foreign.as_ptr(),
        foreign_count: foreign.len(),
        run: Some(list),
        user: runs.cast(),
    }
}

/// Compares data with a plan's bytes from `offset` on, by the process's pool, and tells what is wrong.
///
/// ```
/// use fodder::{Kind, Plan, Spec};
///
/// let plan = Plan::new(&Spec::new().seed(42))?;
/// let mut data = vec![0; 1 << 20];
/// plan.fill(0, &mut data)?;
/// data[8192..12288].fill(0);
///
/// let report = fodder::verify(&plan, 0, &data)?;
/// assert_eq!((report.runs[0].kind, report.runs[0].offset, report.runs[0].len), (Kind::Zeroed, 8192, 4096));
/// # Ok::<(), fodder::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Range`] where the range ends past [`Plan::limit`], [`Error::System`] where there is no memory. Data that
/// differ are no error: the report tells.
pub fn verify(plan: &Plan, offset: u64, data: &[u8]) -> Result<Report, Error> {
    Pool::default().verify(plan, offset, data)
}

/// How to verify: by which threads, and beside which other plans.
///
/// Data are found to be [`Kind::Misplaced`], [`Kind::Stale`] or [`Kind::Foreign`] where source and target lie on 512
/// bytes, and compress is not above 22 to 27, by codec; otherwise they are [`Kind::Corrupt`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Verify {
    plan: Plan,
    pool: Option<Pool>,
    foreign: Vec<Plan>,
}

impl Verify {
    /// On the calling thread.
    pub fn new(plan: &Plan) -> Self {
        Verify {
            plan: plan.clone(),
            pool: None,
            foreign: Vec::new(),
        }
    }

    /// By the threads of a pool.
    pub fn pool(self, pool: &Pool) -> Self {
        Verify {
            pool: Some(pool.clone()),
            ..self
        }
    }

    /// These plans' data may have come instead.
    pub fn foreign<'a>(self, plans: impl IntoIterator<Item = &'a Plan>) -> Self {
        Verify {
            foreign: plans.into_iter().cloned().collect(),
            ..self
        }
    }

    fn foreign_raw(&self) -> Vec<*const sys::fodder_plan> {
        self.foreign.iter().map(Plan::raw).collect()
    }

    /// Compares data with the plan's bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where the range ends past [`Plan::limit`], [`Error::System`] where there is no memory.
    pub fn data(&self, offset: u64, data: &[u8]) -> Result<Report, Error> {
        let foreign = self.foreign_raw();
        let mut runs = Vec::new();
        let options = options(&foreign, &mut runs);
        let mut report = sys::fodder_report {
            bytes: 0,
            bad: 0,
            runs: 0,
        };
        let (plan, src, len) = (self.plan.raw(), data.as_ptr().cast(), data.len());

        // SAFETY: plan, pool and the foreign plans live, data is that long, and the options name a vector of runs.
        let compared = unsafe {
            match &self.pool {
                None => sys::fodder_verify(plan, offset, src, len, &options, &mut report),
                Some(pool) => sys::fodder_pool_verify(pool.raw(), plan, offset, src, len, &options, &mut report),
            }
        };
        error::check(compared, ptr::null())?;
        Ok(Report::of(runs, &report))
    }

    /// For data that come piece by piece: the `len` bytes from `offset` on, or, where `len` is none, as many as come.
    ///
    /// # Errors
    ///
    /// As [`Verify::data`].
    pub fn start(self, offset: u64, len: Option<u64>) -> Result<Verifier, Error> {
        let foreign = self.foreign_raw();
        let runs = Box::into_raw(Box::default());
        let options = options(&foreign, runs);
        let mut verifier = ptr::null_mut();

        // SAFETY: the plan lives, and so do, as long as the verifier, the plans and the vectors that the options name.
        let made = unsafe {
            sys::fodder_verifier_new(
                &mut verifier,
                self.plan.raw(),
                offset,
                len.unwrap_or(u64::MAX),
                &options,
            )
        };
        if let Err(error) = error::check(made, ptr::null()) {
            // SAFETY: made above, and nobody else has it.
            drop(unsafe { Box::from_raw(runs) });
            return Err(error);
        }
        Ok(Verifier {
            raw: RawVerifier::own(verifier),
            runs,
            _foreign: foreign,
            how: self,
        })
    }
}

/// Verifies data that come piece by piece; made by [`Verify::start`]. What is written to it is compared:
///
/// ```
/// use fodder::{Plan, Spec, Stream, Verify};
///
/// let plan = Plan::new(&Spec::new().seed(42))?;
/// let mut source = Stream::new(&plan, 1 << 20)?; // a file, a socket
/// let mut verifier = Verify::new(&plan).start(0, Some(1 << 20))?;
///
/// std::io::copy(&mut source, &mut verifier)?;
/// assert!(verifier.end().ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Verifier {
    raw: RawVerifier,
    runs: *mut Vec<Run>,
    _foreign: Vec<*const sys::fodder_plan>, // the array that the options name
    how: Verify,
}

// SAFETY: the pointers are to plans, which any thread may use, and to a vector that it owns.
unsafe impl Send for Verifier {}

impl Verifier {
    /// Compares the next bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where they pass the end of the range, [`Error::System`] where there is no memory.
    pub fn add(&mut self, data: &[u8]) -> Result<(), Error> {
        let (raw, src, len) = (self.raw.get(), data.as_ptr().cast(), data.len());

        // SAFETY: the verifier and the pool live, and data is that long.
        let added = unsafe {
            match &self.how.pool {
                None => sys::fodder_verifier_add(raw, src, len),
                Some(pool) => sys::fodder_pool_verifier_add(pool.raw(), raw, src, len),
            }
        };
        error::check(added, ptr::null())
    }

    /// Passes over the next `len` bytes, which are neither compared nor counted.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where they pass the end of the range.
    pub fn skip(&mut self, len: u64) -> Result<(), Error> {
        // SAFETY: the verifier lives.
        error::check(unsafe { sys::fodder_verifier_skip(self.raw.get(), len) }, ptr::null())
    }

    /// The report, after the last piece: what has not come of the range is missing.
    pub fn end(self) -> Report {
        self.finish(sys::fodder_verifier_end)
    }

    /// The report where the data were not read to their end: nothing is missing then.
    pub fn stop(self) -> Report {
        self.finish(sys::fodder_verifier_stop)
    }

    fn finish(self, end: unsafe extern "C" fn(*mut sys::fodder_verifier, *mut sys::fodder_report)) -> Report {
        let mut report = sys::fodder_report {
            bytes: 0,
            bad: 0,
            runs: 0,
        };

        // SAFETY: the verifier lives, and is not used again; its runs are told through it, and taken after that.
        let runs = unsafe {
            end(self.raw.get(), &mut report);
            std::mem::take(&mut *self.runs)
        };
        Report::of(runs, &report)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        // SAFETY: made by Verify::start(), and the library only touches it when it is called.
        drop(unsafe { Box::from_raw(self.runs) });
    }
}

impl Write for Verifier {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.add(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
