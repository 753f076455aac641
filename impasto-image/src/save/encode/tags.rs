//! EXIF fields in a TIFF, which has directories for them itself.

use std::io::{Seek, Write};

use exif::{Context, Field, Value};
use tiff::encoder::{DirectoryEncoder, TiffEncoder, TiffKindStandard};
use tiff::tags::{Tag, Type};
use tiff::{Directory, TiffResult};

/// Writes the directory of exposure and dates and the one of the place; their offsets, where they hold anything.
pub(super) fn directories<W: Write + Seek>(
    encoder: &mut TiffEncoder<W>,
    fields: &[Field],
) -> TiffResult<(Option<u32>, Option<u32>)> {
    let mut written = |context| -> TiffResult<Option<u32>> {
        if fields.iter().all(|field| field.tag.context() != context) {
            return Ok(None);
        }
        let mut directory = encoder.extra_directory()?;
        write(&mut directory, fields, context)?;
        Ok(Some(directory.finish_with_offsets()?.offset))
    };
    Ok((written(Context::Exif)?, written(Context::Gps)?))
}

/// Writes what belongs to the picture's own directory: fields, the colour profile, the offsets of the other directories.
pub(super) fn main<W: Write + Seek>(
    directory: &mut DirectoryEncoder<'_, W, TiffKindStandard>,
    fields: &[Field],
    icc: &[u8],
    details: Option<u32>,
    place: Option<u32>,
) -> TiffResult<()> {
    write(directory, fields, Context::Tiff)?;
    let profile = directory.write_entry_bytes(Type::UNDEFINED, icc)?;
    directory.extend_from(&Directory::from_iter([(Tag::IccProfile, profile)]));
    for (tag, offset) in [(Tag::ExifDirectory, details), (Tag::GpsDirectory, place)] {
        if let Some(offset) = offset {
            directory.write_tag(tag, offset)?;
        }
    }
    Ok(())
}

fn write<W: Write + Seek>(
    directory: &mut DirectoryEncoder<'_, W, TiffKindStandard>,
    fields: &[Field],
    context: Context,
) -> TiffResult<()> {
    for field in fields.iter().filter(|field| field.tag.context() == context) {
        if let Some((kind, bytes)) = encoded(&field.value) {
            let entry = directory.write_entry_bytes(kind, &bytes)?;
            let tag = Tag::from_u16_exhaustive(field.tag.number());
            directory.extend_from(&Directory::from_iter([(tag, entry)]));
        }
    }
    Ok(())
}

/// A value in the byte order of this machine, in which the encoder writes.
fn encoded(value: &Value) -> Option<(Type, Vec<u8>)> {
    Some(match value {
        Value::Byte(v) => (Type::BYTE, v.clone()),
        Value::Ascii(texts) => {
            (Type::ASCII, texts.iter().flat_map(|text| text.iter().copied().chain([0])).collect())
        }
        Value::Short(v) => (Type::SHORT, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::Long(v) => (Type::LONG, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::Rational(v) => {
            (Type::RATIONAL, v.iter().flat_map(|v| [v.num, v.denom]).flat_map(u32::to_ne_bytes).collect())
        }
        Value::SByte(v) => (Type::SBYTE, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::Undefined(v, _) => (Type::UNDEFINED, v.clone()),
        Value::SShort(v) => (Type::SSHORT, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::SLong(v) => (Type::SLONG, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::SRational(v) => {
            (Type::SRATIONAL, v.iter().flat_map(|v| [v.num, v.denom]).flat_map(i32::to_ne_bytes).collect())
        }
        Value::Float(v) => (Type::FLOAT, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::Double(v) => (Type::DOUBLE, v.iter().flat_map(|v| v.to_ne_bytes()).collect()),
        Value::Unknown(..) => return None,
    })
}
