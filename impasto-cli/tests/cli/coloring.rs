//! `paint --color`.

use crate::folder::Folder;
use crate::painting::SMALL;
use impasto_image::color::{Palette, Statistics, oklab};
use impasto_image::{Limits, Picture, open, resize};
use serde_json::Value;
use std::fs;

fn picture(folder: &Folder, name: &str) -> Picture {
    open(folder.path(name), &Limits::default()).expect("a picture").picture
}

/// The mean distance of two pictures' a and b in Oklab.
fn distance(x: &Picture, y: &Picture) -> f32 {
    let (x, y) = (oklab::colors(x), oklab::colors(y));
    let distances = x.iter().zip(&y).map(|(x, y)| (x[1] - y[1]).hypot(x[2] - y[2]));
    distances.sum::<f32>() / x.len() as f32
}

#[test]
fn luminance_keeps_the_photo_s_colours() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} -o style.png"));
    folder.succeed(&format!("{SMALL} --color luminance -o luminance.png"));
    folder.succeed(&format!("{SMALL} --color luminance --color-strength 0 -o none.png"));
    let [style, luminance] = ["style.png", "luminance.png"].map(|name| picture(&folder, name));
    let photo = resize(&picture(&folder, "cat.jpg"), 64, 52).expect("a picture");
    let (kept, lost) = (distance(&luminance, &photo), distance(&style, &photo));
    assert!(kept < 0.005 && kept < 0.2 * lost, "{kept} {lost}");
    assert_eq!(picture(&folder, "none.png"), style);
}

#[test]
fn photo_has_the_photo_s_colours() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} --color photo -o photo.png"));
    let [made, photo] = ["photo.png", "cat.jpg"].map(|name| Statistics::of(&picture(&folder, name)));
    let (made, photo) = (made.expect("pixels"), photo.expect("pixels"));
    for c in 0..3 {
        assert!((made.mean[c] - photo.mean[c]).abs() < 0.01, "{made:?} {photo:?}");
        let spread = (made.covariance[c][c] / photo.covariance[c][c]).sqrt();
        assert!((spread - 1.0).abs() < 0.1, "{made:?} {photo:?}");
    }
}

#[test]
fn colours_are_recorded_and_come_again_without_the_palette_s_file() {
    let folder = Folder::new();
    folder.write("dusk.gpl", "GIMP Palette\nName: dusk\n#\n16 36 62 night\n209 96 61 fire\n242 212 146\n");
    for (color, name) in [
        ("palette:dusk.gpl --color-strength 0.8", "palette.png"),
        ("palette:#10243e,darkorange", "list.png"),
        ("photo", "photo.png"),
        ("luminance --color-strength 0.5", "luminance.png"),
    ] {
        folder.succeed(&format!("{SMALL} --scales 2 --save-every 4 --color {color} -o {name}"));
        let _ = fs::remove_file(folder.path("dusk.gpl"));
        for name in [name, &name.replace('.', "-0004.")] {
            let run = folder.succeed(&format!("replay {name} --json"));
            assert_eq!(run.json()["identical"].as_bool(), Some(true), "{name}");
        }
        assert_eq!(folder.bytes(name), folder.bytes(&name.replace('.', "-replay.")), "{name}");
    }
    let text = impasto_image::record::read(folder.path("palette.png")).expect("a picture").expect("a record");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["color"]["from"]["palette"], "#10243e,#d1603d,#f2d492");
}

#[test]
fn a_style_of_few_colours_makes_a_picture_near_to_them() {
    let folder = Folder::new();
    folder.succeed("prepare terrace.jpg -o few.png --palette 6");
    folder.succeed("prepare few.png -o small.jpg --size 64 --flip horizontal");
    folder.succeed("prepare few.png -o changed.png --contrast 1.2");
    let palette = Palette::of(&picture(&folder, "few.png")).expect("colours");
    let paint = |style: &str, name: &str| {
        let run = folder.succeed(&format!("{} -o {name}", SMALL.replace("terrace.jpg", style)));
        let distance = palette.fit(&picture(&folder, name)).expect("a fit").distance;
        (distance, run.stderr.contains("keeping to the 6 colours"))
    };
    let (unprepared, told) = paint("terrace.jpg", "any.png");
    assert!(!told);
    let (kept, told) = paint("few.png", "kept.png");
    assert!(told && kept < 0.5 * unprepared, "{kept} {unprepared}");
    // What moves pixels leaves the palette, and so do JPEG's errors; the record holds it.
    let (small, told) = paint("small.jpg", "small-painted.png");
    assert!(told && small < 0.5 * unprepared, "{small} {unprepared}");
    for (style, name) in [
        ("few.png --color style", "free.png"),
        ("changed.png", "changed-painted.png"),
        ("few.png --style terrace.jpg", "two.png"),
    ] {
        let (free, told) = paint(style, name);
        assert!(!told && free > 1.5 * kept, "{name}: {free} {kept}");
    }
    let (half, told) = paint("few.png --color-strength 0.5", "half.png");
    assert!(told && half > 1.2 * kept && half < 0.9 * unprepared, "{half} {kept}");
    for name in ["kept.png", "half.png", "free.png"] {
        let run = folder.succeed(&format!("replay {name} --json"));
        assert_eq!(run.json()["identical"].as_bool(), Some(true), "{name}");
    }
}

#[test]
fn palettes_that_are_none_are_refused() {
    let folder = Folder::new();
    folder.write("bad.txt", "navy\n#12345\n");
    folder.write("bad.gpl", "GIMP Palette\nName: x\nred\n");
    folder.write("noise.bin", b"\xff\xfe\x00\x01\x02");
    folder.write("cut.jpg", &folder.bytes("cat.jpg")[..500]);
    for (name, code, words) in [
        ("bad.txt", 1, ["bad.txt: line 2: \"#12345\" is no colour", "hint: "]),
        ("bad.gpl", 1, ["bad.gpl: line 3", "hint: "]),
        ("noise.bin", 1, ["noise.bin", "neither a picture nor a text"]),
        ("cut.jpg", 1, ["cut.jpg", "truncated or damaged"]),
        (".", 1, ["is a folder", "hint: "]),
        ("none.gpl", 2, ["none.gpl: there is no such file", "hint: "]),
        ("navy,blu", 2, ["\"blu\" is no colour", "hint: "]),
        ("", 2, ["--color", "palette:FILE"]),
    ] {
        folder.fail(&format!("{SMALL} -o out.png --color palette:{name}"), code, &words);
    }
    folder.fail(&format!("{SMALL} -o out.png --color blue"), 2, &["--color", "luminance"]);
    folder.fail(&format!("{SMALL} -o out.png --color photo --color-strength 2"), 2, &["from 0 to 1"]);
    folder.write("mine.png", folder.bytes("cat.jpg"));
    folder.fail(&format!("{SMALL} -o mine.png --force --color palette:mine.png"), 2, &["is the input"]);
}
