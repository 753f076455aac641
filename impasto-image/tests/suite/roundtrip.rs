//! What is saved can be opened again, with the same pixels.

use impasto_image::{BitDepth, Limits, Picture, SaveOptions, open, record, save};
use proptest::prelude::*;

/// A picture whose samples are exact at the given number of levels.
fn picture(levels: u32, alpha: bool) -> impl Strategy<Value = Picture> {
    (1usize..20, 1usize..20).prop_flat_map(move |(width, height)| {
        let sample = move |k: u32| k as f32 / (levels - 1) as f32;
        let rgb = prop::collection::vec((0..levels).prop_map(sample), width * height * 3);
        let a = prop::collection::vec((0..levels).prop_map(sample), width * height);
        (rgb, a).prop_map(move |(rgb, a)| {
            let picture = Picture::new(width, height, rgb).unwrap();
            if alpha { picture.with_alpha(a).unwrap() } else { picture }
        })
    })
}

fn reopened(picture: &Picture, name: &str, options: &SaveOptions) -> (Picture, u8, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    save(&path, picture, options).unwrap();
    let opened = open(&path, &Limits::default()).unwrap();
    assert!(opened.warnings.is_empty(), "{:?}", opened.warnings);
    (opened.picture, opened.bits, record::read(&path).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn eight_bits_are_exact(opaque in picture(256, false), clear in picture(256, true)) {
        for name in ["a.png", "a.webp", "a.tiff", "a.TIF", "a.bmp"] {
            for picture in [&opaque, &clear] {
                let (back, bits, _) = reopened(picture, name, &SaveOptions::default());
                prop_assert_eq!(&back, picture, "{}", name);
                prop_assert_eq!(bits, 8);
            }
        }
    }

    #[test]
    fn sixteen_bits_are_exact(opaque in picture(65536, false), clear in picture(65536, true)) {
        let options = SaveOptions { bits: BitDepth::Sixteen, ..SaveOptions::default() };
        for name in ["a.png", "a.tif"] {
            for picture in [&opaque, &clear] {
                let (back, bits, _) = reopened(picture, name, &options);
                prop_assert_eq!(&back, picture, "{}", name);
                prop_assert_eq!(bits, 16);
            }
        }
    }

    #[test]
    fn records_come_back(seed in any::<u64>(), note in ".{0,200}", clear in picture(256, true)) {
        let value = serde_json::json!({ "seed": seed, "note": note });
        let options = SaveOptions { record: Some(value.to_string()), ..SaveOptions::default() };
        for name in ["a.png", "a.webp", "a.tiff", "a.jpg"] {
            let (_, _, text) = reopened(&clear, name, &options);
            let back: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
            prop_assert_eq!(&back, &value, "{}", name);
        }
        let (_, _, text) = reopened(&clear, "a.bmp", &options);
        prop_assert_eq!(text, None);
    }
}

#[test]
fn the_same_picture_gives_the_same_bytes() {
    let picture = Picture::new(9, 7, (0..9 * 7 * 3).map(|i| (i % 31) as f32 / 30.0).collect()).unwrap();
    let options = SaveOptions { record: Some("{\"seed\":1}".into()), ..SaveOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    for extension in ["png", "jpg", "webp", "tiff", "bmp"] {
        let bytes = ["a", "b"].map(|stem| {
            let path = folder.path().join(stem).with_extension(extension);
            save(&path, &picture, &options).unwrap();
            std::fs::read(path).unwrap()
        });
        assert_eq!(bytes[0], bytes[1], "{extension}");
    }
}

#[test]
fn a_jpeg_of_quality_95_is_close_and_keeps_its_chroma() {
    // Alternating columns of red and blue: chroma subsampling would turn them purple.
    let rgb = (0..64 * 64).flat_map(|i| if i % 2 == 0 { [0.9, 0.1, 0.1] } else { [0.1, 0.1, 0.9] }).collect();
    let picture = Picture::new(64, 64, rgb).unwrap();
    let (back, bits, _) = reopened(&picture, "a.jpg", &SaveOptions::default());
    let worst = (back.rgb().iter().zip(picture.rgb())).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert_eq!(bits, 8);
    assert!(worst < 0.05, "{worst}");
}
