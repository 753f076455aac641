//! Colour profiles, precision and alpha of a photo in the pictures made from it.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};
use impasto_image::profile::srgb_icc;
use impasto_image::save::{check_options, encode};
use impasto_image::{
    BitDepth, Error, Limits, Opened, OutputFormat, Picture, Profile, SaveOptions, Warning, decode, flatten,
};
use moxcms::{ColorProfile, ToneReprCurve};
use proptest::prelude::*;
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

const FORMATS: [OutputFormat; 4] =
    [OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP, OutputFormat::Tiff];

fn icc(profile: &ColorProfile) -> Vec<u8> {
    profile.encode().unwrap()
}

/// A profile with the colours of `base` and tone curves of another kind.
fn with_curve(mut profile: ColorProfile, curve: ToneReprCurve) -> ColorProfile {
    profile.cicp = None;
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile
}

/// Profiles whose colours take in all of sRGB, with every kind of curve.
fn wide() -> Vec<(&'static str, ColorProfile)> {
    let table = (0..1024).map(|k| ((f64::from(k) / 1023.0).powf(1.8) * 65535.0).round() as u16).collect();
    vec![
        ("Display P3", ColorProfile::new_display_p3()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb()),
        ("gamma 1.8", with_curve(ColorProfile::new_srgb(), ToneReprCurve::Parametric(vec![1.8]))),
        ("table", with_curve(ColorProfile::new_bt2020(), ToneReprCurve::Lut(table))),
        ("linear", with_curve(ColorProfile::new_display_p3(), ToneReprCurve::Lut(vec![]))),
    ]
}

fn saved(picture: &Picture, format: OutputFormat, options: &SaveOptions) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    encode(&mut file, picture, format, options).unwrap();
    file.into_inner()
}

fn opened(bytes: &[u8]) -> Opened {
    decode(bytes, Path::new("a picture"), &Limits::default()).unwrap()
}

fn colours() -> Picture {
    let value = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as f32 / 65535.0;
    Picture::new(40, 30, (0..40 * 30 * 3).map(value).collect()).unwrap()
}

fn worst(a: &Picture, b: &Picture) -> f32 {
    a.rgb().iter().zip(b.rgb()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn deep(profile: Option<Profile>) -> SaveOptions {
    SaveOptions { bits: BitDepth::Sixteen, profile, ..SaveOptions::default() }
}

#[test]
fn colours_come_back_from_any_profile() {
    let picture = colours();
    for (name, profile) in wide() {
        let profile = Profile::new(icc(&profile)).unwrap();
        assert!(!profile.is_srgb(), "{name}");
        for format in [OutputFormat::Png, OutputFormat::Tiff] {
            let bytes = saved(&picture, format, &deep(Some(profile.clone())));
            let back = opened(&bytes);
            assert!(back.warnings.is_empty(), "{name}: {:?}", back.warnings);
            assert_eq!(back.metadata.profile.as_ref(), Some(&profile), "{name} in {format:?}");
            // Where a profile's curve is steep in the shadows, its 16 bits are coarser than sRGB's.
            let worst = worst(&back.picture, &picture);
            assert!(worst < 40.0 / 65535.0, "{name} in {format:?}: {} / 65535", worst * 65535.0);
        }
        for format in FORMATS {
            let options = SaveOptions { profile: Some(profile.clone()), ..SaveOptions::default() };
            let back = opened(&saved(&picture, format, &options));
            assert_eq!(back.metadata.profile.as_ref(), Some(&profile), "{name} in {format:?}");
        }
    }
}

#[test]
fn the_stored_values_are_the_profiles() {
    // Display P3's own green, red and a grey, of which sRGB's values are known (CSS Color 4, section 10.4).
    let picture = Picture::new(2, 1, vec![0.0, 1.0, 0.0, 0.5, 0.5, 0.5]).unwrap();
    let profile = Profile::new(icc(&ColorProfile::new_display_p3())).unwrap();
    let stored = profile.convert(picture.rgb()).unwrap();
    for (stored, expected) in stored.iter().zip([0.458_40, 0.985_27, 0.298_29, 0.5, 0.5, 0.5]) {
        assert!((stored - expected).abs() < 5e-4, "{stored} instead of {expected}");
    }
}

#[test]
fn pictures_say_that_they_are_srgb() {
    let picture =
        Picture::from_rgb8(16, 16, &(0..=255).chain(0..=255).chain(0..=255).collect::<Vec<u8>>()).unwrap();
    for format in FORMATS {
        let bytes = saved(&picture, format, &SaveOptions::default());
        let back = opened(&bytes);
        match format {
            OutputFormat::Png => {
                let chunk = |name: &[u8]| bytes.windows(4).any(|window| window == name);
                assert!(chunk(b"sRGB") && !chunk(b"iCCP"));
            }
            _ => {
                let profile = back.metadata.profile.expect("a profile");
                assert!(profile.is_srgb());
                assert_eq!(profile.icc(), srgb_icc(), "{format:?}");
            }
        }
        if format != OutputFormat::Jpeg {
            assert_eq!(back.picture, picture, "{format:?}");
        }
    }
    let ours = ColorProfile::new_from_slice(&srgb_icc()).unwrap();
    let theirs = ColorProfile::new_srgb();
    for (a, b) in [
        (ours.red_colorant, theirs.red_colorant),
        (ours.green_colorant, theirs.green_colorant),
        (ours.blue_colorant, theirs.blue_colorant),
    ] {
        assert!((a.x - b.x).abs().max((a.y - b.y).abs()).max((a.z - b.z).abs()) < 5e-4, "{a:?} {b:?}");
    }
    assert!(srgb_icc().len() < 600);
}

/// A file of one row of greys of 16 bits with this profile.
fn greys(values: &[u16], profile: Option<&[u8]>) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = PngEncoder::new(&mut file);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.to_vec()).unwrap();
    }
    let pixels: Vec<u8> = values.iter().flat_map(|&k| [k; 3]).flat_map(u16::to_ne_bytes).collect();
    encoder.write_image(&pixels, values.len() as u32, 1, ExtendedColorType::Rgb16).unwrap();
    file.into_inner()
}

#[test]
fn all_levels_of_16_bits_stay_apart() {
    // Every level of the upper half, where a rounding to fewer bits would show first.
    let values: Vec<u16> = (32_768..=65_535).collect();
    let back = opened(&greys(&values, None));
    assert_eq!(back.bits, 16);
    for (pixel, &k) in back.picture.rgb().chunks_exact(3).zip(&values) {
        assert_eq!(pixel, [f32::from(k) / 65535.0; 3]);
    }
    for (name, profile) in wide() {
        let back = opened(&greys(&values, Some(&icc(&profile))));
        let reds: Vec<f32> = back.picture.rgb().iter().step_by(3).copied().collect();
        let apart = reds.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert!(apart as f64 > 0.999 * (values.len() - 1) as f64, "{name}: {apart} steps");
    }
}

#[test]
fn a_photo_saved_in_its_own_profile_keeps_its_values() {
    // The table is of 16 bits, too, and flat in the deepest shadows.
    let values: Vec<u16> = (64..4064).map(|k| k * 16).collect();
    for (name, profile) in wide() {
        let photo = opened(&greys(&values, Some(&icc(&profile))));
        let bytes = saved(&photo.picture, OutputFormat::Png, &deep(photo.metadata.profile.clone()));
        // The values without the profile.
        let mut reader = png::Decoder::new(Cursor::new(&bytes)).read_info().unwrap();
        let mut stored = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut stored).unwrap();
        for (pixel, &k) in stored.as_chunks::<6>().0.iter().zip(&values) {
            let red = u16::from_be_bytes([pixel[0], pixel[1]]);
            assert!(red.abs_diff(k) <= 2, "{name}: {red} instead of {k}");
        }
    }
}

#[test]
fn profiles_that_cannot_be_written_in_are_refused_with_a_reason() {
    let grey = icc(&ColorProfile::new_gray_with_gamma(2.2));
    let nonsense = with_curve(ColorProfile::new_srgb(), ToneReprCurve::Lut(vec![5; 10]));
    for bytes in [b"no profile".to_vec(), grey.clone(), icc(&nonsense), vec![0; 9 << 20]] {
        assert!(!Profile::new(bytes).unwrap_err().is_empty());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grey.icc");
    let error = Profile::open(&path).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    fs::write(&path, grey).unwrap();
    let error = Profile::open(&path).unwrap_err();
    assert!(matches!(error, Error::NotAProfile { .. }), "{error:?}");
    assert!(error.to_string().contains("grey.icc") && error.hint().is_some(), "{error}");
    fs::write(&path, icc(&ColorProfile::new_adobe_rgb())).unwrap();
    let options = SaveOptions { profile: Some(Profile::open(&path).unwrap()), ..SaveOptions::default() };
    let error = check_options(Path::new("a.bmp"), OutputFormat::Bmp, &options).unwrap_err();
    assert!(matches!(error, Error::CannotHold { .. }), "{error:?}");

    // A photo with such a profile opens all the same.
    let photo = opened(&greys(&[0, 500, 65_535], Some(&icc(&nonsense))));
    assert_eq!(photo.metadata.profile, None);
    assert!(matches!(photo.warnings[..], [Warning::ProfileIgnored { .. }]), "{:?}", photo.warnings);
}

#[test]
fn transparent_parts_show_the_background() {
    let rgb = vec![0.2, 0.4, 0.6, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let picture = Picture::new(3, 1, rgb).unwrap().with_alpha(vec![1.0, 0.0, 0.5]).unwrap();
    let flat = flatten(&picture, [255, 255, 0]);
    assert_eq!(flat.alpha(), None);
    assert_eq!(flat.rgb(), [0.2, 0.4, 0.6, 1.0, 1.0, 0.0, 0.5, 0.5, 0.5]);

    let wide = Picture::new(32, 16, [1.0, 0.0, 0.0].repeat(512)).unwrap();
    let hidden = wide.with_alpha(vec![0.0; 512]).unwrap();
    let jpeg = |background| {
        let options = SaveOptions { background, ..SaveOptions::default() };
        opened(&saved(&hidden, OutputFormat::Jpeg, &options)).picture.to_rgb8()
    };
    assert!(jpeg(None).iter().all(|&v| v == 255));
    assert!(jpeg(Some([0; 3])).iter().all(|&v| v == 0));
    let options = SaveOptions { background: Some([0, 0, 255]), ..SaveOptions::default() };
    let png = opened(&saved(&hidden, OutputFormat::Png, &options)).picture;
    assert_eq!((png.alpha(), &png.to_rgb8()[..3]), (None, &[0, 0, 255][..]));
    assert!(opened(&saved(&hidden, OutputFormat::Png, &SaveOptions::default())).picture.alpha().is_some());
}

#[test]
fn both_kinds_of_alpha_in_tiffs_of_16_bits_mean_the_same() {
    let alpha = [65_535u16, 40_000, 1000, 3];
    let colours = [[65_535u16, 30_000, 1], [50_000, 25_001, 12_345], [65_535, 0, 40_000], [0, 65_535, 0]];
    let file = |kind: u16, pixels: &[u16]| {
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file).unwrap();
        let mut image = encoder.new_image::<colortype::RGBA16>(4, 1).unwrap();
        image.encoder().write_tag(Tag::ExtraSamples, &[kind][..]).unwrap();
        image.write_data(pixels).unwrap();
        file.into_inner()
    };
    let straight: Vec<u16> = colours.iter().zip(alpha).flat_map(|(c, a)| [c[0], c[1], c[2], a]).collect();
    let times = |c: u16, a: u16| (f64::from(c) * f64::from(a) / 65535.0).round() as u16;
    let multiplied: Vec<u16> = (colours.iter().zip(alpha))
        .flat_map(|(c, a)| [times(c[0], a), times(c[1], a), times(c[2], a), a])
        .collect();
    let exact = opened(&file(2, &straight));
    assert_eq!(exact.bits, 16);
    let rounded = opened(&file(1, &multiplied)).picture;
    assert_eq!(exact.picture.alpha(), rounded.alpha());
    for (pixel, alpha) in alpha.into_iter().enumerate() {
        let tolerance = 0.6 / f32::from(alpha) + 1.0 / 65535.0;
        for c in 3 * pixel..3 * pixel + 3 {
            let (a, b) = (exact.picture.rgb()[c], rounded.rgb()[c]);
            assert!((a - b).abs() <= tolerance, "{a} and {b} at alpha {alpha}");
        }
    }
    for format in [OutputFormat::Png, OutputFormat::Tiff] {
        assert_eq!(opened(&saved(&exact.picture, format, &deep(None))).picture, exact.picture);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_profiles_never_fail_a_save(
        which in 0usize..6,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..10),
        cut in prop::option::of(any::<prop::sample::Index>()),
        from in prop::sample::select(vec![OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP]),
    ) {
        let mut profile = icc(&wide()[which].1);
        for (at, value) in edits {
            let at = at.index(profile.len());
            profile[at] = value;
        }
        if let Some(cut) = cut {
            profile.truncate(cut.index(profile.len()).max(1));
        }
        let mut file = Cursor::new(Vec::new());
        fn write(mut encoder: impl ImageEncoder, profile: Vec<u8>) {
            encoder.set_icc_profile(profile).unwrap();
            encoder.write_image(&[90; 12], 2, 2, ExtendedColorType::Rgb8).unwrap();
        }
        match from {
            OutputFormat::Png => write(PngEncoder::new(&mut file), profile),
            OutputFormat::Jpeg => write(JpegEncoder::new(&mut file), profile),
            _ => write(WebPEncoder::new_lossless(&mut file), profile),
        }
        let photo = opened(file.get_ref());
        prop_assert!(photo.picture.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
        for format in FORMATS {
            let options = SaveOptions { profile: photo.metadata.profile.clone(), ..SaveOptions::default() };
            let back = opened(&saved(&photo.picture, format, &options));
            prop_assert!(back.picture.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
