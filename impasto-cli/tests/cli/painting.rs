//! `paint`, `texture`, `invert`.

use crate::folder::Folder;
use impasto_image::{Limits, open};
use serde_json::Value;
use std::path::Path;

/// A painting of next to no size.
pub const SMALL: &str = "paint cat.jpg --style terrace.jpg --size 64 --iterations 6";

fn size_of(path: &Path) -> (usize, usize) {
    let picture = open(path, &Limits::default()).expect("a picture").picture;
    (picture.width(), picture.height())
}

#[test]
fn a_painting_comes_nearer_to_what_is_asked_of_it() {
    let folder = Folder::new();
    let run = folder.succeed(&format!("{SMALL} -o out.png --trace trace.jsonl --save-every 3 --json"));
    let result = run.json();
    assert_eq!((result["width"].as_u64(), result["height"].as_u64()), (Some(64), Some(52)));
    assert_eq!((result["evaluations"].as_u64(), result["interrupted"].as_bool()), (Some(6), Some(false)));
    assert_eq!(size_of(&folder.path("out.png")), (64, 52));
    assert_eq!(
        folder.names(),
        ["cat.jpg", "out-0003.png", "out-0006.png", "out.png", "terrace.jpg", "trace.jsonl"]
    );
    assert_eq!(size_of(&folder.path("out-0003.png")), (64, 52));

    let trace = String::from_utf8(folder.bytes("trace.jsonl")).expect("UTF-8");
    let lines: Vec<Value> = trace.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines.len(), 6);
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(line["evaluation"].as_u64(), Some(i as u64 + 1));
        let terms = line["terms"].as_object().expect("terms");
        let sum: f64 = terms.values().filter_map(Value::as_f64).sum();
        let loss = line["loss"].as_f64().expect("a loss");
        assert!((sum - loss).abs() <= 1e-9 * loss, "{line}");
        assert!(line["seconds"].is_number() && line["scale"].is_number());
    }
    let last = result["losses"]["total"].as_f64().expect("a total");
    assert!(last < 0.9 * lines[0]["loss"].as_f64().expect("a loss"), "{result}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new();
    for threads in [1, 2, 3] {
        folder.succeed(&format!("{SMALL} --init noise --seed 5 --threads {threads} -o {threads}.png"));
    }
    assert_eq!(folder.bytes("1.png"), folder.bytes("2.png"));
    assert_eq!(folder.bytes("1.png"), folder.bytes("3.png"));
    folder.succeed(&format!("{SMALL} --init noise --seed 6 -o other.png"));
    assert_ne!(folder.bytes("1.png"), folder.bytes("other.png"));
}

#[test]
fn existing_files_are_replaced_only_with_force() {
    let folder = Folder::new();
    folder.write("out.png", "precious");
    folder.fail(&format!("{SMALL} -o out.png"), 1, &["out.png: already exists", "--force"]);
    assert_eq!(folder.bytes("out.png"), b"precious");
    folder.succeed(&format!("{SMALL} -o out.png --force"));
    assert_eq!(size_of(&folder.path("out.png")), (64, 52));
    folder.write("new-0002.png", "precious");
    folder.fail(&format!("{SMALL} -o new.png --save-every 2"), 1, &["new-0002.png: already exists"]);
    folder.write("trace.jsonl", "precious");
    folder.fail(&format!("{SMALL} -o new.png --trace trace.jsonl"), 1, &["trace.jsonl: already exists"]);
    for name in ["cat.jpg", "./cat.jpg", "terrace.jpg"] {
        folder.fail(&format!("{SMALL} -o {name} --force"), 2, &["is the input"]);
    }
}

#[test]
fn every_format_and_depth_can_be_written() {
    let folder = Folder::new();
    for name in ["a.jpg", "a.webp", "a.tif", "a.bmp"] {
        folder.succeed(
            &format!("{SMALL} --iterations 1 -o {name} --quality 80").replace(" --iterations 6", ""),
        );
        assert_eq!(size_of(&folder.path(name)), (64, 52));
    }
    folder.succeed(&format!("{SMALL} --bits 16 -o deep.png"));
    let deep = open(folder.path("deep.png"), &Limits::default()).expect("a picture");
    assert_eq!(deep.bits, 16);
    folder.fail(&format!("{SMALL} --bits 16 -o a.webp --force"), 2, &["16 bits"]);
    folder.fail(&format!("{SMALL} -o out.gif"), 2, &[".gif", ".png"]);
    folder.fail(&format!("{SMALL} -o out"), 2, &["extension"]);
}

#[test]
fn recipes_and_flags_are_heard() {
    let folder = Folder::new();
    let terms = |extra: &str| {
        let run = folder.succeed(&format!("{SMALL} {extra} --force -o out.png --json"));
        let losses = run.json()["losses"].as_object().expect("losses").clone();
        losses.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(
        terms("--style-layers relu1_1:0.5,relu2_2 --content-layers relu3_1 --tv-weight 0"),
        ["total", "content", "style.relu1_1", "style.relu2_2"]
    );
    assert_eq!(terms("--style-weight 0 --tv-weight 1"), ["total", "content", "tv"]);
    for extra in [
        "--recipe gatys",
        "--recipe neural-style --optimizer adam",
        "--recipe pastiche --optimizer lbfgs-torch --pooling avg",
        "--recipe mean-statistics --statistic mean-variance --scales 2",
        "--init terrace.jpg --style-scale 0.7",
        "--style-size 0",
    ] {
        assert!(!terms(extra).is_empty(), "{extra}");
    }
    folder.write(
        "mine.toml",
        "iterations = 2\n[style]\nlayers = [\"relu1_1\"]\n[tv]\nweight = 0\n[scales]\nfirst = 0\n",
    );
    let run = folder.succeed("paint cat.jpg -s terrace.jpg --size 0 --recipe mine.toml -o mine.png --json");
    assert_eq!(run.json()["evaluations"].as_u64(), Some(2));
    assert_eq!(size_of(&folder.path("mine.png")), (128, 104));
}

#[test]
fn textures_have_any_size() {
    let folder = Folder::new();
    folder.succeed("texture terrace.jpg -o one.png --size 80x48 --iterations 4 --seed 1");
    assert_eq!(size_of(&folder.path("one.png")), (80, 48));
    let run = folder.succeed("texture terrace.jpg -o two.png --size 64 --iterations 4 --json");
    assert_eq!(size_of(&folder.path("two.png")), (51, 64));
    assert!(run.json()["losses"].get("content").is_none());
    folder.fail("texture terrace.jpg -o three.png --size 0x48", 2, &["--size"]);
}

#[test]
fn inversions_keep_what_their_layers_keep() {
    let folder = Folder::new();
    let run = folder
        .succeed("invert cat.jpg -o out.png --size 64 --iterations 8 --layers conv1_1,conv4_2:0.5 --json");
    let result = run.json();
    let losses = result["losses"].as_object().expect("losses");
    assert!(losses.contains_key("content.conv1_1") && losses.contains_key("content.conv4_2"), "{result}");
    assert!(!losses.keys().any(|name| name.starts_with("style")), "{result}");
}

#[test]
fn quiet_means_nothing_on_standard_error() {
    let folder = Folder::new();
    let loud = folder.succeed(&format!("{SMALL} -o loud.png"));
    assert!(loud.stderr.contains("saved loud.png: 64×52") && loud.stdout.is_empty(), "{loud:#?}");
    let quiet = folder.succeed(&format!("{SMALL} --quiet -o quiet.png"));
    assert!(quiet.stderr.is_empty() && quiet.stdout.is_empty(), "{quiet:#?}");
}
