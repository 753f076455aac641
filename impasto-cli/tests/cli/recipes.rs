//! `recipes`, and recipes by name and by file.

use crate::folder::Folder;
use impasto_image::{Limits, open, record};
use serde_json::Value;

#[test]
fn recipes_are_listed_and_printed() {
    let folder = Folder::new();
    let list = folder.succeed("recipes").stdout;
    for name in ["default", "gatys2016", "johnson-slow", "crowsonkb", "neural-style", "pastiche"] {
        assert!(list.lines().any(|line| line.starts_with(name)), "no {name} in {list}");
    }
    assert_eq!(folder.succeed("recipes --json").json().as_array().map(Vec::len), Some(list.lines().count()));
    let text = folder.succeed("recipes gatys2016").stdout;
    assert!(text.starts_with("description = ") && text.contains("# "), "{text}");
    // One's own is printed with what it leaves out.
    folder.write("mine.toml", "iterations = 5\n");
    let whole = folder.succeed("recipes mine.toml").stdout;
    assert!(whole.contains("iterations = 5") && whole.contains("[scales]"), "{whole}");
    folder.fail("recipes gatis", 2, &["gatis", "gatys2016"]);
}

#[test]
fn a_preset_and_its_text_in_a_file_paint_the_same() {
    let folder = Folder::new();
    let names = folder.succeed("recipes --json").json();
    for name in names.as_array().expect("recipes").iter().filter_map(|recipe| recipe["name"].as_str()) {
        folder.write("mine.toml", folder.succeed(&format!("recipes {name}")).stdout);
        let made = |recipe: &str| {
            let paint = "paint cat.jpg --style terrace.jpg --size 64 --iterations 4 --force -o out.png";
            folder.succeed(&format!("{paint} --recipe {recipe}"));
            let pixels = open(folder.path("out.png"), &Limits::default()).expect("a picture").picture;
            let text = record::read(folder.path("out.png")).expect("a file").expect("a record");
            let mut record: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(record["recipe-name"].take(), recipe);
            (pixels, record)
        };
        let by_name = made(name);
        assert!(by_name == made("mine.toml"), "{name}");
        assert!(by_name.1["recipe"]["style"]["layers"].is_array(), "the record of {name} lacks the recipe");
    }
}
