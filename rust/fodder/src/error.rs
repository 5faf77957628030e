use std::ffi::CStr;
use std::fmt;
use std::io;
use std::os::raw::{c_char, c_int};

use fodder_sys as sys;

/// What can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A field of a spec, a text or an option is not valid; the sentence names it, its limits and an example.
    Invalid(String),
    /// A range ends past the end of the data set: see [`Plan::limit`](crate::Plan::limit).
    Range,
    /// What the system said.
    System(io::Error),
}

/// What a function of the library returned; `why` is the static sentence that it told beside, or null.
pub(crate) fn check(code: c_int, why: *const c_char) -> Result<(), Error> {
    if code >= 0 {
        return Ok(());
    }
    Err(match code {
        sys::FODDER_ERR_RANGE => Error::Range,
        _ if !why.is_null() => Error::Invalid(text(why).into()),
        code if code > sys::FODDER_ERR_SPEC => Error::System(io::Error::from_raw_os_error(-code)),
        // SAFETY: any number will do; for FODDER_ERR_* the text is static.
        code => Error::Invalid(text(unsafe { sys::fodder_strerror(code) }).into()),
    })
}

/// A static text of the library, which is English in ASCII.
pub(crate) fn text(pointer: *const c_char) -> &'static str {
    // SAFETY: callers give static texts that end with 0.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or("?")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(why) => f.write_str(why),
            Error::Range => f.write_str(text(
                // SAFETY: any number will do; for FODDER_ERR_* the text is static.
                unsafe { sys::fodder_strerror(sys::FODDER_ERR_RANGE) },
            )),
            Error::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::System(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::System(error) => error,
            other => io::Error::new(io::ErrorKind::InvalidInput, other),
        }
    }
}
