//! What a file is, from its first bytes.

use image::ImageFormat;

use crate::open::InputFormat;

/// What the first bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// A format this crate reads.
    Picture(InputFormat),
    /// A picture format it does not read.
    Unsupported(&'static str),
    /// Not a picture, as far as can be told.
    Other(&'static str),
}

/// Signatures of files that people hand to a picture program, beyond those `image` tells apart.
const OTHERS: &[(&[u8], usize, Sniffed)] = &[
    (b"ftypheic", 4, Sniffed::Unsupported("HEIC")),
    (b"ftypheix", 4, Sniffed::Unsupported("HEIC")),
    (b"ftypmif1", 4, Sniffed::Unsupported("HEIF")),
    (b"ftypcrx ", 4, Sniffed::Unsupported("a camera's raw format (CR3)")),
    (b"\xff\x0a", 0, Sniffed::Unsupported("JPEG XL")),
    (b"\0\0\0\x0cJXL ", 0, Sniffed::Unsupported("JPEG XL")),
    (b"\0\0\0\x0cjP  ", 0, Sniffed::Unsupported("JPEG 2000")),
    (b"8BPS", 0, Sniffed::Unsupported("Photoshop's format (PSD)")),
    (b"gimp xcf", 0, Sniffed::Unsupported("GIMP's format (XCF)")),
    (b"<svg", 0, Sniffed::Unsupported("SVG")),
    (b"%PDF", 0, Sniffed::Other("a PDF document")),
    (b"PK\x03\x04", 0, Sniffed::Other("a ZIP archive")),
    (b"\x1f\x8b", 0, Sniffed::Other("gzip-compressed data")),
    (b"\x7fELF", 0, Sniffed::Other("a program")),
    (b"ftyp", 4, Sniffed::Other("a video")),
    (b"\x1a\x45\xdf\xa3", 0, Sniffed::Other("a video")),
];

/// Bytes [`sniff`] wants to see, fewer if the file is shorter.
pub(crate) const HEAD: usize = 512;

/// Tells what a file is from its first [`HEAD`] bytes; extensions are not asked, since they are often wrong.
pub(crate) fn sniff(head: &[u8]) -> Sniffed {
    if let Ok(format) = image::guess_format(head) {
        return match format {
            ImageFormat::Png => Sniffed::Picture(InputFormat::Png),
            ImageFormat::Jpeg => Sniffed::Picture(InputFormat::Jpeg),
            ImageFormat::WebP => Sniffed::Picture(InputFormat::WebP),
            ImageFormat::Tiff => Sniffed::Picture(InputFormat::Tiff),
            ImageFormat::Bmp => Sniffed::Picture(InputFormat::Bmp),
            ImageFormat::Gif => Sniffed::Picture(InputFormat::Gif),
            ImageFormat::Avif => Sniffed::Unsupported("AVIF"),
            ImageFormat::OpenExr => Sniffed::Unsupported("OpenEXR"),
            ImageFormat::Hdr => Sniffed::Unsupported("Radiance HDR"),
            ImageFormat::Pnm => Sniffed::Unsupported("PNM"),
            ImageFormat::Ico => Sniffed::Unsupported("ICO"),
            ImageFormat::Dds => Sniffed::Unsupported("DDS"),
            ImageFormat::Farbfeld => Sniffed::Unsupported("farbfeld"),
            ImageFormat::Qoi => Sniffed::Unsupported("QOI"),
            _ => Sniffed::Unsupported("this picture format"),
        };
    }
    for (signature, at, sniffed) in OTHERS {
        if head.get(*at..).is_some_and(|rest| rest.starts_with(signature)) {
            return match sniffed {
                Sniffed::Unsupported(what) => Sniffed::Unsupported(what),
                Sniffed::Other(what) => Sniffed::Other(what),
                Sniffed::Picture(format) => Sniffed::Picture(*format),
            };
        }
    }
    // The cut at HEAD may split a character, so only an error before the end counts.
    let text = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && head.len() == HEAD,
    };
    let printable = head.iter().all(|&b| b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c));
    Sniffed::Other(if text && printable { "text" } else { "unknown binary data" })
}
