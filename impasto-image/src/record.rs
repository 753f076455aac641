//! The provenance record: a JSON text inside a saved picture that says how it was made.
//!
//! | format | place |
//! |---|---|
//! | PNG | an `iTXt` chunk with the keyword `impasto` |
//! | JPEG, WebP, TIFF | EXIF `ImageDescription` (tag 270): `impasto: ` and the text |
//! | BMP | none: the format has no place for it |
//!
//! A photo's own description makes room for it (see [`crate::exif_block`]); one that begins alike but goes on with
//! something that is no JSON is no record.
//!
//! Characters beyond ASCII are stored as JSON `\u` escapes, because EXIF text is ASCII; what is read back is the same
//! JSON value.

use std::fmt::Write;
use std::io::Cursor;
use std::path::Path;

use exif::{In, Tag, Value};

use crate::decode::guard::guarded;
use crate::decode::sniff::{HEAD, Sniffed, sniff};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::open::{InputFormat, read_file};

/// The keyword of the PNG chunk.
pub const KEYWORD: &str = "impasto";

/// What tells our text from a camera's own in `ImageDescription`.
const MARK: &str = "impasto: ";

/// Reads the record of a picture file; `None` if it carries none.
pub fn read(path: impl AsRef<Path>) -> Result<Option<String>> {
    let path = path.as_ref();
    let bytes = read_file(path, &Limits::default())?;
    let format = match sniff(&bytes[..bytes.len().min(HEAD)]) {
        Sniffed::Picture(format) => format,
        Sniffed::Unsupported(what) => {
            return Err(Error::Unsupported { path: path.to_owned(), what: what.to_owned() });
        }
        Sniffed::Other(looks_like) => return Err(Error::NotAPicture { path: path.to_owned(), looks_like }),
    };
    let found = guarded(|| match format {
        InputFormat::Png => read_png(&bytes),
        InputFormat::Jpeg | InputFormat::WebP | InputFormat::Tiff => Ok(read_exif(&bytes)),
        InputFormat::Bmp | InputFormat::Gif => Ok(None),
    });
    found.and_then(|found| found).map_err(|reason| Error::Damaged {
        path: path.to_owned(),
        format: format.name(),
        reason,
    })
}

fn read_png(bytes: &[u8]) -> std::result::Result<Option<String>, String> {
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().map_err(|e| e.to_string())?;
    // Other programs may have moved the chunk behind the pixels, which then have to be passed over.
    if ours(reader.info()).is_none() {
        reader.finish().map_err(|e| e.to_string())?;
    }
    Ok(ours(reader.info()).and_then(|chunk| chunk.get_text().ok()))
}

fn ours<'a>(info: &'a png::Info<'_>) -> Option<&'a png::text_metadata::ITXtChunk> {
    info.utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD)
}

fn read_exif(bytes: &[u8]) -> Option<String> {
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok()?;
    let Value::Ascii(texts) = &exif.get_field(Tag::ImageDescription, In::PRIMARY)?.value else {
        return None;
    };
    parse(std::str::from_utf8(texts.first()?).ok()?).map(str::to_owned)
}

/// The record as it goes into `ImageDescription`.
pub(crate) fn description(record: &str) -> String {
    format!("{MARK}{}", ascii(record))
}

/// The record in an `ImageDescription`, unless it is a photo's own text.
pub(crate) fn parse(description: &str) -> Option<&str> {
    let text = description.strip_prefix(MARK)?;
    serde_json::from_str::<serde_json::Value>(text).is_ok().then_some(text)
}

/// JSON text with everything beyond ASCII escaped, which JSON allows wherever such characters may stand; characters
/// that no JSON may hold are dropped, since a NUL would end an EXIF text.
pub(crate) fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        match c {
            '\n' | '\t' | '\r' | ' '..='~' => out.push(c),
            '\0'..='\x1f' => {}
            _ => {
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}
