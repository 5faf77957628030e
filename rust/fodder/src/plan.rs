use std::ffi::CString;
use std::ptr::{self, NonNull};

use fodder_sys as sys;

use crate::{error, Error, Spec};

/// A spec made ready: immutable, shared by any number of threads.
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
#[derive(Debug)]
pub struct Plan {
    plan: NonNull<sys::fodder_plan>,
}

// A plan never changes: the header says that any number of threads may use it.
unsafe impl Send for Plan {}
unsafe impl Sync for Plan {}

impl Plan {
    /// With the fastest kernel that this CPU runs. Fails where the spec is not valid.
    pub fn new(spec: &Spec) -> Result<Self, Error> {
        Plan::make(spec, ptr::null())
    }

    /// With the kernel named, which changes the speed and no byte: `scalar`, `aesni`, `vaes256`, `vaes512`, `neon`.
    pub fn with_kernel(spec: &Spec, kernel: &str) -> Result<Self, Error> {
        let kernel = CString::new(kernel).map_err(|_| Error::Invalid("a kernel's name has no byte 0".into()))?;

        Plan::make(spec, kernel.as_ptr())
    }

    fn make(spec: &Spec, kernel: *const std::os::raw::c_char) -> Result<Self, Error> {
        let raw = spec.raw();
        let mut plan = ptr::null_mut();
        let mut why = ptr::null();

        Error::check(unsafe { sys::fodder_spec_check(&raw, &mut why) }, why)?;
        let made = if kernel.is_null() {
            unsafe { sys::fodder_plan_new(&mut plan, &raw) }
        } else {
            unsafe { sys::fodder_plan_new_on(&mut plan, &raw, kernel) }
        };
        Error::check(made, ptr::null())?;
        Ok(Plan {
            plan: NonNull::new(plan).expect("the library made a plan"),
        })
    }

    pub(crate) fn raw(&self) -> *const sys::fodder_plan {
        self.plan.as_ptr()
    }

    /// Writes the data set's bytes from `offset` on, on this thread. Fails where they end past [`Plan::limit`].
    pub fn fill(&self, offset: u64, data: &mut [u8]) -> Result<(), Error> {
        self.check_range(offset, data.len() as u64)?;
        unsafe { sys::fodder_fill(self.raw(), offset, data.as_mut_ptr().cast(), data.len()) };
        Ok(())
    }

    pub(crate) fn check_range(&self, offset: u64, len: u64) -> Result<(), Error> {
        let limit = self.limit();

        if offset <= limit && len <= limit - offset {
            return Ok(());
        }
        Err(Error::Range)
    }

    /// The spec, every field filled in.
    pub fn spec(&self) -> Spec {
        Spec::from_raw(&unsafe { sys::fodder_plan_spec(self.raw()) })
    }

    /// The size of the whole data set: offsets lie below it.
    pub fn limit(&self) -> u64 {
        unsafe { sys::fodder_plan_limit(self.raw()) }
    }

    /// The kernel's name.
    pub fn kernel(&self) -> String {
        error::text(unsafe { sys::fodder_plan_kernel(self.raw()) })
    }

    /// How many units the `len` bytes from `offset` on touch, and how many of them are distinct.
    pub fn count(&self, offset: u64, len: u64) -> Result<(u64, u64), Error> {
        let (mut units, mut distinct) = (0, 0);
        let counted = unsafe { sys::fodder_plan_count(self.raw(), offset, len, &mut units, &mut distinct) };

        Error::check(counted, ptr::null())?;
        Ok((units, distinct))
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        unsafe { sys::fodder_plan_free(self.plan.as_ptr()) };
    }
}
