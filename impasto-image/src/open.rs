//! From a file to an upright sRGB picture.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::decode::guard::guarded;
use crate::decode::sniff::{HEAD, Sniffed, sniff};
use crate::decode::{Raw, jpeg, orientation, profile, raster, tiff};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::metadata::Metadata;
use crate::picture::Picture;

/// The formats that can be read, in words.
pub const READABLE: &str = "PNG, JPEG, WebP, TIFF, BMP, GIF";

/// A picture format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputFormat {
    /// PNG, 1 to 16 bits.
    Png,
    /// JPEG, 8 bits, grey to CMYK.
    Jpeg,
    /// WebP, lossy or lossless; the first frame of an animation.
    WebP,
    /// TIFF, 1 to 32 bits; the first page.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// GIF; the first frame.
    Gif,
}

impl InputFormat {
    /// The format that a path's extension names (any case), for choosing files; what a file holds is told from its content.
    pub fn from_path(path: impl AsRef<Path>) -> Option<Self> {
        let extension = path.as_ref().extension()?.to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "webp" => Some(Self::WebP),
            "tif" | "tiff" => Some(Self::Tiff),
            "bmp" => Some(Self::Bmp),
            "gif" => Some(Self::Gif),
            _ => None,
        }
    }

    /// The format that a file's first 16 bytes, or more, tell; none if it is no picture that can be read.
    pub fn from_content(head: &[u8]) -> Option<Self> {
        match sniff(head) {
            Sniffed::Picture(format) => Some(format),
            _ => None,
        }
    }

    /// The usual extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
        }
    }

    /// The format's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
        }
    }
}

/// Something about a file that was worked around and that its owner may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The embedded colour profile could not be used; colours are taken as sRGB (inks as plain CMYK).
    ProfileIgnored {
        /// Why.
        reason: String,
    },
    /// A WebP or TIFF holds an animation or further pages, of which the first was taken. GIFs are not searched for more.
    FirstFrameOnly,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProfileIgnored { reason } => write!(f, "the embedded colour profile is ignored: {reason}"),
            Self::FirstFrameOnly => f.write_str("only the first of several frames is used"),
        }
    }
}

/// A picture and what is known about the file it came from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The picture: upright, sRGB.
    pub picture: Picture,
    /// The file's format.
    pub format: InputFormat,
    /// Bits a sample in the file: 8, 16, or 32 for floating point; fewer than 8 are given as 8.
    pub bits: u8,
    /// Colour profile and EXIF data, for versions of the picture.
    pub metadata: Metadata,
    /// What was worked around.
    pub warnings: Vec<Warning>,
}

/// Opens a picture file: decoded, turned upright after its EXIF orientation, converted to sRGB after its ICC profile.
///
/// The format is told from the content, not the extension. The declared size is checked against `limits` before any
/// memory is taken for pixels.
pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Opened> {
    let path = path.as_ref();
    decode(&read_file(path, limits)?, path, limits)
}

/// A picture that is only looked at, such as for a preview: [`open()`], but where the file is larger than needed, its pixels are
/// first averaged in squares, so that the long side stays at least `side`; a large photograph takes a fraction of the time.
/// Then the picture's size before that is told, upright: (width, height).
///
/// # Errors
/// As [`open()`].
pub fn open_small(path: impl AsRef<Path>, limits: &Limits, side: usize) -> Result<(Opened, (usize, usize))> {
    let path = path.as_ref();
    let bytes = read_file(path, limits)?;
    let (raw, format) = samples(&bytes, path, limits)?;
    let (mut size, bits) = ((raw.width, raw.height), raw.samples.bits());
    let turned = orientation::exchanges_sides(raw.orientation);
    let factor = size.0.max(size.1) / side.max(1);
    let opened = Opened { bits, ..finished(raw.reduced(factor), &bytes, format)? };
    if turned {
        size = (size.1, size.0);
    }
    Ok((opened, size))
}

/// Decodes a picture held in memory; `name` stands for it in errors. See [`open()`].
pub fn decode(bytes: &[u8], name: &Path, limits: &Limits) -> Result<Opened> {
    let (raw, format) = samples(bytes, name, limits)?;
    finished(raw, bytes, format)
}

/// The samples of a picture held in memory, and its format.
fn samples(bytes: &[u8], name: &Path, limits: &Limits) -> Result<(Raw, InputFormat)> {
    let format = match sniff(&bytes[..bytes.len().min(HEAD)]) {
        _ if bytes.is_empty() => return Err(Error::Empty { path: name.to_owned() }),
        Sniffed::Picture(format) => format,
        Sniffed::Unsupported(what) => {
            return Err(Error::Unsupported { path: name.to_owned(), what: what.to_owned() });
        }
        Sniffed::Other(looks_like) => return Err(Error::NotAPicture { path: name.to_owned(), looks_like }),
    };
    let decoded = guarded(|| -> Result<Raw> {
        match format {
            InputFormat::Jpeg => jpeg::decode(bytes, name, limits),
            InputFormat::Tiff => tiff::decode(bytes, name, limits),
            _ => raster::decode(bytes, format, name, limits),
        }
    });
    let damaged = |reason| Error::Damaged { path: name.to_owned(), format: format.name(), reason };
    let raw = decoded.map_err(damaged)??;
    if raw.samples.len() != raw.width * raw.height * raw.layout.channels() {
        return Err(damaged("the decoder returned another size than declared".into()));
    }
    Ok((raw, format))
}

/// The upright sRGB picture of samples that a file's `bytes` held.
fn finished(raw: Raw, bytes: &[u8], format: InputFormat) -> Result<Opened> {
    let (picture, warning) = profile::to_srgb(&raw)?;
    let mut warnings: Vec<Warning> = warning.into_iter().collect();
    if raw.animated {
        warnings.push(Warning::FirstFrameOnly);
    }
    let picture = orientation::upright(picture, raw.orientation)?;
    let metadata = Metadata::of(bytes, format, &raw);
    Ok(Opened { picture, format, bits: raw.samples.bits(), metadata, warnings })
}

/// Reads a whole file, but not one that is plainly no picture or longer than allowed: devices can be endless.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let failed = |e| Error::reading(path, e);
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD as u64).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.is_empty() {
        return Err(Error::Empty { path: path.to_owned() });
    }
    if !matches!(sniff(&bytes), Sniffed::Picture(_)) {
        return Ok(bytes);
    }
    let rest = limits.max_file_bytes.saturating_sub(bytes.len() as u64).saturating_add(1);
    file.take(rest).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(Error::FileTooLarge { path: path.to_owned(), limit: limits.max_file_bytes });
    }
    Ok(bytes)
}
