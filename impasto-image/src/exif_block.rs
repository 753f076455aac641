//! EXIF data of a photo, for pictures made from it.

use std::collections::HashSet;
use std::io::{self, Cursor};

use exif::experimental::Writer;
use exif::{Context, Error, Field, In, Reader, Tag, Value};

use crate::decode::guard::guarded;
use crate::record;

/// Longest value in bytes that is kept. Standard fields have some hundred at most; the block of a JPEG has 64 KiB in all.
const LONGEST: usize = 1 << 15;

/// The title and the comment that Windows keeps in UTF-16; photo managers read them.
const XP_TITLE: Tag = Tag(Context::Tiff, 0x9c9b);
const XP_COMMENT: Tag = Tag(Context::Tiff, 0x9c9c);

const RESOLUTION: [Tag; 3] = [Tag::XResolution, Tag::YResolution, Tag::ResolutionUnit];
const HOST_COMPUTER: Tag = Tag(Context::Tiff, 0x13c);
const RATING: Tag = Tag(Context::Tiff, 0x4746);
const RATING_PERCENT: Tag = Tag(Context::Tiff, 0x4749);

/// What a photo's EXIF data say about the photo as such: camera, lens, exposure, dates, place, people, texts, resolution.
///
/// Left out is what is true of the photo's file alone: its orientation, sizes, encoding and colour space, the thumbnail,
/// the software that wrote it, and positions in pixels. So are makers' notes, whose undocumented inner offsets would lead
/// elsewhere in another file, and fields that are not in the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExifBlock {
    block: Vec<u8>,
}

impl ExifBlock {
    /// Reads an EXIF block, which is made like a TIFF file; also says what could not be read, and then keeps the rest.
    pub fn read(block: &[u8]) -> (Option<Self>, Option<String>) {
        let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        let read = guarded(|| {
            let (fields, damage) = parse(block)?;
            let mut seen = HashSet::new();
            let mut kept: Vec<Field> =
                fields.into_iter().filter(|field| is_kept(field) && seen.insert(field.tag)).collect();
            // Without a unit a resolution is only a ratio; TIFF files have to have one, whether it means anything or not.
            if kept.iter().any(|f| f.tag == Tag::ResolutionUnit && f.value.get_uint(0) == Some(1)) {
                kept.retain(|f| !RESOLUTION.contains(&f.tag));
            }
            let kept = encode(&kept).map_err(|e| e.to_string())?;
            Ok::<_, String>((kept.map(|block| Self { block }), damage))
        });
        match read.and_then(|read| read) {
            Ok(read) => read,
            Err(damage) => (None, Some(damage)),
        }
    }

    /// The block as it is kept, made like a TIFF file in big-endian order.
    pub fn block(&self) -> &[u8] {
        &self.block
    }

    fn fields(&self) -> Vec<Field> {
        // The block is our own writing.
        parse(&self.block).map(|(fields, _)| fields).unwrap_or_default()
    }
}

/// The fields of a block, and what could not be read of it.
fn parse(block: &[u8]) -> Result<(Vec<Field>, Option<String>), String> {
    if let Ok((fields, _)) = exif::parse_exif(block) {
        return Ok((fields, None));
    }
    let mut damage = None;
    let exif = Reader::new().continue_on_error(true).read_raw(block.to_vec()).or_else(|error| {
        error.distill_partial_result(|errors| damage = errors.first().map(Error::to_string))
    });
    let exif = exif.map_err(|error| error.to_string())?;
    Ok((exif.fields().cloned().collect(), damage))
}

fn is_kept(field: &Field) -> bool {
    let Field { tag, ifd_num, value } = field;
    let length = length(value);
    if *ifd_num != In::PRIMARY || length == 0 || length > LONGEST {
        return false;
    }
    match tag.context() {
        // What a reader of TIFF files relies on has to be of its proper type.
        Context::Tiff => match *tag {
            Tag::ImageDescription
            | Tag::Make
            | Tag::Model
            | Tag::DateTime
            | Tag::Artist
            | Tag::Copyright
            | HOST_COMPUTER => matches!(value, Value::Ascii(_)),
            Tag::XResolution | Tag::YResolution => matches!(value, Value::Rational(v) if v.len() == 1),
            Tag::ResolutionUnit | RATING | RATING_PERCENT => {
                matches!(value, Value::Short(v) if v.len() == 1)
            }
            Tag(_, 0x9c9b..=0x9c9f) => matches!(value, Value::Byte(_)),
            _ => false,
        },
        Context::Exif => !FILE_ONLY.contains(tag) && tag.description().is_some(),
        Context::Gps => tag.description().is_some(),
        _ => false,
    }
}

/// Fields that are true of one file alone.
const FILE_ONLY: &[Tag] = &[
    Tag::MakerNote,
    Tag::ColorSpace,
    Tag::Gamma,
    Tag::PixelXDimension,
    Tag::PixelYDimension,
    Tag::ComponentsConfiguration,
    Tag::CompressedBitsPerPixel,
    Tag::RelatedSoundFile,
    Tag::SubjectArea,
    Tag::SubjectLocation,
    Tag::FocalPlaneXResolution,
    Tag::FocalPlaneYResolution,
    Tag::FocalPlaneResolutionUnit,
    Tag::SpatialFrequencyResponse,
];

/// Bytes of a value; 0 for one of an unknown type.
fn length(value: &Value) -> usize {
    match value {
        Value::Byte(v) => v.len(),
        Value::Ascii(v) => v.iter().map(|text| text.len() + 1).sum(),
        Value::Short(v) => 2 * v.len(),
        Value::Long(v) => 4 * v.len(),
        Value::Rational(v) => 8 * v.len(),
        Value::SByte(v) => v.len(),
        Value::Undefined(v, _) => v.len(),
        Value::SShort(v) => 2 * v.len(),
        Value::SLong(v) => 4 * v.len(),
        Value::SRational(v) => 8 * v.len(),
        Value::Float(v) => 4 * v.len(),
        Value::Double(v) => 8 * v.len(),
        Value::Unknown(..) => 0,
    }
}

/// What a saved file holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saved {
    pub width: usize,
    pub height: usize,
    /// Whether the colours are sRGB.
    pub srgb: bool,
}

/// The fields of a file made from a photo with EXIF data: the photo's and those that tell of the file.
///
/// The record, where it is to be among them, takes the place of the photo's description, which becomes its title, or else
/// its comment, unless it is itself a record.
pub(crate) fn fields(photo: Option<&ExifBlock>, record: Option<&str>, saved: Saved) -> Vec<Field> {
    let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
    let mut fields = Vec::new();
    if let Some(photo) = photo {
        let side = |n: usize| Value::Long(vec![u32::try_from(n).unwrap_or(u32::MAX)]);
        // 65535 means neither sRGB nor known from here: the colour profile tells.
        let space = if saved.srgb { 1 } else { 65535 };
        fields = photo.fields();
        fields.push(field(Tag::Orientation, Value::Short(vec![1])));
        fields.push(field(Tag::ColorSpace, Value::Short(vec![space])));
        fields.push(field(Tag::PixelXDimension, side(saved.width)));
        fields.push(field(Tag::PixelYDimension, side(saved.height)));
    }
    let description = fields.iter().position(|field| field.tag == Tag::ImageDescription);
    if let Some(at) = description
        && let own = text(&fields[at].value)
        && (record.is_some() || own.is_empty() || record::parse(&own).is_some())
    {
        fields.remove(at);
        let free = [XP_TITLE, XP_COMMENT].into_iter().find(|tag| fields.iter().all(|f| f.tag != *tag));
        if let Some(tag) = free.filter(|_| !own.is_empty() && record::parse(&own).is_none()) {
            let utf16 = own.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            fields.push(field(tag, Value::Byte(utf16)));
        }
    }
    if let Some(record) = record {
        let text = record::description(record).into_bytes();
        fields.push(field(Tag::ImageDescription, Value::Ascii(vec![text])));
    }
    fields
}

/// A text without the blanks that cameras fill up with; bytes that are not UTF-8 are taken as Latin-1.
fn text(value: &Value) -> String {
    let Value::Ascii(parts) = value else { return String::new() };
    let bytes = parts.first().map(Vec::as_slice).unwrap_or_default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    text.trim().to_owned()
}

/// An EXIF block of these fields; nothing for none.
pub(crate) fn encode(fields: &[Field]) -> io::Result<Option<Vec<u8>>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).map_err(io::Error::other)?;
    Ok(Some(block.into_inner()))
}
