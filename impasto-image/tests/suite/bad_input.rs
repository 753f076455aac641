//! Files that are no pictures, broken ones and hostile ones: an error that says so, never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use impasto_image::{Error, InputFormat, Limits, decode, open, record};
use proptest::prelude::*;

fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// One or more files of every format and kind of compression.
const SAMPLES: &[&str] = &[
    "rgb8.png",
    "rgba16.png",
    "palette_alpha.png",
    "icc_p3.png",
    "orientation6.png",
    "rgb_420.jpg",
    "progressive.jpg",
    "cmyk.jpg",
    "ycck.jpg",
    "icc_cmyk.jpg",
    "restart.jpg",
    "lossless.webp",
    "lossy.webp",
    "animated.webp",
    "rgb8.bmp",
    "palette.bmp",
    "palette.gif",
    "animated.gif",
    "raw.tif",
    "lzw.tif",
    "deflate.tif",
    "packbits.tif",
    "fax4.tif",
    "jpeg.tif",
    "palette.tif",
    "planar.tif",
    "float.tif",
    "icc_cmyk.tif",
    "pages.tif",
];

fn sample(name: &str) -> Vec<u8> {
    fs::read(data_folder().join(name)).unwrap()
}

fn decoded(bytes: &[u8]) -> Result<impasto_image::Opened, Error> {
    decode(bytes, Path::new("some.picture"), &Limits::default())
}

fn names_the_file(error: &Error, path: &Path) {
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[test]
fn what_is_no_picture_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let limits = Limits::default();

    let path = folder.path().join("missing.png");
    let error = open(&path, &limits).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    names_the_file(&error, &path);

    let error = open(folder.path(), &limits).unwrap_err();
    assert!(matches!(error, Error::IsDirectory { .. }), "{error:?}");
    names_the_file(&error, folder.path());

    let path = write("empty.png", b"");
    assert!(matches!(open(&path, &limits).unwrap_err(), Error::Empty { .. }));

    let text = "Dear diary, today I painted nothing at all.\n".repeat(40) + "é";
    let cases: [(&str, &[u8], &str); 4] = [
        ("text.png", text.as_bytes(), "text"),
        ("archive.jpg", b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        ("document.png", b"%PDF-1.7\n", "a PDF document"),
        ("noise.bmp", b"\x01\x02\xff\xfe\0\0", "unknown binary data"),
    ];
    for (name, content, expected) in cases {
        let path = write(name, content);
        let error = open(&path, &limits).unwrap_err();
        assert!(
            matches!(&error, Error::NotAPicture { looks_like, .. } if *looks_like == expected),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("PNG"));
        names_the_file(&error, &path);
        assert!(record::read(&path).is_err());
    }

    let path = write("phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let error = open(&path, &limits).unwrap_err();
    assert!(error.to_string().contains("HEIC"), "{error}");
    assert!(error.hint().unwrap().contains("convert"));
}

#[test]
fn the_extension_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really_a_png.jpg");
    fs::copy(data_folder().join("rgb8.png"), &path).unwrap();
    assert_eq!(open(&path, &Limits::default()).unwrap().format, InputFormat::Png);
}

#[cfg(unix)]
#[test]
fn an_endless_device_is_not_read_to_its_end() {
    let error = open("/dev/zero", &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::NotAPicture { .. }), "{error:?}");
    assert!(matches!(open("/dev/null", &Limits::default()).unwrap_err(), Error::Empty { .. }));
}

/// Headers that declare 30000×30000 pixels, with next to nothing behind them.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 30_000u32;
    let mut png = sample("rgb8.png");
    png[16..20].copy_from_slice(&side.to_be_bytes());
    png[20..24].copy_from_slice(&side.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());

    let mut gif = sample("palette.gif");
    gif[6..8].copy_from_slice(&(side as u16).to_le_bytes());
    gif[8..10].copy_from_slice(&(side as u16).to_le_bytes());

    let mut bmp = sample("rgb8.bmp");
    bmp[18..22].copy_from_slice(&side.to_le_bytes());
    bmp[22..26].copy_from_slice(&side.to_le_bytes());

    // The extended header of an animation gives the canvas in 24 bits, less one.
    let mut webp = sample("animated.webp");
    assert_eq!(&webp[12..16], b"VP8X");
    webp[24..27].copy_from_slice(&(side - 1).to_le_bytes()[..3]);
    webp[27..30].copy_from_slice(&(side - 1).to_le_bytes()[..3]);

    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entries: [(u16, u16, u32); 9] = [
        (256, 4, side),
        (257, 4, side),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, side),
        (279, 4, 16),
    ];
    tiff.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(kind.to_le_bytes());
        tiff.extend(1u32.to_le_bytes());
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend([0; 20]);

    let mut jpeg = sample("rgb_444.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&(side as u16).to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&(side as u16).to_be_bytes());
    vec![("PNG", png), ("GIF", gif), ("BMP", bmp), ("WebP", webp), ("TIFF", tiff), ("JPEG", jpeg)]
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &b| {
        (0..8).fold(crc ^ u32::from(b), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn a_bomb_is_refused_from_its_header() {
    for (format, bytes) in bombs() {
        let error = decoded(&bytes).unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { width: 30_000, height: 30_000, .. }),
            "{format}: {error:?}"
        );
        let text = error.to_string();
        assert!(
            text.contains("30000×30000") && text.contains("256000000") && text.contains("some.picture"),
            "{text}"
        );
        assert!(error.hint().is_some());
    }
}

#[test]
fn limits_can_be_set() {
    let limits = Limits { max_pixels: 24 * 17 - 1, ..Limits::default() };
    let error = open(data_folder().join("rgb8.png"), &limits).unwrap_err();
    assert!(matches!(error, Error::TooLarge { width: 24, height: 17, .. }), "{error:?}");
    let limits = Limits { max_side: 23, ..Limits::default() };
    assert!(open(data_folder().join("rgb8.png"), &limits).is_err());
    let limits = Limits { max_file_bytes: 600, ..Limits::default() };
    let error = open(data_folder().join("rgb8.bmp"), &limits).unwrap_err();
    assert!(matches!(error, Error::FileTooLarge { limit: 600, .. }), "{error:?}");
    let limits = Limits { max_pixels: 24 * 17, max_side: 24, ..Limits::default() };
    assert!(open(data_folder().join("rgb8.png"), &limits).is_ok());
}

/// Formats whose data may end behind the pixels that are used: an animation's later frames or pages are never read, and
/// neither are a file's trailing tags.
fn may_survive(name: &str, cut: usize, length: usize) -> bool {
    match name {
        "animated.gif" | "animated.webp" | "pages.tif" => cut * 8 >= length * 3,
        _ => false,
    }
}

#[test]
fn a_truncated_file_is_an_error() {
    let mut failures = Vec::new();
    for name in SAMPLES {
        let bytes = sample(name);
        for eighth in 1..8 {
            let cut = bytes.len() * eighth / 8;
            match decoded(&bytes[..cut]) {
                Err(Error::Damaged { .. } | Error::NotAPicture { .. }) => {}
                Err(other) => failures.push(format!("{name} at {eighth}/8: {other:?}")),
                Ok(_) if may_survive(name, cut, bytes.len()) => {}
                Ok(_) => failures.push(format!("{name} at {eighth}/8: opened")),
            }
        }
        let one_less = decoded(&bytes[..bytes.len() - 1]);
        println!("{name} less its last byte: {:?}", one_less.err().map(|e| e.to_string()));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_marker_inside_the_scan_is_an_error() {
    for name in ["rgb_444.jpg", "cmyk.jpg", "grey.jpg"] {
        let mut bytes = sample(name);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4].copy_from_slice(&[0xff, 0xc8, 0, 2]);
        let result = decoded(&bytes);
        assert!(matches!(result, Err(Error::Damaged { .. } | Error::Unsupported { .. })), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(
        signature in prop::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b"RIFF\0\x10\0\0WEBPVP8 ", b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08", b"BM", b"GIF89a", b"",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = decoded(&[signature, &bytes].concat());
    }

    #[test]
    fn mutated_pictures_never_panic(
        name in prop::sample::select(SAMPLES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        early in any::<bool>(),
    ) {
        let mut bytes = sample(name);
        // Headers are the smaller part of a file and the more fragile one.
        let reach = if early { bytes.len().min(200) } else { bytes.len() };
        for (at, value) in edits {
            bytes[at.index(reach)] = value;
        }
        // Small limits, since a mutated header may ask for a large picture.
        let limits = Limits { max_pixels: 4_000_000, ..Limits::default() };
        if let Ok(opened) = decode(&bytes, Path::new("some.picture"), &limits) {
            let picture = &opened.picture;
            prop_assert_eq!(picture.rgb().len(), picture.width() * picture.height() * 3);
            prop_assert!(picture.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let _ = record::read(&path);
    }
}
