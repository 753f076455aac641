//! What an upload is, from its first bytes.

use crate::picture::Kind;
use impasto_image::InputFormat;

/// Bytes that [`sniff`] wants to see.
pub const HEAD: usize = 64;

/// Kind, extension and type of a file that may be a picture or a clip; what else it is where it is plainly something else.
///
/// Only containers are taken for clips: lists of other files, which ffmpeg would read as well, never are.
pub fn sniff(head: &[u8]) -> Result<(Kind, &'static str, &'static str), &'static str> {
    let at = |place: usize, magic: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(magic));
    if let Some(format) = InputFormat::from_content(head) {
        return Ok((Kind::Picture, format.extension(), format.media_type()));
    }
    let clip = |extension, media| Ok((Kind::Clip, extension, media));
    match () {
        () if head.is_empty() => Err("nothing"),
        () if at(4, b"ftypheic") || at(4, b"ftypheix") || at(4, b"ftypmif1") => Err("a HEIC picture"),
        () if at(4, b"ftypavif") => Err("an AVIF picture"),
        () if at(4, b"ftypcrx ") => Err("a camera's raw picture"),
        () if at(4, b"ftypqt") => clip("mov", "video/quicktime"),
        () if at(4, b"ftyp") => clip("mp4", "video/mp4"),
        () if at(4, b"moov") || at(4, b"mdat") || at(4, b"wide") => clip("mov", "video/quicktime"),
        () if at(0, b"\x1a\x45\xdf\xa3") && contains(head, b"webm") => clip("webm", "video/webm"),
        () if at(0, b"\x1a\x45\xdf\xa3") => clip("mkv", "video/x-matroska"),
        () if at(0, b"RIFF") && at(8, b"AVI ") => clip("avi", "video/x-msvideo"),
        () if at(0, b"YUV4MPEG2 ") => clip("y4m", "video/x-yuv4mpeg"),
        () if at(0, b"%PDF") => Err("a PDF document"),
        () if at(0, b"PK\x03\x04") => Err("a ZIP archive"),
        () if at(0, b"<svg") || at(0, b"<?xml") => Err("SVG or another kind of XML"),
        () if at(0, b"<") => Err("a web page"),
        () => Err("something else"),
    }
}

fn contains(head: &[u8], what: &[u8]) -> bool {
    head.windows(what.len()).any(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_kind() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Ok((Kind::Picture, "jpg", "image/jpeg")));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBP"), Ok((Kind::Picture, "webp", "image/webp")));
        assert_eq!(sniff(b"\0\0\0\x18ftypisom"), Ok((Kind::Clip, "mp4", "video/mp4")));
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3.....webm"), Ok((Kind::Clip, "webm", "video/webm")));
        for other in [
            &b""[..],
            b"\xff",
            b"#EXTM3U\nfile:///etc/passwd",
            b"ffconcat version 1.0",
            b"<html>",
            b"\0\0\0\x18ftypheic",
        ] {
            assert!(sniff(other).is_err());
        }
    }
}
