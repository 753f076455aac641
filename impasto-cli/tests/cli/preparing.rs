//! `prepare`: steps in their order, what is recorded and told, and bad input.

use crate::folder::Folder;
use impasto_image::{BitDepth, Limits, Picture, SaveOptions, open, record, save};
use serde_json::Value;
use std::collections::BTreeSet;

fn picture(folder: &Folder, name: &str) -> Picture {
    open(folder.path(name), &Limits::default()).expect("a picture").picture
}

fn size(folder: &Folder, name: &str) -> (usize, usize) {
    let picture = picture(folder, name);
    (picture.width(), picture.height())
}

fn colors(folder: &Folder, name: &str) -> BTreeSet<[u8; 3]> {
    picture(folder, name).to_rgb8().as_chunks().0.iter().copied().collect()
}

/// White within `radius` (a part of the width) of the middle.
fn mask(folder: &Folder, name: &str, (width, height): (usize, usize), radius: f32) {
    let inside = |i: usize| {
        let (x, y) = (i % width, i / width);
        (x as f32 - width as f32 / 2.0).hypot(y as f32 - height as f32 / 2.0) < radius * width as f32
    };
    let rgb = (0..width * height).flat_map(|i| [f32::from(inside(i)); 3]).collect();
    let picture = Picture::new(width, height, rgb).expect("a mask");
    save(folder.path(name), &picture, &SaveOptions::default()).expect(name);
}

fn record_of(folder: &Folder, name: &str) -> Value {
    let text = record::read(folder.path(name)).expect("a file").expect("a record");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn steps_are_taken_in_their_order_and_the_record_is_a_chain() {
    let folder = Folder::new();
    folder.succeed("prepare terrace.jpg -o a.png --crop 10%,0,80%,50% --palette 5");
    assert_eq!(size(&folder, "a.png"), (76, 60));
    assert_eq!(colors(&folder, "a.png").len(), 5);
    // Colours between the five appear if the size changes afterwards.
    folder.succeed("prepare a.png -o b.png --crop-square --size 30 --contrast 1.2 --saturation 0.5");
    assert_eq!(size(&folder, "b.png"), (30, 30));
    assert!(colors(&folder, "b.png").len() > 5);
    folder.succeed("prepare b.png -o c.png --size 40 --palette navy,#ffffff,red --dither");
    assert_eq!(colors(&folder, "c.png").len(), 3);

    let record = record_of(&folder, "c.png");
    let chain = record["prepared"].as_array().expect("a chain");
    let sources: Vec<_> = chain.iter().map(|part| part["source"]["path"].as_str().expect("a path")).collect();
    assert_eq!(sources, ["terrace.jpg", "a.png", "b.png"]);
    let steps = |part: &Value| -> Vec<String> {
        let steps = part["steps"].as_array().expect("steps").iter();
        steps.map(|step| step["step"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(steps(&chain[0]), ["crop", "palette"]);
    assert_eq!(steps(&chain[1]), ["crop", "size", "contrast", "saturation"]);
    assert_eq!(chain[2]["steps"][1]["colors"], "#000080,#ffffff,#ff0000");
    assert_eq!(record["command"][0], "prepare");
    folder.fail("replay c.png", 1, &["c.png is no painting", "impasto prepare b.png"]);

    let flags = "--size 48 --iterations 2 --quiet";
    folder.succeed(&format!("paint cat.jpg --style c.png -o painted.png {flags}"));
    let painted = record_of(&folder, "painted.png");
    let style = &painted["regions"][0]["styles"][0];
    assert!(style.to_string().contains("c.png") && style["sha256"].as_str().is_some_and(|s| s.len() == 64));
}

#[test]
fn something_is_erased_and_the_report_tells() {
    let folder = Folder::new();
    mask(&folder, "mask.png", (48, 60), 0.12);
    let flags = "--crop 0,24,96,72 --erase mask.png --report page.html --json";
    let result = folder.succeed(&format!("prepare terrace.jpg -o out.png {flags}")).json();
    assert_eq!(result["steps"][1]["mask"]["path"], "mask.png");
    let changes = &result["changes"];
    let layers = changes["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 5);
    for layer in layers {
        assert_eq!(layer["planes"].as_array().expect("planes").len(), 10);
        assert!(layer["gram"]["cosine"].as_f64().is_some_and(|cosine| cosine > 0.0 && cosine < 1.0));
    }
    assert_eq!(changes["erased"][0]["gram"]["after"].as_array().expect("cosines").len(), 5);
    let page = String::from_utf8(folder.bytes("page.html")).expect("a page");
    assert!(page.contains("data:image/jpeg;base64,") && !page.contains("{{content}}"));

    // The mask is cropped with the picture: its middle, row 60 of the file, is row 36 now.
    let (before, after) = (picture(&folder, "terrace.jpg"), picture(&folder, "out.png"));
    let (before, after) = (before.to_rgb8(), after.to_rgb8());
    let changed =
        |x: usize, y: usize| before[((y + 24) * 96 + x) * 3..][..3] != after[(y * 96 + x) * 3..][..3];
    let rows: BTreeSet<usize> = (0..72 * 96).filter(|i| changed(i % 96, i / 96)).map(|i| i / 96).collect();
    let (first, last) = (rows.first().expect("a change"), rows.last().expect("a change"));
    assert!(*first >= 36 - 18 && *first <= 36 - 11 && *last <= 36 + 18 && *last >= 36 + 10, "{rows:?}");

    let table = folder.succeed("prepare terrace.jpg -o t.png --channel-bits 2 --table").stdout;
    assert!(table.contains("relu5_1") && table.contains("planes whose means changed most"), "{table}");
    assert!(colors(&folder, "t.png").len() <= 64);
}

#[test]
fn masks_are_turned_with_the_picture() {
    let folder = Folder::new();
    let rgb = (0..48 * 60).flat_map(|i| [f32::from(i % 48 < 12 && i / 48 < 15); 3]).collect();
    save(folder.path("corner.png"), &Picture::new(48, 60, rgb).expect("a mask"), &SaveOptions::default())
        .expect("corner.png");
    let steps = "--rotate 90 --flip vertical --erase corner.png --flip vertical --rotate 270 --quiet";
    folder.succeed("prepare terrace.jpg -o small.png --crop 0,0,48,60");
    folder.succeed(&format!("prepare small.png -o out.png {steps}"));
    let (before, after) = (picture(&folder, "small.png").to_rgb8(), picture(&folder, "out.png").to_rgb8());
    let changed: Vec<usize> = (0..48 * 60).filter(|i| before[i * 3..][..3] != after[i * 3..][..3]).collect();
    assert!(changed.len() > 12 * 15 / 2);
    assert!(changed.iter().all(|i| i % 48 < 12 + 8 && i / 48 < 15 + 8));
    let record = record_of(&folder, "out.png");
    assert_eq!(record["prepared"][1]["steps"][0]["degrees"], 90);
    assert_eq!(record["prepared"][1]["steps"][1]["axis"], "vertical");
}

#[test]
fn depth_and_alpha_are_kept() {
    let folder = Folder::new();
    let rgb = (0..32 * 24 * 3).map(|i| (i * 37 % 1000) as f32 / 1000.0).collect();
    let alpha = (0..32 * 24).map(|i| (i % 32) as f32 / 31.0).collect();
    let deep = Picture::new(32, 24, rgb).and_then(|picture| picture.with_alpha(alpha)).expect("a picture");
    let options = SaveOptions { bits: BitDepth::Sixteen, ..SaveOptions::default() };
    save(folder.path("deep.png"), &deep, &options).expect("deep.png");
    folder.succeed("prepare deep.png -o out.png --saturation 0.9");
    let out = open(folder.path("out.png"), &Limits::default()).expect("out.png");
    assert_eq!(out.bits, 16);
    assert_eq!(out.picture.alpha(), picture(&folder, "deep.png").alpha());
    folder.succeed("prepare deep.png -o eight.png --saturation 0.9 --bits 8");
    assert_eq!(open(folder.path("eight.png"), &Limits::default()).expect("eight.png").bits, 8);
    folder.succeed("prepare deep.png -o cat-colours.png --recolor cat.jpg --recolor-strength 0.5");
    folder.succeed("prepare deep.png -o tinted.png --recolor navy,orange --brightness -0.1");
}

#[test]
fn bad_input_is_told() {
    let folder = Folder::new();
    mask(&folder, "black.png", (10, 10), -1.0);
    mask(&folder, "white.png", (10, 10), 5.0);
    folder.write("broken.gpl", "GIMP Palette\nred\n");
    let start = "prepare cat.jpg -o out.png";
    for (flags, code, words) in [
        ("", 2, &["nothing to do", "hint: give a step"][..]),
        ("--crop 100,0,100,10", 2, &["--crop 100,0,100,10", "128×104"]),
        ("--crop-square --crop 0,0,128,104", 2, &["104×104"]),
        ("--crop 0,0,0,10", 2, &["--crop 0,0,0,10"]),
        ("--crop 1,2,3", 2, &["X,Y,W,H"]),
        ("--erase black.png", 1, &["black.png", "black everywhere"]),
        ("--erase white.png", 1, &["white.png", "covers the whole picture"]),
        ("--erase none.png", 1, &["none.png"]),
        ("--palette 1", 2, &["2 to 256"]),
        ("--palette 300", 2, &["2 to 256"]),
        ("--palette nonsense", 2, &["--palette: ", "\"nonsense\" is no colour"]),
        ("--palette broken.gpl", 1, &["broken.gpl", "line 2"]),
        ("--recolor '#12'", 2, &["no colour"]),
        ("--contrast -1", 2, &["from 0 up"]),
        ("--channel-bits 9", 2, &["1..=7"]),
        ("--rotate 45", 2, &["90, 180, 270"]),
        ("--palette 8 --report cat.jpg", 2, &["is the input"]),
        ("--recolor out.png --force", 2, &["out.png"]),
    ] {
        folder.fail(&format!("{start} {flags}"), code, words);
    }
    folder.fail("prepare cat.jpg -o cat.jpg --palette 8 --force", 2, &["is the input"]);
}
