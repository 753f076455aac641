//! What the file of a painting keeps of the photograph's: bits, alpha, colour profile, EXIF data.

use crate::folder::Folder;
use impasto_image::profile::srgb_icc;
use impasto_image::{
    BitDepth, ExifBlock, Limits, Opened, Picture, Profile, SaveOptions, open, record, resize, save,
};
use std::fs;

/// A painting of next to no size.
const SMALL: &str = "paint photo.png --style terrace.jpg --size 64 --iterations 3";

/// The profile of sRGB with the primaries of Display P3 (SMPTE EG 432-1, adapted to D50) in their places.
fn display_p3() -> Vec<u8> {
    let mut icc = srgb_icc();
    for (name, xyz) in [
        (b"rXYZ", [0.51512, 0.24120, -0.00105]),
        (b"gXYZ", [0.29198, 0.69225, 0.04189]),
        (b"bXYZ", [0.15710, 0.06657, 0.78407]),
    ] {
        let entry = icc.windows(4).position(|window| window == name).expect("a tag");
        let at = icc[entry + 4..entry + 8].try_into().map(u32::from_be_bytes).expect("an offset") as usize;
        for (k, value) in xyz.into_iter().enumerate() {
            let fixed = (value * 65536.0_f64).round() as i32;
            icc[at + 8 + 4 * k..at + 12 + 4 * k].copy_from_slice(&fixed.to_be_bytes());
        }
    }
    icc
}

/// An EXIF block that says `Artist: Berthe M.`
fn exif() -> ExifBlock {
    let head = b"MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x0a\0\0\0\x1a\0\0\0\0";
    ExifBlock::read(&[&head[..], b"Berthe M.\0"].concat()).0.expect("a block")
}

/// A folder with `photo.png`: 96 × 72 pixels of 16 bits, in Display P3, with soft edges of alpha and EXIF data.
fn folder() -> Folder {
    let folder = Folder::new();
    let value = |i: usize| (i * 40_503 % 65_536) as f32 / 65535.0 * 0.2 + (i % 288) as f32 / 288.0 * 0.7;
    let alpha = |i: usize| (i % 96) as f32 / 95.0;
    let photo = Picture::new(96, 72, (0..96 * 72 * 3).map(value).collect()).expect("a picture");
    let photo = photo.with_alpha((0..96 * 72).map(alpha).collect()).expect("alpha");
    let options = SaveOptions {
        bits: BitDepth::Sixteen,
        profile: Some(Profile::new(display_p3()).expect("a profile")),
        exif: Some(exif()),
        ..SaveOptions::default()
    };
    save(folder.path("photo.png"), &photo, &options).expect("a file");
    folder
}

fn opened(folder: &Folder, name: &str) -> Opened {
    open(folder.path(name), &Limits::default()).expect("a picture")
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn says_artist(opened: &Opened) -> bool {
    let exif = opened.metadata.exif.as_ref();
    exif.is_some_and(|exif| exif.block().windows(10).any(|window| window == b"Berthe M.\0"))
}

#[test]
fn a_painting_of_a_deep_photo_is_deep_and_replayed_to_the_byte() {
    let folder = folder();
    let photo = opened(&folder, "photo.png");
    assert_eq!((photo.bits, photo.metadata.profile.is_some()), (16, true));
    let alpha = resize(&photo.picture, 64, 48).expect("a picture");
    let (_, _, _, alpha) = alpha.into_parts();
    for name in ["out.png", "out.tif"] {
        folder.succeed(&format!("{SMALL} -o {name}"));
        folder.succeed(&format!("{SMALL} --profile keep -o kept-{name}"));
        let (plain, kept) = (opened(&folder, name), opened(&folder, &format!("kept-{name}")));
        for painted in [&plain, &kept] {
            assert_eq!(painted.bits, 16, "{name}");
            assert!(says_artist(painted), "{name}");
            let painted = painted.picture.alpha().expect("alpha");
            assert!(worst(painted, alpha.as_deref().expect("alpha")) < 0.6 / 65535.0, "{name}");
        }
        assert!(plain.metadata.profile.as_ref().is_none_or(Profile::is_srgb), "{name}");
        assert_eq!(kept.metadata.profile, photo.metadata.profile, "{name}");
        assert!(worst(plain.picture.rgb(), kept.picture.rgb()) < 16.0 / 65535.0, "{name}");
        for name in [name.to_owned(), format!("kept-{name}")] {
            let run = folder.succeed(&format!("replay {name} --json"));
            assert_eq!(run.json()["identical"].as_bool(), Some(true), "{name}");
            assert_eq!(folder.bytes(&name), folder.bytes(&name.replace(".", "-replay.")), "{name}");
        }
    }
    // Levels between those of 8 bits are in use.
    let deep = opened(&folder, "out.png").picture;
    let between = deep.rgb().iter().filter(|&&v| (v * 255.0 - (v * 255.0).round()).abs() > 0.01).count();
    assert!(between * 2 > deep.rgb().len(), "{between}");

    folder.succeed(&format!("{SMALL} --bits 8 -o shallow.png"));
    assert_eq!(opened(&folder, "shallow.png").bits, 8);
    folder.succeed("paint cat.jpg --style photo.png --size 64 --iterations 3 -o cat.png");
    assert_eq!(opened(&folder, "cat.png").bits, 8);
    folder
        .succeed("invert photo.png --layers conv1_1 --size 48 --iterations 3 --profile keep -o inverted.png");
    let inverted = opened(&folder, "inverted.png");
    assert!(inverted.bits == 16 && says_artist(&inverted) && inverted.metadata.profile.is_some());
}

#[test]
fn a_profile_can_be_chosen_and_is_needed_for_a_replay() {
    let folder = folder();
    folder.write("p3.icc", display_p3());
    folder.succeed(&format!("{SMALL} --profile p3.icc -o out.webp"));
    assert_eq!(opened(&folder, "out.webp").metadata.profile.expect("a profile").icc(), display_p3());
    fs::rename(folder.path("p3.icc"), folder.path("moved.icc")).expect("a move");
    folder.fail("replay out.webp", 1, &["p3.icc is not where it was", "--profile FILE"]);
    folder.succeed("replay out.webp --profile moved.icc");
    assert_eq!(folder.bytes("out.webp"), folder.bytes("out-replay.webp"));

    folder.fail(&format!("{SMALL} --profile none.icc -o a.png"), 2, &["none.icc: no such file", "keep"]);
    folder.fail(
        &format!("{SMALL} --profile cat.jpg -o a.png"),
        1,
        &["cat.jpg", "not a colour profile", "hint"],
    );
    folder.fail(&format!("{SMALL} --profile keep -o a.bmp"), 2, &["BMP cannot hold a colour profile"]);
    let run =
        folder.succeed("paint cat.jpg -s terrace.jpg --size 64 --iterations 1 --profile keep -o cat.png");
    assert!(run.stderr.contains("cat.jpg has no colour profile"), "{run:#?}");
}

#[test]
fn transparent_parts_need_a_background_in_a_jpeg() {
    let folder = folder();
    let corner = |name: &str| opened(&folder, name).picture.to_rgb8()[..3].to_vec();
    let near = |a: &[u8], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 12);
    let run = folder.succeed(&format!("{SMALL} -o white.jpg"));
    assert!(run.stderr.contains("warning: JPEG holds no transparency"), "{run:#?}");
    assert!(near(&corner("white.jpg"), [255; 3]));
    let run = folder.succeed(&format!("{SMALL} --background #204080 -o blue.jpg"));
    assert!(!run.stderr.contains("warning"), "{run:#?}");
    assert!(near(&corner("blue.jpg"), [0x20, 0x40, 0x80]));
    folder.succeed(&format!("{SMALL} --background black -o black.png"));
    assert_eq!(opened(&folder, "black.png").picture.alpha(), None);
    for name in ["blue.jpg", "black.png"] {
        let again = name.replace('.', "-replay.");
        folder.succeed(&format!("replay {name}"));
        assert_eq!(folder.bytes(name), folder.bytes(&again), "{name}");
    }
    folder.fail(
        &format!("{SMALL} --background pinkish -o a.png"),
        2,
        &["--background", "pinkish", "#rrggbb"],
    );
}

#[test]
fn exif_data_can_be_left_out() {
    let folder = folder();
    for name in ["out.jpg", "out.png", "out.webp", "out.tif"] {
        folder.succeed(&format!("{SMALL} -o {name}"));
        assert!(says_artist(&opened(&folder, name)), "{name}");
        folder.succeed(&format!("{SMALL} --no-metadata -o bare-{name}"));
        assert!(!says_artist(&opened(&folder, &format!("bare-{name}"))), "{name}");
        assert!(record::read(folder.path(&format!("bare-{name}"))).expect("a picture").is_some(), "{name}");
    }
    // Broken data are told of, and do no harm.
    let mut photo = folder.bytes("out.webp");
    let at = photo.windows(4).position(|window| window == b"EXIF").expect("a chunk");
    photo[at + 8..at + 12].copy_from_slice(b"nono");
    folder.write("broken.webp", photo);
    let run = folder.succeed("paint broken.webp -s terrace.jpg --size 64 --iterations 1 -o broken.png");
    assert!(run.stderr.contains("broken.webp: the EXIF data are damaged"), "{run:#?}");
    let run = folder
        .succeed("paint broken.webp -s terrace.jpg --size 64 --iterations 1 --no-metadata -o silent.png");
    assert!(!run.stderr.contains("damaged"), "{run:#?}");
}
