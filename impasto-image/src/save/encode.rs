//! One encoder per format, each from a [`Picture`] to a writer.

mod tags;

use std::borrow::Cow;
use std::io::{self, Seek, Write};

use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError};
use tiff::encoder::colortype::{self, ColorType};
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder};
use tiff::tags::Tag;

use super::{BitDepth, SaveOptions};
use crate::exif_block::{self, Saved};
use crate::picture::{Picture, to_u8, to_u16};
use crate::profile::{Profile, srgb_icc};
use crate::record;

/// Longest EXIF block in a JPEG: a segment of 65 533 bytes, less the words that announce it.
pub(super) const JPEG_EXIF: usize = 65_527;

/// Longest record in a JPEG: an EXIF block, less the headers around the text.
pub(super) const JPEG_RECORD: usize = 65_000;

/// TIFF 6.0's value of `ExtraSamples` for straight alpha.
const UNASSOCIATED_ALPHA: u16 = 2;

pub(super) fn png<W: Write>(writer: W, picture: &Picture, options: &SaveOptions) -> io::Result<()> {
    write_png(writer, picture, options).map_err(|e| match e {
        png::EncodingError::IoError(e) => e,
        other => io::Error::other(other),
    })
}

fn write_png<W: Write>(
    writer: W,
    picture: &Picture,
    options: &SaveOptions,
) -> Result<(), png::EncodingError> {
    let (width, height) = sides(picture)?;
    let mut info = png::Info::with_size(width, height);
    // The record has a chunk of its own.
    info.exif_metadata = exif(picture.width(), picture.height(), options, false)?.map(Cow::Owned);
    info.icc_profile = options.profile.as_ref().map(|profile| Cow::Borrowed(profile.icc()));
    let mut encoder = png::Encoder::with_info(writer, info)?;
    encoder.set_color(if picture.alpha().is_some() { png::ColorType::Rgba } else { png::ColorType::Rgb });
    if options.profile.is_none() {
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    }
    if let Some(text) = &options.record {
        encoder.add_itxt_chunk(record::KEYWORD.into(), record::ascii(text))?;
    }
    let data = match options.bits {
        BitDepth::Eight => {
            encoder.set_depth(png::BitDepth::Eight);
            samples(picture, to_u8)
        }
        BitDepth::Sixteen => {
            encoder.set_depth(png::BitDepth::Sixteen);
            samples(picture, to_u16).into_iter().flat_map(u16::to_be_bytes).collect()
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()
}

pub(super) fn jpeg<W: Write>(writer: W, picture: &Picture, options: &SaveOptions) -> io::Result<()> {
    let (width, height) = sides(picture)?;
    let mut encoder = JpegEncoder::new_with_quality(writer, options.quality);
    describe(&mut encoder, picture, options)?;
    encoder.write_image(&picture.to_rgb8(), width, height, ExtendedColorType::Rgb8).map_err(to_io)
}

pub(super) fn webp<W: Write>(writer: W, picture: &Picture, options: &SaveOptions) -> io::Result<()> {
    let (width, height) = sides(picture)?;
    let mut encoder = WebPEncoder::new_lossless(writer);
    describe(&mut encoder, picture, options)?;
    encoder.write_image(&samples(picture, to_u8), width, height, colour8(picture)).map_err(to_io)
}

/// Gives an encoder the colour profile and the EXIF block with the record.
fn describe(encoder: &mut impl ImageEncoder, picture: &Picture, options: &SaveOptions) -> io::Result<()> {
    encoder.set_icc_profile(icc(options).into_owned()).map_err(io::Error::other)?;
    if let Some(block) = exif(picture.width(), picture.height(), options, true)? {
        encoder.set_exif_metadata(block).map_err(io::Error::other)?;
    }
    Ok(())
}

/// The colour profile to embed.
fn icc(options: &SaveOptions) -> Cow<'_, [u8]> {
    match &options.profile {
        Some(profile) => Cow::Borrowed(profile.icc()),
        None => Cow::Owned(srgb_icc()),
    }
}

/// The EXIF block to write, if there is anything to say.
pub(super) fn exif(
    width: usize,
    height: usize,
    options: &SaveOptions,
    with_record: bool,
) -> io::Result<Option<Vec<u8>>> {
    exif_block::encode(&fields(width, height, options, with_record))
}

fn fields(width: usize, height: usize, options: &SaveOptions, with_record: bool) -> Vec<exif::Field> {
    let srgb = options.profile.as_ref().is_none_or(Profile::is_srgb);
    let record = options.record.as_deref().filter(|_| with_record);
    exif_block::fields(options.exif.as_ref(), record, Saved { width, height, srgb })
}

pub(super) fn bmp<W: Write>(mut writer: W, picture: &Picture) -> io::Result<()> {
    let (width, height) = sides(picture)?;
    BmpEncoder::new(&mut writer)
        .encode(&samples(picture, to_u8), width, height, colour8(picture))
        .map_err(to_io)
}

pub(super) fn tiff<W: Write + Seek>(writer: W, picture: &Picture, options: &SaveOptions) -> io::Result<()> {
    match (options.bits, picture.alpha().is_some()) {
        (BitDepth::Eight, false) => write_tiff::<colortype::RGB8, W>(writer, picture, options, to_u8),
        (BitDepth::Eight, true) => write_tiff::<colortype::RGBA8, W>(writer, picture, options, to_u8),
        (BitDepth::Sixteen, false) => write_tiff::<colortype::RGB16, W>(writer, picture, options, to_u16),
        (BitDepth::Sixteen, true) => write_tiff::<colortype::RGBA16, W>(writer, picture, options, to_u16),
    }
}

fn write_tiff<C, W>(
    writer: W,
    picture: &Picture,
    options: &SaveOptions,
    quantise: fn(f32) -> C::Inner,
) -> io::Result<()>
where
    C: ColorType,
    W: Write + Seek,
    [C::Inner]: tiff::encoder::TiffValue,
{
    let failed = |e| match e {
        tiff::TiffError::IoError(e) => e,
        other => io::Error::other(other),
    };
    let (width, height) = sides(picture)?;
    let mut encoder = TiffEncoder::new(writer)
        .map_err(failed)?
        .with_compression(Compression::Deflate(DeflateLevel::default()))
        .with_predictor(Predictor::Horizontal);
    let fields = fields(picture.width(), picture.height(), options, true);
    let (details, place) = tags::directories(&mut encoder, &fields).map_err(failed)?;
    let mut image = encoder.new_image::<C>(width, height).map_err(failed)?;
    if picture.alpha().is_some() {
        image.encoder().write_tag(Tag::ExtraSamples, &[UNASSOCIATED_ALPHA][..]).map_err(failed)?;
    }
    tags::main(image.encoder(), &fields, &icc(options), details, place).map_err(failed)?;
    image.write_data(&samples(picture, quantise)).map_err(failed)
}

/// Interleaved samples, with alpha if there is any.
fn samples<T>(picture: &Picture, quantise: fn(f32) -> T) -> Vec<T> {
    match picture.alpha() {
        None => picture.rgb().iter().map(|&v| quantise(v)).collect(),
        Some(alpha) => (picture.rgb().chunks_exact(3).zip(alpha))
            .flat_map(|(c, &a)| [quantise(c[0]), quantise(c[1]), quantise(c[2]), quantise(a)])
            .collect(),
    }
}

fn colour8(picture: &Picture) -> ExtendedColorType {
    if picture.alpha().is_some() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 }
}

fn sides(picture: &Picture) -> io::Result<(u32, u32)> {
    let side = |n: usize| u32::try_from(n).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    Ok((side(picture.width())?, side(picture.height())?))
}

fn to_io(error: ImageError) -> io::Error {
    match error {
        ImageError::IoError(e) => e,
        other => io::Error::other(other),
    }
}
