//! JPEG, through `zune-jpeg`.
//!
//! The `image` crate's wrapper around the same decoder turns CMYK into RGB before a profile could be used, and returns
//! grey where data are missing; both are decided here instead.

use std::path::Path;

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{Layout, Raw, Samples};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Decodes a baseline, extended or progressive JPEG of 8 bits.
///
/// Grey, YCbCr, RGB, CMYK and YCCK; four-component files hold inverted inks, as Adobe writes them and every browser
/// reads them. Data that end before the end-of-image marker are an error, and so is a scan that does not parse. A scan
/// that stops early but is closed with that marker passes: the decoder fills the rest with grey and does not tell.
pub(crate) fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Raw> {
    let failed = |e: DecodeErrors| failure(&e, path);
    // Headers are read leniently, since cameras put stray bytes between segments; the picture data are read strictly,
    // so that a damaged file is an error and not a half-grey picture.
    let lenient =
        DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), lenient);
    decoder.decode_headers().map_err(failed)?;
    let damaged =
        |reason: &str| Error::Damaged { path: path.to_owned(), format: "JPEG", reason: reason.into() };
    let (width, height) = decoder.dimensions().ok_or_else(|| damaged("no size"))?;
    limits.check(path, width as u64, height as u64)?;
    if !ends_properly(bytes) {
        return Err(damaged("the data stop before the end-of-image marker"));
    }
    let stored = decoder.input_colorspace().ok_or_else(|| damaged("no colour space"))?;
    let (wanted, layout) = match stored {
        ColorSpace::Luma => (ColorSpace::Luma, Layout::Grey),
        ColorSpace::CMYK | ColorSpace::YCCK => (stored, Layout::Cmyk),
        _ => (ColorSpace::RGB, Layout::Rgb),
    };
    let icc = decoder.icc_profile();
    let exif = decoder.exif().cloned();
    let orientation =
        exif.as_deref().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    decoder.set_options(lenient.set_strict_mode(true).jpeg_set_out_colorspace(wanted));
    let mut data = vec![0; width * height * layout.channels()];
    decoder.decode_into(&mut data).map_err(failed)?;
    match stored {
        ColorSpace::CMYK => data.iter_mut().for_each(|v| *v = 255 - *v),
        ColorSpace::YCCK => data.as_chunks_mut::<4>().0.iter_mut().for_each(|p| *p = inks(*p)),
        _ => {}
    }
    Ok(Raw { width, height, layout, samples: Samples::U8(data), icc, exif, orientation, animated: false })
}

/// Inks (0 none, 255 full) from Adobe's YCCK: YCbCr of the inverted red, green and blue, and inverted black.
fn inks([y, cb, cr, k]: [u8; 4]) -> [u8; 4] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let r = y + 1.402 * cr;
    let g = y - 0.344_136_3 * cb - 0.714_136_3 * cr;
    let b = y + 1.772 * cb;
    let ink = |v: f32| v.round().clamp(0.0, 255.0) as u8;
    [ink(r), ink(g), ink(b), 255 - k]
}

/// Whether the segments run up to an end-of-image marker.
///
/// A plain search for the marker would find those of thumbnails inside segments.
fn ends_properly(bytes: &[u8]) -> bool {
    let mut at = 2;
    while at + 1 < bytes.len() {
        if bytes[at] != 0xff {
            at += 1;
            continue;
        }
        match bytes[at + 1] {
            0xd9 => return true,
            // Stuffing and fill bytes, restart markers, start of image, and markers without a length.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            0xff => at += 1,
            _ => match bytes.get(at + 2..at + 4) {
                Some(length) => at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]])),
                None => return false,
            },
        }
    }
    false
}

fn failure(error: &DecodeErrors, path: &Path) -> Error {
    let path = path.to_owned();
    match error {
        DecodeErrors::Unsupported(scheme) => {
            Error::Unsupported { path, what: format!("JPEG with {scheme:?}") }
        }
        other => Error::Damaged { path, format: "JPEG", reason: other.to_string() },
    }
}
