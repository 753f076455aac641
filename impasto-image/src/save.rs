//! From pixels to a file.

mod encode;

use std::borrow::Cow;
use std::io::{self, Seek, Write};
use std::path::Path;

use crate::atomic::write_atomically;
use crate::error::{Error, Result};
use crate::exif_block::ExifBlock;
use crate::flatten::{WHITE, flatten};
use crate::picture::Picture;
use crate::profile::Profile;

/// The extensions that can be written, in words.
pub const WRITABLE: &str = ".png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp";

/// A picture format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// PNG: lossless, 8 or 16 bits, alpha.
    Png,
    /// JPEG: lossy, 8 bits, no alpha, 4:4:4.
    Jpeg,
    /// WebP, the lossless kind: 8 bits, alpha, at most 16 384 pixels a side.
    WebP,
    /// TIFF, deflate-compressed: 8 or 16 bits, alpha.
    Tiff,
    /// Windows bitmap: 8 bits, alpha; no record, profile or EXIF data.
    Bmp,
}

impl OutputFormat {
    /// The format a path's extension names (any case); [`Error::UnknownExtension`] otherwise.
    ///
    /// To be asked before any work is done.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "png" => Ok(Self::Png),
            "jpg" | "jpeg" => Ok(Self::Jpeg),
            "webp" => Ok(Self::WebP),
            "tif" | "tiff" => Ok(Self::Tiff),
            "bmp" => Ok(Self::Bmp),
            _ => Err(Error::UnknownExtension { path: path.to_owned() }),
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
        }
    }

    /// Whether the format can hold 16 bits a sample.
    pub fn has_16_bits(self) -> bool {
        matches!(self, Self::Png | Self::Tiff)
    }

    /// Whether the format can hold alpha.
    pub fn has_alpha(self) -> bool {
        self != Self::Jpeg
    }

    /// Whether the format can hold a provenance record.
    pub fn has_record(self) -> bool {
        self != Self::Bmp
    }

    /// Whether the format can hold a colour profile.
    pub fn has_profile(self) -> bool {
        self != Self::Bmp
    }

    /// Whether the format can hold EXIF data.
    pub fn has_exif(self) -> bool {
        self != Self::Bmp
    }

    /// Longest side in pixels.
    pub fn max_side(self) -> usize {
        match self {
            Self::Jpeg => 65_535,
            Self::WebP => 16_384,
            Self::Png | Self::Tiff | Self::Bmp => i32::MAX as usize,
        }
    }
}

/// Bits a sample in the saved file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BitDepth {
    /// 8 bits.
    #[default]
    Eight,
    /// 16 bits; PNG and TIFF only.
    Sixteen,
}

/// How to save a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveOptions {
    /// Bits a sample; 16 is an error for formats that have only 8.
    pub bits: BitDepth,
    /// JPEG quality from 1 to 100; other formats are lossless and ignore it. Default 95.
    pub quality: u8,
    /// Whether an existing file may be replaced. Default no.
    pub overwrite: bool,
    /// The provenance record, a JSON text; see [`crate::record`]. Left out where the format has no place for it.
    pub record: Option<String>,
    /// The colour profile to convert into and to embed; sRGB if there is none. An error for BMP.
    pub profile: Option<Profile>,
    /// EXIF data to keep. Left out where the format has no place for them.
    pub exif: Option<ExifBlock>,
    /// What transparent parts are laid on: sRGB of 8 bits. Without it alpha is kept; formats without alpha show white.
    pub background: Option<[u8; 3]>,
}

impl Default for SaveOptions {
    fn default() -> Self {
        Self {
            bits: BitDepth::Eight,
            quality: 95,
            overwrite: false,
            record: None,
            profile: None,
            exif: None,
            background: None,
        }
    }
}

/// Saves a picture in the format its extension names, whole or not at all (see [`write_atomically`]).
///
/// Values are clamped to [0, 1] and rounded to nearest, without dithering. Colours are sRGB unless the options name another
/// profile, and every format but BMP says so: PNG with its `sRGB` chunk, the others with a small ICC profile, since some
/// programs take pictures without one for their display's own colours. The same picture and options give the same bytes.
pub fn save(path: impl AsRef<Path>, picture: &Picture, options: &SaveOptions) -> Result<()> {
    let path = path.as_ref();
    let format = OutputFormat::from_path(path)?;
    check_options(path, format, options)?;
    check_size(path, format, picture.width(), picture.height())?;
    write_atomically(path, options.overwrite, |w| encode(w, picture, format, options))
}

/// Whether `options` suit the format that `path` names; to be asked before any work is done.
pub fn check_options(path: &Path, format: OutputFormat, options: &SaveOptions) -> Result<()> {
    let cannot = |what: String| Error::CannotHold { path: path.to_owned(), format: format.name(), what };
    if format == OutputFormat::Jpeg && !(1..=100).contains(&options.quality) {
        return Err(Error::Quality { path: path.to_owned(), quality: options.quality });
    }
    if options.bits == BitDepth::Sixteen && !format.has_16_bits() {
        return Err(cannot("16 bits a sample".into()));
    }
    if options.profile.is_some() && !format.has_profile() {
        return Err(cannot("a colour profile".into()));
    }
    if format == OutputFormat::Jpeg
        && let Some(record) = &options.record
    {
        let length = crate::record::description(record).len();
        if length > encode::JPEG_RECORD {
            return Err(cannot(format!("a record of {length} bytes (at most {})", encode::JPEG_RECORD)));
        }
    }
    if format == OutputFormat::Jpeg && options.exif.is_some() {
        let length = encode::exif(1, 1, options, true).ok().flatten().map_or(0, |block| block.len());
        if length > encode::JPEG_EXIF {
            return Err(cannot(format!("EXIF data of {length} bytes (at most {})", encode::JPEG_EXIF)));
        }
    }
    Ok(())
}

/// Whether the format that `path` names can hold `width`×`height` pixels; to be asked before any work is done.
pub fn check_size(path: &Path, format: OutputFormat, width: usize, height: usize) -> Result<()> {
    if width.max(height) > format.max_side() {
        let what = format!("{width}×{height} pixels (at most {} a side)", format.max_side());
        return Err(Error::CannotHold { path: path.to_owned(), format: format.name(), what });
    }
    Ok(())
}

/// Encodes a picture into any writer; [`save()`] without the file.
///
/// An option that the format cannot honour is an error of kind `InvalidInput`.
pub fn encode<W: Write + Seek>(
    writer: W,
    picture: &Picture,
    format: OutputFormat,
    options: &SaveOptions,
) -> io::Result<()> {
    let mut picture = Cow::Borrowed(picture);
    if picture.alpha().is_some() && (options.background.is_some() || !format.has_alpha()) {
        picture = Cow::Owned(flatten(&picture, options.background.unwrap_or(WHITE)));
    }
    if let Some(profile) = &options.profile {
        let rgb = profile.convert(picture.rgb()).map_err(io::Error::other)?;
        picture.to_mut().rgb_mut().copy_from_slice(&rgb);
    }
    let picture = picture.as_ref();
    match format {
        OutputFormat::Png => encode::png(writer, picture, options),
        OutputFormat::Jpeg => encode::jpeg(writer, picture, options),
        OutputFormat::WebP => encode::webp(writer, picture, options),
        OutputFormat::Tiff => encode::tiff(writer, picture, options),
        OutputFormat::Bmp => encode::bmp(writer, picture),
    }
}
