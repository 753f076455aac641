//! TIFF, through the `tiff` crate.
//!
//! The `image` crate's wrapper around the same decoder knows no palettes, no extra grey channels and no planar CMYK, and
//! turns CMYK into RGB before a profile could be used.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult, Limits as TiffLimits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::{Layout, Raw, Samples};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// `ExtraSamples`: colours are multiplied by alpha.
const ASSOCIATED_ALPHA: u16 = 1;

/// Decodes the first page: grey, palette, RGB, CMYK and YCbCr of 1 to 32 bits, interleaved or planar, with straight or
/// premultiplied alpha.
pub(crate) fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Raw> {
    let failed = |e| failure(e, path);
    let depalettised = palette_as_grey(bytes);
    let mut decoder = Decoder::new(Cursor::new(depalettised.as_deref().unwrap_or(bytes))).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    limits.check(path, width.into(), height.into())?;
    let damaged =
        |reason: &str| Error::Damaged { path: path.to_owned(), format: "TIFF", reason: reason.into() };
    if width == 0 || height == 0 {
        return Err(damaged("a side of 0"));
    }
    let mut budget = TiffLimits::default();
    // Four channels of 32 bits are the widest pixel in use; tags have to fit as well, however small the picture.
    let widest = (width as usize).saturating_mul(height as usize).saturating_mul(16);
    budget.decoding_buffer_size = budget.decoding_buffer_size.max(widest);
    budget.intermediate_buffer_size = budget.intermediate_buffer_size.max(widest);
    budget.ifd_value_size = 16 << 20;
    decoder = decoder.with_limits(budget);

    // Broken side information does not make the pixels any worse.
    let icc = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    let orientation = orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms);
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok().flatten().unwrap_or_default();
    let animated = decoder.more_images();

    let colour = decoder.colortype().map_err(failed)?;
    let stored = stored_layout(colour, path)?;
    let mut data = DecodingResult::U8(Vec::new());
    let buffer = decoder.read_image_to_buffer(&mut data).map_err(failed)?;
    if data.as_buffer(0).as_bytes().len() < buffer.complete_len {
        return Err(damaged("not all planes could be read"));
    }
    let (width, height) = (width as usize, height as usize);
    let bits = colour.bit_depth();
    let samples = match data {
        DecodingResult::U8(v) if bits < 8 => {
            Samples::U8(unpack(&v, width, height, bits, depalettised.is_none()))
        }
        DecodingResult::U8(v) => Samples::U8(interleave(v, buffer.planes)),
        DecodingResult::U16(v) if bits == 16 => Samples::U16(interleave(v, buffer.planes)),
        DecodingResult::U32(v) if bits == 32 => Samples::F32(interleave(
            v.into_iter().map(|k| (f64::from(k) / f64::from(u32::MAX)) as f32).collect(),
            buffer.planes,
        )),
        DecodingResult::F16(v) => {
            Samples::F32(interleave(v.into_iter().map(f32::from).collect(), buffer.planes))
        }
        DecodingResult::F32(v) => Samples::F32(interleave(v, buffer.planes)),
        DecodingResult::F64(v) => {
            Samples::F32(interleave(v.into_iter().map(|v| v as f32).collect(), buffer.planes))
        }
        _ => {
            return Err(Error::Unsupported {
                path: path.to_owned(),
                what: format!("TIFF with samples of {bits} bits or signed"),
            });
        }
    };
    let raw = Raw { width, height, layout: Layout::Grey, samples, icc, exif: None, orientation, animated };
    if depalettised.is_some() {
        let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?;
        return through_palette(raw, &map).ok_or_else(|| damaged("a colour outside the palette"));
    }
    let premultiplied = extra.first() == Some(&ASSOCIATED_ALPHA);
    arrange(raw, stored, premultiplied).ok_or_else(|| damaged("fewer samples than declared"))
}

/// What the decoder hands over: the channels that are wanted, how many there are, and whether they are YCbCr.
#[derive(Clone, Copy)]
struct Stored {
    layout: Layout,
    channels: usize,
    ycbcr: bool,
}

fn stored_layout(colour: ColorType, path: &Path) -> Result<Stored> {
    let plain = |layout: Layout| Stored { layout, channels: layout.channels(), ycbcr: false };
    Ok(match colour {
        ColorType::Gray(_) => plain(Layout::Grey),
        ColorType::GrayA(_) => plain(Layout::GreyAlpha),
        ColorType::Multiband { num_samples: 2, .. } => plain(Layout::GreyAlpha),
        ColorType::Multiband { num_samples: 1, .. } => plain(Layout::Grey),
        ColorType::RGB(_) => plain(Layout::Rgb),
        ColorType::RGBA(_) => plain(Layout::Rgba),
        ColorType::CMYK(_) => plain(Layout::Cmyk),
        ColorType::CMYKA(_) => Stored { channels: 5, ..plain(Layout::Cmyk) },
        ColorType::YCbCr(_) => Stored { ycbcr: true, ..plain(Layout::Rgb) },
        other => {
            return Err(Error::Unsupported {
                path: path.to_owned(),
                what: format!("TIFF with {other:?} colour"),
            });
        }
    })
}

/// Brings samples into the wanted layout: drops what is beyond it, converts YCbCr, and divides colours by alpha.
fn arrange(mut raw: Raw, stored: Stored, premultiplied: bool) -> Option<Raw> {
    raw.layout = stored.layout;
    let wanted = stored.layout.channels();
    let pixels = raw.width * raw.height;
    if raw.samples.len() < pixels * stored.channels {
        return None;
    }
    if stored.channels > wanted {
        raw.samples = match raw.samples {
            Samples::U8(v) => Samples::U8(take_channels(&v, stored.channels, wanted)),
            Samples::U16(v) => Samples::U16(take_channels(&v, stored.channels, wanted)),
            Samples::F32(v) => Samples::F32(take_channels(&v, stored.channels, wanted)),
        };
    }
    let divide = premultiplied && matches!(stored.layout, Layout::Rgba | Layout::GreyAlpha);
    if divide || stored.ycbcr {
        let mut values: Vec<f32> = (0..raw.samples.len()).map(|i| raw.samples.get(i)).collect();
        for pixel in values.chunks_exact_mut(wanted) {
            if stored.ycbcr {
                pixel.copy_from_slice(&rgb_of_ycbcr([pixel[0], pixel[1], pixel[2]]));
            } else if let Some((alpha, colours)) = pixel.split_last_mut()
                && *alpha > 0.0
            {
                colours.iter_mut().for_each(|c| *c = (*c / *alpha).min(1.0));
            }
        }
        raw.samples = raw.samples.requantised(&values);
    }
    Some(raw)
}

fn take_channels<T: Copy>(samples: &[T], channels: usize, wanted: usize) -> Vec<T> {
    samples.chunks_exact(channels).flat_map(|pixel| &pixel[..wanted]).copied().collect()
}

/// ITU-R BT.601, full range, as JPEG and TIFF 6.0 use it.
fn rgb_of_ycbcr([y, cb, cr]: [f32; 3]) -> [f32; 3] {
    let (cb, cr) = (cb - 128.0 / 255.0, cr - 128.0 / 255.0);
    [y + 1.402 * cr, y - 0.344_136_3 * cb - 0.714_136_3 * cr, y + 1.772 * cb].map(|v| v.clamp(0.0, 1.0))
}

fn interleave<T: Copy>(samples: Vec<T>, planes: usize) -> Vec<T> {
    if planes <= 1 {
        return samples;
    }
    let length = samples.len() / planes;
    (0..length).flat_map(|i| (0..planes).map(move |plane| plane * length + i)).map(|i| samples[i]).collect()
}

/// Samples of 1, 2 or 4 bits, packed with every row starting at a byte; spread over 0–255 if `scaled`.
fn unpack(packed: &[u8], width: usize, height: usize, bits: u8, scaled: bool) -> Vec<u8> {
    let bits = usize::from(bits.max(1));
    let largest = (1usize << bits) - 1;
    let mut out = Vec::with_capacity(width * height);
    for row in packed.chunks_exact((width * bits).div_ceil(8)).take(height) {
        out.extend((0..width).map(|x| {
            let at = x * bits;
            let value = usize::from(row[at / 8]) >> (8usize.saturating_sub(bits + at % 8)) & largest;
            if scaled { (value * 255 / largest) as u8 } else { value as u8 }
        }));
    }
    out
}

/// Looks up colours: the map holds all reds, then all greens, then all blues, of 16 bits.
fn through_palette(mut raw: Raw, map: &[u16]) -> Option<Raw> {
    let Samples::U8(indices) = &raw.samples else {
        return None;
    };
    let entries = map.len() / 3;
    if indices.iter().any(|&i| usize::from(i) >= entries) {
        return None;
    }
    let colours = |i: usize| [map[i], map[entries + i], map[2 * entries + i]];
    let wide: Vec<u16> = indices.iter().flat_map(|&i| colours(i.into())).collect();
    // Most palettes are of 8 bits, stored as k·257 or k·256; either way the high byte is the value.
    let eight = map.iter().all(|&v| v % 257 == 0) || map.iter().all(|&v| v % 256 == 0);
    raw.samples =
        if eight { Samples::U8(wide.iter().map(|&v| (v >> 8) as u8).collect()) } else { Samples::U16(wide) };
    raw.layout = Layout::Rgb;
    Some(raw)
}

/// A copy of a palette TIFF that calls itself grey, or nothing if it is not one.
///
/// The decoder has no palettes, but as grey it hands over the indices, and the colour map can be read beside them.
fn palette_as_grey(bytes: &[u8]) -> Option<Vec<u8>> {
    const PHOTOMETRIC: u16 = 262;
    let little = match bytes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |b| if little { u16::from_le_bytes(b) } else { u16::from_be_bytes(b) };
    let long = |b| if little { u32::from_le_bytes(b) } else { u32::from_be_bytes(b) };
    let at = |i: usize| bytes.get(i..)?.first_chunk::<2>().map(|&b| short(b));
    let directory = long(*bytes.get(4..)?.first_chunk::<4>()?) as usize;
    for entry in 0..usize::from(at(directory)?) {
        let entry = directory.checked_add(2 + 12 * entry)?;
        if at(entry)? == PHOTOMETRIC {
            if at(entry + 8)? != 3 {
                return None;
            }
            let mut copy = bytes.to_vec();
            let grey = if little { 1u16.to_le_bytes() } else { 1u16.to_be_bytes() };
            copy.get_mut(entry + 8..entry + 10)?.copy_from_slice(&grey);
            return Some(copy);
        }
    }
    None
}

fn failure(error: TiffError, path: &Path) -> Error {
    let path = path.to_owned();
    match error {
        TiffError::UnsupportedError(e) => {
            Error::Unsupported { path, what: format!("this kind of TIFF ({e})") }
        }
        other => Error::Damaged { path, format: "TIFF", reason: other.to_string() },
    }
}
