//! The names of the generators that fodder takes the place of, with ratios that hold.
//!
//! [`data_gen_alt`] is that of `s3dlio::data_gen_alt`, [`dgen_data`] that of the crate `dgen_data`: change the `use` line,
//! or, for a whole program, `use fodder::compat as s3dlio;`.
//!
//! ```
//! use fodder::compat::data_gen_alt::generate_controlled_data_alt;
//!
//! let data = generate_controlled_data_alt(8 * 1024 * 1024, 2, 3);
//! assert_eq!(data.len(), 8 * 1024 * 1024);
//! ```
//!
//! What differs, and why:
//!
//! - Ratios hold: at 3 the originals' data compress 1.3 to 1.5 times, and their dedup is not there or only in some cases.
//! - Without `max_threads` half of the CPUs make the data, as `s3dlio`'s guide says, and other functions get the others.
//! - Data are fresh at every call, and the same seed gives the same data with any chunk size and any number of threads.
//! - A duplicate is a unit of `block_size`, 1 MiB by default, any power of two from 4 KiB to 64 MiB.
//! - Factors are whole numbers, as there; 0 is 1, as there. For others, and to verify what comes back: [`Spec`](crate::Spec).
//! - What the originals cannot refuse, for they return no error, is refused by a panic that names the field: a factor of
//!   dedup above 1,000,000 or of compress above 32, a `block_size` that is no power of two, a node that does not exist.

pub mod data_gen_alt;
pub mod dgen_data;

mod config;
mod numa;

pub use data_gen_alt::*;
