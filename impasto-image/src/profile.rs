//! Colour profiles (ICC) that a saved picture can be converted into and tagged with.

mod conversion;
mod curve;
mod srgb;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::decode::guard::guarded;
use crate::error::{Error, Result};
use crate::picture::unit;

pub(crate) use conversion::{Conversion, Space};

/// Pixels converted at a time.
pub(crate) const CHUNK: usize = 1 << 14;

/// Longest profile in bytes. Those of displays and working spaces have some hundred to some thousand, those of printers
/// up to a few million; JPEG has room for 16 million.
const LONGEST: usize = 8 << 20;

/// An ICC profile for RGB into which colours can be converted.
///
/// Profiles that only tell how to read a device, such as some scanners', are none.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    icc: Arc<[u8]>,
    is_srgb: bool,
}

impl Profile {
    /// Checks that the ICC file `icc` is for RGB and that colours can be converted into it; otherwise says why not.
    pub fn new(icc: Vec<u8>) -> std::result::Result<Self, String> {
        if icc.len() > LONGEST {
            return Err(format!("it has {} bytes, more than {LONGEST}", icc.len()));
        }
        let is_srgb =
            guarded(|| Conversion::from_srgb(&icc)?.is_identity(Space::Rgb)).and_then(|result| result)?;
        Ok(Self { icc: icc.into(), is_srgb })
    }

    /// Opens a profile file, usually named `.icc` or `.icm`; [`Error::NotAProfile`] if colours cannot be converted into it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = |e| Error::reading(path, e);
        let mut icc = Vec::new();
        // One byte more than allowed, so that a file that is too long is seen to be.
        File::open(path).map_err(failed)?.take(LONGEST as u64 + 1).read_to_end(&mut icc).map_err(failed)?;
        if icc.is_empty() {
            return Err(Error::Empty { path: path.to_owned() });
        }
        Self::new(icc).map_err(|reason| Error::NotAProfile { path: path.to_owned(), reason })
    }

    /// The profile's bytes.
    pub fn icc(&self) -> &[u8] {
        &self.icc
    }

    /// Whether the profile is sRGB under another name: no colour differs by as much as one 8-bit step.
    pub fn is_srgb(&self) -> bool {
        self.is_srgb
    }

    /// Converts interleaved sRGB colours in [0, 1] into the profile, with relative colorimetric intent and clamped to
    /// [0, 1]. Colours of a profile that [is sRGB](Self::is_srgb) stay as they are.
    pub fn convert(&self, srgb: &[f32]) -> std::result::Result<Vec<f32>, String> {
        if self.is_srgb {
            return Ok(srgb.to_vec());
        }
        let convert = || {
            let conversion = Conversion::from_srgb(&self.icc)?;
            let mut out = vec![0.0; srgb.len()];
            srgb.par_chunks(CHUNK * 3).zip(out.par_chunks_mut(CHUNK * 3)).try_for_each(|(from, to)| {
                let clamped: Vec<f32> = from.iter().map(|&v| unit(v)).collect();
                conversion.apply(&clamped, to)?;
                to.iter_mut().for_each(|v| *v = unit(*v));
                Ok::<(), String>(())
            })?;
            Ok(out)
        };
        guarded(convert).and_then(|result| result)
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile({} bytes)", self.icc.len())
    }
}

/// The ICC profile that tells programs that a picture is sRGB, in less than 600 bytes.
pub fn srgb_icc() -> Vec<u8> {
    srgb::bytes()
}
