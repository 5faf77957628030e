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

impl Error {
    /// `why` is what a function of the library told beside its code, or null.
    pub(crate) fn new(code: c_int, why: *const c_char) -> Self {
        match code {
            sys::FODDER_ERR_RANGE => Error::Range,
            code if code > sys::FODDER_ERR_SPEC && why.is_null() => Error::System(io::Error::from_raw_os_error(-code)),
            // Both are static texts of the library.
            _ if why.is_null() => Error::Invalid(text(unsafe { sys::fodder_strerror(code) })),
            _ => Error::Invalid(text(why)),
        }
    }

    pub(crate) fn check(code: c_int, why: *const c_char) -> Result<(), Self> {
        if code < 0 {
            return Err(Error::new(code, why));
        }
        Ok(())
    }
}

/// A static text of the library.
pub(crate) fn text(pointer: *const c_char) -> String {
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(why) => f.write_str(why),
            Error::Range => f.write_str("a range ends past the end of the data set"),
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
