//! PNG, WebP, BMP and GIF, through the decoders of the `image` crate.

use std::io::Cursor;
use std::path::Path;

use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError};

use super::{Layout, Raw, Samples};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::open::InputFormat;

/// Decodes the first frame of a PNG, WebP, BMP or GIF.
pub(crate) fn decode(bytes: &[u8], format: InputFormat, path: &Path, limits: &Limits) -> Result<Raw> {
    let failed = |e| failure(e, format, path);
    let source = Cursor::new(bytes);
    match format {
        InputFormat::WebP => {
            let decoder = WebPDecoder::new(source).map_err(failed)?;
            let animated = decoder.has_animation();
            Ok(Raw { animated, ..read(decoder, format, path, limits)? })
        }
        InputFormat::Bmp => read(BmpDecoder::new(source).map_err(failed)?, format, path, limits),
        InputFormat::Gif => {
            let raw = read(GifDecoder::new(source).map_err(failed)?, format, path, limits)?;
            Ok(opaque_if_solid(raw))
        }
        _ => {
            let budget = image_limits(limits);
            read(PngDecoder::with_limits(source, budget).map_err(failed)?, format, path, limits)
        }
    }
}

/// What a decoder may allocate besides the output: enough for any picture within the limits, and no more.
fn image_limits(limits: &Limits) -> image::Limits {
    let mut budget = image::Limits::default();
    budget.max_alloc = Some(limits.max_pixels.saturating_mul(8).saturating_add(64 << 20));
    budget
}

fn read<D: ImageDecoder>(mut decoder: D, format: InputFormat, path: &Path, limits: &Limits) -> Result<Raw> {
    let failed = |e| failure(e, format, path);
    let (width, height) = decoder.dimensions();
    limits.check(path, width.into(), height.into())?;
    decoder.set_limits(image_limits(limits)).map_err(failed)?;
    // A broken colour profile or EXIF block does not make the pixels any worse.
    let icc = decoder.icc_profile().unwrap_or_default();
    let exif = decoder.exif_metadata().unwrap_or_default();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let colour = decoder.color_type();
    let mut data = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut data).map_err(failed)?;
    let layout = match colour {
        ColorType::L8 | ColorType::L16 => Layout::Grey,
        ColorType::La8 | ColorType::La16 => Layout::GreyAlpha,
        ColorType::Rgb8 | ColorType::Rgb16 => Layout::Rgb,
        ColorType::Rgba8 | ColorType::Rgba16 => Layout::Rgba,
        other => return Err(Error::Unsupported { path: path.to_owned(), what: format!("{other:?} colour") }),
    };
    let samples = match colour {
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            Samples::U16(data.as_chunks::<2>().0.iter().map(|&b| u16::from_ne_bytes(b)).collect())
        }
        _ => Samples::U8(data),
    };
    let (width, height) = (width as usize, height as usize);
    Ok(Raw { width, height, layout, samples, icc, exif, orientation, animated: false })
}

/// The GIF decoder always adds alpha; a picture that nowhere uses it has none.
fn opaque_if_solid(mut raw: Raw) -> Raw {
    if let Samples::U8(data) = &mut raw.samples
        && raw.layout == Layout::Rgba
        && data.as_chunks::<4>().0.iter().all(|p| p[3] == 255)
    {
        *data = data.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
        raw.layout = Layout::Rgb;
    }
    raw
}

fn failure(error: ImageError, format: InputFormat, path: &Path) -> Error {
    let path = path.to_owned();
    match error {
        ImageError::Unsupported(e) => Error::Unsupported { path, what: e.to_string() },
        other => Error::Damaged { path, format: format.name(), reason: other.to_string() },
    }
}
