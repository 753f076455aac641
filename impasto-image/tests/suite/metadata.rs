//! EXIF data of a photo in the pictures made from it.

use std::io::Cursor;
use std::path::Path;

use exif::experimental::Writer;
use exif::{Context, Exif, Field, In, Rational, Reader, Tag, Value};
use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};
use impasto_image::save::{check_options, encode};
use impasto_image::{
    Error, ExifBlock, Limits, Metadata, OutputFormat, Picture, SaveOptions, decode, open, record, save,
};
use proptest::prelude::*;

const FORMATS: [OutputFormat; 4] =
    [OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP, OutputFormat::Tiff];

fn text(tag: Tag, text: &str) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value: Value::Ascii(vec![text.into()]) }
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn ratio(num: u32, denom: u32) -> Rational {
    Rational { num, denom }
}

/// What a photo says that pictures made from it shall say, too.
fn kept() -> Vec<Field> {
    vec![
        text(Tag::Make, "Impasto Optical"),
        text(Tag::Model, "Model 1"),
        text(Tag::Artist, "Käthe"),
        text(Tag::Copyright, "© Käthe"),
        text(Tag::DateTimeOriginal, "2026:05:04 03:02:01"),
        text(Tag::OffsetTimeOriginal, "+02:00"),
        text(Tag::LensModel, "50mm f/1.8"),
        field(Tag::XResolution, Value::Rational(vec![ratio(300, 1)])),
        field(Tag::YResolution, Value::Rational(vec![ratio(300, 1)])),
        field(Tag::ResolutionUnit, Value::Short(vec![2])),
        field(Tag::ExposureTime, Value::Rational(vec![ratio(1, 125)])),
        field(Tag::PhotographicSensitivity, Value::Short(vec![400])),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::UserComment, Value::Undefined(b"ASCII\0\0\0at home".to_vec(), 0)),
        text(Tag::GPSLatitudeRef, "N"),
        field(Tag::GPSLatitude, Value::Rational(vec![ratio(48, 1), ratio(8, 1), ratio(0, 1)])),
        field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
    ]
}

/// What is true of the photo's file alone.
fn dropped() -> Vec<Field> {
    vec![
        field(Tag::Orientation, Value::Short(vec![6])),
        text(Tag::Software, "Some editor 3"),
        field(Tag::ColorSpace, Value::Short(vec![65535])),
        field(Tag::PixelXDimension, Value::Long(vec![4000])),
        field(Tag::PixelYDimension, Value::Long(vec![3000])),
        field(Tag::MakerNote, Value::Undefined(vec![7; 300], 0)),
        field(Tag::SubjectArea, Value::Short(vec![1000, 1000])),
        text(Tag::InteroperabilityIndex, "R03"),
        field(Tag(Context::Exif, 0xea1d), Value::SLong(vec![-4])),
        field(Tag(Context::Tiff, 0xc4a5), Value::Undefined(b"PrintIM".to_vec(), 0)),
    ]
}

fn block(fields: &[Field], thumbnail: bool) -> Vec<u8> {
    let compression = Field { tag: Tag::Compression, ifd_num: In::THUMBNAIL, value: Value::Short(vec![6]) };
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    if thumbnail {
        writer.push_field(&compression);
        writer.set_jpeg(b"\xff\xd8\xff\xd9", In::THUMBNAIL);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, true).unwrap();
    block.into_inner()
}

fn photo_block(description: Option<&str>) -> Vec<u8> {
    let mut fields = [kept(), dropped()].concat();
    fields.extend(description.map(|description| text(Tag::ImageDescription, description)));
    block(&fields, true)
}

/// A file of 6 × 4 pixels with this EXIF block.
fn file(format: OutputFormat, exif: &[u8]) -> Vec<u8> {
    let pixels: Vec<u8> = (0..6 * 4 * 3).map(|k| k * 3).collect();
    let mut file = Cursor::new(Vec::new());
    fn write(mut encoder: impl ImageEncoder, exif: &[u8], pixels: &[u8]) {
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        encoder.write_image(pixels, 6, 4, ExtendedColorType::Rgb8).unwrap();
    }
    match format {
        OutputFormat::Png => write(PngEncoder::new(&mut file), exif, &pixels),
        OutputFormat::Jpeg => write(JpegEncoder::new(&mut file), exif, &pixels),
        _ => write(WebPEncoder::new_lossless(&mut file), exif, &pixels),
    }
    file.into_inner()
}

fn metadata(bytes: &[u8]) -> Metadata {
    decode(bytes, Path::new("photo"), &Limits::default()).unwrap().metadata
}

fn saved(picture: &Picture, format: OutputFormat, options: &SaveOptions) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    encode(&mut file, picture, format, options).unwrap();
    file.into_inner()
}

fn exif_of(bytes: &[u8]) -> Exif {
    Reader::new().read_from_container(&mut Cursor::new(bytes)).unwrap()
}

fn value(exif: &Exif, tag: Tag) -> Option<String> {
    exif.get_field(tag, In::PRIMARY).map(|field| match &field.value {
        // The number is where the value stands in the file.
        Value::Undefined(bytes, _) => format!("{:?}", Value::Undefined(bytes.clone(), 0)),
        value => format!("{value:?}"),
    })
}

fn record_of(bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    record::read(&path).unwrap()
}

#[test]
fn what_is_true_of_the_photo_is_kept_in_every_format() {
    for from in [OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP] {
        let opened =
            decode(&file(from, &photo_block(Some("A hill"))), Path::new("photo"), &Limits::default())
                .unwrap();
        // The photo lies on its side.
        assert_eq!((opened.picture.width(), opened.picture.height()), (4, 6));
        assert_eq!(opened.metadata.damage, None);
        for format in FORMATS {
            let options = SaveOptions {
                record: Some("{\"seed\":1}".into()),
                exif: opened.metadata.exif.clone(),
                ..SaveOptions::default()
            };
            let bytes = saved(&opened.picture, format, &options);
            let exif = exif_of(&bytes);
            for field in kept() {
                assert_eq!(
                    value(&exif, field.tag),
                    Some(format!("{:?}", field.value)),
                    "{from:?} to {format:?}: {}",
                    field.tag
                );
            }
            let says = |tag, expected: Value| {
                assert_eq!(value(&exif, tag), Some(format!("{expected:?}")), "{format:?}: {tag}");
            };
            says(Tag::Orientation, Value::Short(vec![1]));
            says(Tag::ColorSpace, Value::Short(vec![1]));
            says(Tag::PixelXDimension, Value::Long(vec![4]));
            says(Tag::PixelYDimension, Value::Long(vec![6]));
            for tag in [Tag::MakerNote, Tag::Software, Tag::SubjectArea, Tag::InteroperabilityIndex] {
                assert_eq!(value(&exif, tag), None, "{format:?}: {tag}");
            }
            assert!(exif.fields().all(|field| field.ifd_num == In::PRIMARY), "a thumbnail in {format:?}");
            assert_eq!(record_of(&bytes).as_deref(), Some("{\"seed\":1}"), "{format:?}");
            if format == OutputFormat::Png {
                says(Tag::ImageDescription, Value::Ascii(vec![b"A hill".to_vec()]));
            } else {
                let utf16 = "A hill\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
                says(Tag(Context::Tiff, 0x9c9b), Value::Byte(utf16));
            }

            // The pixels are upright, and a second generation says the same.
            let again = decode(&bytes, Path::new("again"), &Limits::default()).unwrap();
            assert_eq!((again.picture.width(), again.picture.height()), (4, 6), "{format:?}");
            assert_eq!(again.metadata.damage, None, "{format:?}");
            let options = SaveOptions { exif: again.metadata.exif.clone(), ..options };
            let second = saved(&again.picture, format, &options);
            assert_eq!(metadata(&second).exif, again.metadata.exif, "{format:?}");
        }
    }
}

#[test]
fn without_exif_data_there_is_only_the_record() {
    let picture = Picture::new(2, 2, vec![0.5; 12]).unwrap();
    for format in FORMATS {
        let bytes =
            saved(&picture, format, &SaveOptions { record: Some("1".into()), ..SaveOptions::default() });
        let exif = metadata(&bytes).exif;
        assert_eq!(exif.is_none(), format == OutputFormat::Png, "{format:?}");
        let bytes = saved(&picture, format, &SaveOptions::default());
        assert_eq!(metadata(&bytes).exif, None, "{format:?}");
        assert_eq!(record_of(&bytes), None, "{format:?}");
    }
}

#[test]
fn odd_descriptions_are_neither_records_nor_in_their_way() {
    let picture = Picture::new(2, 2, vec![0.5; 12]).unwrap();
    let long = "x".repeat(20_000);
    for description in
        ["impasto: my favourite technique", "impasto: {", "impasto: ", "impasto:{}", "", "   ", "{}", &long]
    {
        let photo = file(OutputFormat::Jpeg, &photo_block(Some(description)));
        assert_eq!(record_of(&photo), None, "{description:?}");
        let exif = metadata(&photo).exif;
        for format in FORMATS {
            let options = SaveOptions {
                record: Some("{\"a\":2}".into()),
                exif: exif.clone(),
                ..SaveOptions::default()
            };
            let bytes = saved(&picture, format, &options);
            assert_eq!(record_of(&bytes).as_deref(), Some("{\"a\":2}"), "{description:?} in {format:?}");
            let title = exif_of(&bytes).get_field(Tag(Context::Tiff, 0x9c9b), In::PRIMARY).is_some();
            let kept = format != OutputFormat::Png && !description.trim().is_empty();
            assert_eq!(title, kept, "{description:?} in {format:?}");
        }
    }
    // A painting of a painting: the older record says nothing of the new picture.
    let photo = file(OutputFormat::Jpeg, &photo_block(Some("impasto: {\"old\":1}")));
    assert_eq!(record_of(&photo).as_deref(), Some("{\"old\":1}"));
    for format in FORMATS {
        for record in [None, Some("{\"new\":1}".to_owned())] {
            let options =
                SaveOptions { record: record.clone(), exif: metadata(&photo).exif, ..SaveOptions::default() };
            let bytes = saved(&picture, format, &options);
            assert_eq!(record_of(&bytes), record, "{format:?}");
            assert!(!String::from_utf8_lossy(&bytes).contains("old"), "{format:?}");
        }
    }
}

#[test]
fn a_title_of_the_photo_is_not_overwritten_by_its_description() {
    let title = Tag(Context::Tiff, 0x9c9b);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let fields = [
        text(Tag::ImageDescription, "A hill"),
        field(title, Value::Byte(utf16("Title"))),
        text(Tag::Model, "M"),
    ];
    let exif = ExifBlock::read(&block(&fields, false)).0;
    let options = SaveOptions { record: Some("{}".into()), exif, ..SaveOptions::default() };
    let picture = Picture::new(2, 2, vec![0.5; 12]).unwrap();
    let exif = exif_of(&saved(&picture, OutputFormat::Jpeg, &options));
    assert_eq!(value(&exif, title), Some(format!("{:?}", Value::Byte(utf16("Title")))));
    let comment = Tag(Context::Tiff, 0x9c9c);
    assert_eq!(value(&exif, comment), Some(format!("{:?}", Value::Byte(utf16("A hill\0")))));
}

#[test]
fn what_does_not_fit_into_a_jpeg_is_known_before() {
    let many: Vec<Field> =
        (1..=4).map(|k| field(Tag(Context::Tiff, 0x9c9b + k), Value::Byte(vec![b'x'; 20_000]))).collect();
    let exif = ExifBlock::read(&block(&many, false)).0;
    assert!(exif.is_some());
    let options = SaveOptions { exif, ..SaveOptions::default() };
    let error = check_options(Path::new("a.jpg"), OutputFormat::Jpeg, &options).unwrap_err();
    assert!(matches!(error, Error::CannotHold { .. }), "{error:?}");
    assert!(error.to_string().contains("EXIF data of"), "{error}");
    check_options(Path::new("a.png"), OutputFormat::Png, &options).unwrap();

    let small = ExifBlock::read(&photo_block(None)).0;
    let options = SaveOptions {
        record: Some(format!("\"{}\"", "x".repeat(64_000))),
        exif: small,
        ..SaveOptions::default()
    };
    check_options(Path::new("a.jpg"), OutputFormat::Jpeg, &options).unwrap();
    let bytes = saved(&Picture::new(2, 2, vec![0.5; 12]).unwrap(), OutputFormat::Jpeg, &options);
    assert_eq!(record_of(&bytes), options.record);
}

#[test]
fn damaged_data_are_told_and_the_rest_is_kept() {
    let whole = photo_block(None);
    let (exif, damage) = ExifBlock::read(b"no block at all");
    assert_eq!(exif, None);
    assert!(damage.is_some());
    // The offset of the last value now leads out of the block.
    let (exif, damage) = ExifBlock::read(&whole[..whole.len() - 200]);
    assert!(exif.is_some());
    assert!(damage.is_some());
    let photo = file(OutputFormat::Png, &whole[..40]);
    assert!(metadata(&photo).damage.is_some());
}

#[test]
fn a_file_with_everything_can_be_saved_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let exif = metadata(&file(OutputFormat::WebP, &photo_block(Some("A hill")))).exif;
    let picture = Picture::new(2, 2, vec![0.5; 12]).unwrap();
    for name in ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"] {
        let options = SaveOptions { record: Some("{}".into()), exif: exif.clone(), ..SaveOptions::default() };
        save(folder.path().join(name), &picture, &options).unwrap();
        assert!(open(folder.path().join(name), &Limits::default()).unwrap().warnings.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_data_never_fail_a_save(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
        noise in prop::option::of(prop::collection::vec(any::<u8>(), 0..200)),
        from in prop::sample::select(vec![OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP]),
    ) {
        let mut exif = photo_block(Some("A hill"));
        for (at, value) in edits {
            let reach = exif.len().min(700);
            exif[at.index(reach)] = value;
        }
        if shorten {
            exif.truncate(cut.index(exif.len()));
        }
        if let Some(noise) = noise {
            exif = [b"II*\0\x08\0\0\0".to_vec(), noise].concat();
        }
        let opened = decode(&file(from, &exif), Path::new("photo"), &Limits::default()).unwrap();
        for format in FORMATS {
            let options = SaveOptions {
                record: Some("{\"seed\":1}".into()),
                exif: opened.metadata.exif.clone(),
                ..SaveOptions::default()
            };
            let bytes = saved(&opened.picture, format, &options);
            let again = decode(&bytes, Path::new("again"), &Limits::default()).unwrap();
            prop_assert_eq!(again.metadata.damage, None);
            prop_assert_eq!(record_of(&bytes), options.record);
        }
    }
}
