//! `replay`, and the record in every picture.

use crate::folder::Folder;
use crate::painting::SMALL;
use serde_json::Value;
use std::fs;

#[test]
fn a_replay_gives_the_same_bytes() {
    let folder = Folder::new();
    for (arguments, name) in [
        (format!("{SMALL} --init noise --seed 9 --content-weight 0.1"), "paint.png"),
        (format!("{SMALL} --init terrace.jpg --bits 16"), "start.png"),
        (format!("{SMALL} --quality 70"), "paint.jpg"),
        ("texture terrace.jpg --size 64x48 --iterations 3 --seed 2".into(), "texture.tif"),
        ("invert cat.jpg --layers conv2_1:0.3 --size 48 --iterations 3".into(), "invert.webp"),
    ] {
        folder.succeed(&format!("{arguments} -o {name}"));
        let again = name.replace('.', "-replay.");
        let run = folder.succeed(&format!("replay {name} --json"));
        assert_eq!(run.json()["identical"].as_bool(), Some(true), "{name}");
        assert_eq!(folder.bytes(name), folder.bytes(&again), "{name}");
    }
}

#[test]
fn a_picture_saved_on_the_way_can_be_replayed() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} --scales 2 --save-every 2 -o out.png"));
    for name in ["out-0002.png", "out-0004.png", "out-0006.png"] {
        let run = folder.succeed(&format!("replay {name} --json"));
        assert_eq!(run.json()["identical"].as_bool(), Some(true), "{name}");
    }
}

#[test]
fn the_record_tells_everything() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} --seed 4 --style-layers relu1_1:0.1 -o out.png"));
    let text = impasto_image::record::read(folder.path("out.png")).expect("a picture").expect("a record");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["program"], "impasto");
    assert_eq!(record["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(record["verb"], "paint");
    assert_eq!(record["content"]["path"], "cat.jpg");
    assert_eq!(
        record["content"]["sha256"],
        "9816a2ded86933ee29f04cb4bf980ba18dde0d2b94571915f9915b13606fff76"
    );
    assert_eq!(record["seed"], 4);
    assert_eq!(record["recipe"]["style"]["layers"][0], "relu1_1:0.1");
    assert_eq!(record["recipe"]["iterations"], 6);
    assert_eq!(record["evaluations"], 6);
    assert!(record["losses"]["total"].is_number());
}

#[test]
fn inputs_are_found_where_they_went_and_refused_if_they_changed() {
    let folder = Folder::new();
    fs::create_dir(folder.path("elsewhere")).expect("a folder");
    folder.succeed(&format!("{SMALL} -o elsewhere/out.png"));
    fs::rename(folder.path("cat.jpg"), folder.path("elsewhere/cat.jpg")).expect("a move");
    folder.succeed("replay elsewhere/out.png");
    assert_eq!(folder.bytes("elsewhere/out.png"), folder.bytes("elsewhere/out-replay.png"));

    fs::rename(folder.path("elsewhere/cat.jpg"), folder.path("renamed.jpg")).expect("a move");
    folder.fail("replay elsewhere/out.png -o new.png", 1, &["cat.jpg is not where it was", "--content FILE"]);
    folder.succeed("replay elsewhere/out.png -o new.png --content renamed.jpg");
    assert_eq!(folder.bytes("elsewhere/out.png"), folder.bytes("new.png"));

    folder.fail(
        "replay elsewhere/out.png -o other.png --content terrace.jpg",
        1,
        &["terrace.jpg is not the file that was used as cat.jpg", "SHA-256"],
    );
    folder.fail("replay terrace.jpg", 1, &["carries no record"]);
    folder.fail("replay new.png -o new.png --content renamed.jpg --force", 2, &["is the input"]);
}
