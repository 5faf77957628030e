use std::ffi::{CStr, CString};
use std::fmt;
use std::ptr;
use std::str::FromStr;

use fodder_sys as sys;

use crate::{error, Error};

/// The real compressor whose ratio is to come out as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// Between all of the others.
    #[default]
    Balanced,
    /// lz4
    Lz4,
    /// zstd
    Zstd,
    /// gzip, zlib
    Deflate,
}

/// What the bytes are: a plain value. In every field 0 means the default.
///
/// ```
/// let spec = fodder::Spec::new().seed(42).dedup(2.0).compress(3.0).unit(64 << 10);
/// assert_eq!(spec.to_string(), "fodder1:seed=42,dedup=2,compress=3,unit=64KiB");
/// assert_eq!("fodder1:seed=42,dedup=2,compress=3,unit=64KiB".parse::<fodder::Spec>().unwrap(), spec);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
#[must_use]
pub struct Spec {
    /// Which data: any number.
    pub seed: u64,
    /// Separates data sets of one seed, such as those of ranks, runs or hosts.
    pub series: u64,
    /// The version of overwritten data, below 2^20.
    pub generation: u64,
    /// Bytes / distinct bytes: 1 to 1,000,000, rounded to millionths.
    pub dedup: f64,
    /// Bytes / compressed bytes: 1 to 32, rounded to millionths.
    pub compress: f64,
    /// Bytes; a duplicate is a whole unit: a power of two, 4 KiB to 64 MiB. 1 MiB by default.
    pub unit: u64,
    /// Units among which a duplicate finds its original: a power of two up to 2^20. 1024 by default.
    pub window: u64,
    /// The compressor whose ratio is to come out as asked.
    pub codec: Codec,
}

/// Draws a seed that nobody has had from the system's random bytes.
///
/// # Errors
///
/// [`Error::System`] where it has none.
pub fn fresh_seed() -> Result<u64, Error> {
    let mut seed = 0;

    // SAFETY: a place for a number.
    error::check(unsafe { sys::fodder_fresh_seed(&mut seed) }, ptr::null())?;
    Ok(seed)
}

impl Spec {
    /// Seed 0, and all else by default: dedup 1, compress 1, units of 1 MiB.
    pub fn new() -> Self {
        Spec::default()
    }

    /// Which data. See [`Spec::seed`](#structfield.seed).
    pub fn seed(self, seed: u64) -> Self {
        Spec { seed, ..self }
    }

    /// Separates data sets of one seed. See [`Spec::series`](#structfield.series).
    pub fn series(self, series: u64) -> Self {
        Spec { series, ..self }
    }

    /// The version of overwritten data. See [`Spec::generation`](#structfield.generation).
    pub fn generation(self, generation: u64) -> Self {
        Spec { generation, ..self }
    }

    /// Bytes / distinct bytes. See [`Spec::dedup`](#structfield.dedup).
    pub fn dedup(self, dedup: f64) -> Self {
        Spec {
            dedup: given(dedup),
            ..self
        }
    }

    /// Bytes / compressed bytes. See [`Spec::compress`](#structfield.compress).
    pub fn compress(self, compress: f64) -> Self {
        Spec {
            compress: given(compress),
            ..self
        }
    }

    /// What a duplicate is, in bytes. See [`Spec::unit`](#structfield.unit).
    pub fn unit(self, unit: u64) -> Self {
        Spec { unit, ..self }
    }

    /// Units among which a duplicate finds its original. See [`Spec::window`](#structfield.window).
    pub fn window(self, window: u64) -> Self {
        Spec { window, ..self }
    }

    /// The compressor whose ratio is to come out as asked. See [`Spec::codec`](#structfield.codec).
    pub fn codec(self, codec: Codec) -> Self {
        Spec { codec, ..self }
    }

    pub(crate) fn raw(&self) -> sys::fodder_spec {
        sys::fodder_spec {
            spec_size: std::mem::size_of::<sys::fodder_spec>(),
            seed: self.seed,
            series: self.series,
            generation: self.generation,
            dedup: self.dedup,
            compress: self.compress,
            unit: self.unit,
            window: self.window,
            codec: self.codec as u32,
            format: 0,
        }
    }

    pub(crate) fn from_raw(raw: &sys::fodder_spec) -> Self {
        Spec {
            seed: raw.seed,
            series: raw.series,
            generation: raw.generation,
            dedup: raw.dedup,
            compress: raw.compress,
            unit: raw.unit,
            window: raw.window,
            codec: [Codec::Balanced, Codec::Lz4, Codec::Zstd, Codec::Deflate][raw.codec as usize],
        }
    }
}

/// 0 is the default in a field that nobody set; set, it is no ratio.
fn given(ratio: f64) -> f64 {
    if ratio == 0.0 {
        f64::NAN
    } else {
        ratio
    }
}

impl fmt::Display for Spec {
    /// As text that [`FromStr`] reads; a spec that is not valid is shown as its fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; sys::FODDER_SPEC_TEXT as usize];
        // SAFETY: the text has the room that the header asks for, and gets its final 0.
        let printed = unsafe { sys::fodder_spec_print(&self.raw(), text.as_mut_ptr(), text.len()) };

        if printed < 0 {
            return fmt::Debug::fmt(self, f);
        }
        // SAFETY: printed above, with a final 0.
        f.write_str(&unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy())
    }
}

impl FromStr for Spec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = CString::new(text).map_err(|_| Error::Invalid("a spec's text has no byte 0".into()))?;
        let mut raw = Spec::new().raw();
        let mut why = ptr::null();

        // SAFETY: a whole spec, a text that ends with 0, and a place for a static sentence.
        let parsed = unsafe { sys::fodder_spec_parse(&mut raw, text.as_ptr(), &mut why) };
        error::check(parsed, why)?;
        // What was left out is filled in as a plan does it, so that equal specs compare so.
        Ok(Spec {
            unit: raw.unit,
            window: raw.window,
            ..Spec::from_raw(&raw)
        })
    }
}
