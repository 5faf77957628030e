//! The C library fodder as it is: see its header, `fodder/fodder.h`, which these declarations come from.
//!
//! Use the crate `fodder` for a safe interface.
#![allow(non_camel_case_types, non_upper_case_globals)]

mod bindings;
pub use bindings::*;
