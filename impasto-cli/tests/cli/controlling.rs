//! What a user can say to a painting: strength, regions, several styles, planes.

use crate::folder::Folder;
use crate::painting::SMALL;
use impasto_image::{Picture, SaveOptions, save};

/// A mask, white left of the middle; a quarter of the size of `cat.jpg`.
fn half(folder: &Folder, name: &str) {
    let rgb = (0..32 * 26).flat_map(|i| [if i % 32 < 16 { 1.0 } else { 0.0 }; 3]).collect();
    let mask = Picture::new(32, 26, rgb).expect("a mask");
    save(folder.path(name), &mask, &SaveOptions::default()).expect("a mask");
}

#[test]
fn regions_shares_and_masks_are_painted_and_replayed() {
    let folder = Folder::new();
    half(&folder, "left.png");
    for (name, arguments) in [
        ("mixed.png", "--style cat.jpg:0.25"),
        ("regions.png", "--region left.png=cat.jpg --strength-mask left.png"),
        ("part.png", "--region left.png=cat.jpg:left.png"),
    ] {
        let json = folder.succeed(&format!("{SMALL} {arguments} --json -o {name}")).json();
        let regions = arguments.matches("--region").count();
        assert_eq!(json["losses"]["style.2.relu1_1"].is_number(), regions == 1, "{json}");
        let again = folder.succeed(&format!("replay {name} --json")).json();
        assert_eq!(again["identical"].as_bool(), Some(true), "{name}");
    }
    // A path may hold a colon and a number.
    std::fs::copy(folder.path("terrace.jpg"), folder.path("terrace:2")).expect("a copy");
    folder.succeed("paint cat.jpg --style terrace:2 --size 32 --iterations 1 -o colon.png --style-layers relu1_1 --content-layers relu2_1");
}

#[test]
fn bad_styles_and_masks_are_told() {
    let folder = Folder::new();
    let black = Picture::new(4, 4, vec![0.0; 48]).expect("a mask");
    save(folder.path("black.png"), &black, &SaveOptions::default()).expect("a mask");
    for (arguments, code, words) in [
        ("--region left.png", 2, "has no \"=\""),
        ("--region =terrace.jpg", 2, "lacks a file's name"),
        ("--region nothing.png=terrace.jpg", 1, "nothing.png"),
        ("--region black.png=terrace.jpg", 1, "black.png"),
        ("--strength-mask black.png", 1, "black everywhere"),
        ("--style terrace.jpg:0", 2, "cannot have the share 0"),
        ("--mute relu4_1:512", 2, "relu4_1 has no plane 512"),
        ("--mute relu4_2:1", 2, "the style's layers are"),
        ("--solo relu4_1:9-3", 2, "the last plane is before the first"),
        ("--strength 1.5", 2, "at most 1"),
        ("--strength 0.5 --content-weight 1", 2, "cannot be used with"),
    ] {
        folder.fail(&format!("{SMALL} {arguments} -o out.png"), code, &[words]);
    }
    folder.fail("paint cat.jpg --size 48 --iterations 2 -o out.png", 2, &["style picture is needed"]);
    assert!(!folder.path("out.png").exists());
}

#[test]
fn strength_finds_a_weight_and_is_replayed() {
    let folder = Folder::new();
    let weight = |strength: &str| {
        let name = format!("s{strength}.png");
        let json = folder.succeed(&format!("{SMALL} --strength {strength} --json -o {name}")).json();
        let again = folder.succeed(&format!("replay {name} --json")).json();
        assert_eq!(again["identical"].as_bool(), Some(true), "{strength}");
        json["content-weight"].as_f64().expect("a weight")
    };
    assert!(weight("0.3") > weight("0.7"));
    assert_eq!(weight("1"), 0.0);
}

#[test]
fn muted_planes_have_no_part_in_the_loss() {
    let folder = Folder::new();
    let measure = "loss cat.jpg --style terrace.jpg --content-weight 0 --planes 3 --json";
    let json = folder.succeed(&format!("{measure} --mute relu3_1:0-9,20")).json();
    let parts = json["planes"]["style.relu3_1"].as_array().expect("planes");
    assert_eq!(parts.len(), 256);
    let silent = |plane: usize| parts[plane].as_f64() == Some(0.0);
    assert!((0..10).all(silent) && silent(20) && !(10..20).all(silent));
    let sum: f64 = parts.iter().filter_map(serde_json::Value::as_f64).sum();
    assert!((sum / json["style.relu3_1"].as_f64().expect("a term") - 1.0).abs() < 1e-9);
    let table = folder.succeed("loss cat.jpg --style terrace.jpg --content-weight 0 --planes 3").stdout;
    assert!(table.contains("style.relu3_1 planes: "), "{table}");
}

#[test]
fn planes_can_be_marked_in_an_atlas() {
    let folder = Folder::new();
    folder.succeed("see atlas terrace.jpg --pick --planes 2 --size 64 --layers relu1_1,relu2_1 -o pick.html");
    folder.succeed("see atlas terrace.jpg --planes 1 --size 64 --layers relu1_1 -o plain.html");
    let page = |name| String::from_utf8(folder.bytes(name)).expect("a page");
    assert!(page("pick.html").contains("\"pick\":true") && page("plain.html").contains("\"pick\":false"));
}
