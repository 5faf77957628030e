use std::ffi::CString;
use std::os::raw::c_char;
use std::ptr;
use std::sync::Arc;

use fodder_sys as sys;

use crate::raw::RawPlan;
use crate::{error, Error, Report, Spec, Verify};

/// A spec made ready: immutable, and shared by any number of threads. A clone is the same plan.
///
/// ```
/// use fodder::{Plan, Spec};
///
/// let plan = Plan::new(&Spec::new().seed(42).dedup(2.0).compress(3.0))?;
/// let mut data = vec![0; 1 << 20];
/// plan.fill(0, &mut data)?;
///
/// let mut part = vec![0; 1000];
/// plan.fill(5000, &mut part)?;
/// assert_eq!(part, data[5000..6000]);
/// # Ok::<(), fodder::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    raw: Arc<RawPlan>,
    limit: u64, // which every fill asks for
}

impl Plan {
    /// With the fastest kernel that this CPU runs.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] names the field of the spec that is not valid, and its limits.
    pub fn new(spec: &Spec) -> Result<Self, Error> {
        Plan::make(spec, ptr::null())
    }

    /// With the kernel named, which changes the speed and no byte: `scalar`, `aesni`, `vaes256`, `vaes512`, `neon`.
    ///
    /// # Errors
    ///
    /// As [`Plan::new`], and where this build or this CPU lacks the kernel.
    pub fn with_kernel(spec: &Spec, kernel: &str) -> Result<Self, Error> {
        let kernel = CString::new(kernel).map_err(|_| Error::Invalid("a kernel's name has no byte 0".into()))?;

        Plan::make(spec, kernel.as_ptr())
    }

    fn make(spec: &Spec, kernel: *const c_char) -> Result<Self, Error> {
        let raw = spec.raw();
        let mut plan = ptr::null_mut();
        let mut why = ptr::null();

        // SAFETY: a whole spec, and a place for a static sentence.
        error::check(unsafe { sys::fodder_spec_check(&raw, &mut why) }, why)?;
        // SAFETY: a place for the plan, a whole spec, and a name that ends with 0, or none.
        let made = unsafe {
            if kernel.is_null() {
                sys::fodder_plan_new(&mut plan, &raw)
            } else {
                sys::fodder_plan_new_on(&mut plan, &raw, kernel)
            }
        };
        error::check(made, ptr::null())?;
        let raw = RawPlan::own(plan);
        Ok(Plan {
            // SAFETY: the plan lives.
            limit: unsafe { sys::fodder_plan_limit(raw.get()) },
            raw: Arc::new(raw),
        })
    }

    #[inline]
    pub(crate) fn raw(&self) -> *const sys::fodder_plan {
        self.raw.get()
    }

    /// Writes the data set's bytes from `offset` on, on this thread. See [`Pool::fill`](crate::Pool::fill) for more of
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where they end past [`Plan::limit`].
    #[inline]
    pub fn fill(&self, offset: u64, data: &mut [u8]) -> Result<(), Error> {
        self.check_range(offset, data.len() as u64)?;
        // SAFETY: data is that long, and writable.
        unsafe { sys::fodder_fill(self.raw(), offset, data.as_mut_ptr().cast(), data.len()) };
        Ok(())
    }

    #[inline]
    pub(crate) fn check_range(&self, offset: u64, len: u64) -> Result<(), Error> {
        match offset.checked_add(len) {
            Some(end) if end <= self.limit => Ok(()),
            _ => Err(Error::Range),
        }
    }

    /// Compares data with the data set's bytes from `offset` on, on this thread. [`Verify`] does more.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where the range ends past [`Plan::limit`]. Data that differ are no error: the report tells.
    pub fn verify(&self, offset: u64, data: &[u8]) -> Result<Report, Error> {
        Verify::new(self).data(offset, data)
    }

    /// The spec, every field filled in.
    pub fn spec(&self) -> Spec {
        // SAFETY: the plan lives.
        Spec::from_raw(&unsafe { sys::fodder_plan_spec(self.raw()) })
    }

    /// The size of the whole data set in bytes: offsets lie below it.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The kernel's name.
    pub fn kernel(&self) -> &'static str {
        // SAFETY: the plan lives; the name is static.
        error::text(unsafe { sys::fodder_plan_kernel(self.raw()) })
    }

    /// How many units the `len` bytes from `offset` on touch, and how many of them are distinct: their quotient is the
    /// dedup ratio that this range can reach by itself.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] where the range ends past [`Plan::limit`].
    pub fn count(&self, offset: u64, len: u64) -> Result<(u64, u64), Error> {
        let (mut units, mut distinct) = (0, 0);
        // SAFETY: the plan lives; two places for numbers.
        let counted = unsafe { sys::fodder_plan_count(self.raw(), offset, len, &mut units, &mut distinct) };

        error::check(counted, ptr::null())?;
        Ok((units, distinct))
    }
}
