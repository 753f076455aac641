//! `sheet`.

use crate::folder::Folder;
use impasto_image::{Limits, Picture, open};
use serde_json::Value;

/// A sheet of next to no size.
const SMALL: &str = "sheet cat.jpg --style terrace.jpg --size 128 --preview 64 --iterations 6";

/// The content of a page.
fn content(page: &[u8]) -> Value {
    let page = String::from_utf8_lossy(page);
    let start = page.split_once("id=\"content\">").expect("content").1;
    serde_json::from_str(start.split_once("</script>").expect("its end").0).expect("JSON")
}

fn picture(folder: &Folder, name: &str) -> Picture {
    open(folder.path(name), &Limits::default()).expect("a picture").picture
}

#[test]
fn a_page_has_a_labelled_tile_and_its_command_for_every_pair_of_values() {
    let folder = Folder::new();
    let vary = "--vary style-weight=0.5,2 --vary style-layers=relu1_1,relu2_1;deep";
    let run = folder.succeed(&format!("{SMALL} {vary} --seed 7 -o page.html --json"));
    let content = content(&folder.bytes("page.html"));
    assert_eq!(content["rows"]["option"], "style-weight");
    assert_eq!(content["rows"]["values"], serde_json::json!(["0.5", "2"]));
    assert_eq!(content["columns"]["values"], serde_json::json!(["relu1_1,relu2_1", "deep"]));
    assert_eq!(content["models"][0]["name"], "cat.jpg");
    assert_eq!(content["models"][1]["name"], "terrace.jpg");
    let tiles = content["tiles"].as_array().expect("tiles");
    assert_eq!(tiles.len(), 4);
    assert!(
        tiles.iter().all(|tile| tile["picture"].as_str().is_some_and(|uri| uri.starts_with("data:image/")))
    );
    let command = tiles[1]["command"].as_str().expect("a command");
    let expected = "impasto paint cat.jpg --style terrace.jpg --size 128 --seed 7 --iterations 6 --style-weight 0.5 --style-layers deep -o page-1-2.png";
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(sorted(command), sorted(expected));
    assert_eq!(run.json()["tiles"][1]["command"], command);

    // The command is a command.
    folder.succeed(command.strip_prefix("impasto ").expect("the program's name"));
    assert_eq!(picture(&folder, "page-1-2.png").width(), 128);
}

#[test]
fn the_same_sheet_has_the_same_bytes() {
    let folder = Folder::new();
    for name in ["a.png", "a.html"] {
        let sheet = format!("{SMALL} --vary content-weight=1,4 -o {name} --force");
        folder.succeed(&sheet);
        let first = folder.bytes(name);
        folder.succeed(&sheet);
        assert_eq!(folder.bytes(name), first, "{name}");
    }
}

#[test]
fn a_tile_is_the_beginning_of_its_painting() {
    let folder = Folder::new();
    // At 256 pixels the schedule has 128 and 256: a tile of 128 is what the painting is after the first of them.
    let paint = "cat.jpg --style terrace.jpg --size 256 --iterations 9 --seed 1";
    folder.succeed(&format!("sheet {paint} --preview 128 --vary tv-weight=0 -o sheet.html"));
    folder.succeed(&format!(
        "paint {paint} --tv-weight 0 --scales 2 --save-every 1 -o full.png --trace t.jsonl"
    ));
    let trace = String::from_utf8(folder.bytes("t.jsonl")).expect("UTF-8");
    let lines: Vec<Value> = trace.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let first = lines.iter().filter(|line| line["scale"] == 0).count();
    let content = content(&folder.bytes("sheet.html"));
    let tile = content["tiles"][0]["losses"]["total"].as_f64().expect("a loss");
    let there = lines[first - 1]["best"].as_f64().expect("a loss");
    assert!((tile / there - 1.0).abs() < 1e-4, "{tile} {there}");
}

#[test]
fn styles_flags_and_recipes_vary_too() {
    let folder = Folder::new();
    let vary = "--vary style=terrace.jpg,cat.jpg --vary recipe=pastiche,gatys2016";
    let sheet = "sheet cat.jpg --size 64 --preview 32 --iterations 2";
    let run = folder.succeed(&format!("{sheet} {vary} -o sheet.jpg --json"));
    assert_eq!(run.json()["tiles"].as_array().map(Vec::len), Some(4));
    assert!(picture(&folder, "sheet.jpg").width() > 64);
    let run = folder.succeed(&format!(
        "{sheet} --style terrace.jpg --vary style-scale=1,1.5 --style-scale 2 -o one.png --json"
    ));
    let facts = run.json();
    let command = facts["tiles"][0]["command"].as_str().expect("a command");
    assert!(command.contains("--style-scale 1 ") && !command.contains("--style-scale 2"), "{command}");
    assert!(command.ends_with("-o one-1.png"), "{command}");
}

#[test]
fn bad_variations_are_named() {
    let folder = Folder::new();
    for (flags, words) in [
        ("--vary style-wieght=1,2", &["no option --style-wieght", "style-weight"][..]),
        ("--vary style-weight=1,x", &["style-weight=x", "not a number"]),
        ("--vary style-weight=1,-2", &["style-weight=-2", "from 0 up"]),
        ("--vary statistic=gram,grams", &["statistic=grams", "invalid value"]),
        ("--vary seed=1 --vary seed=2", &["seed", "twice"]),
        ("--vary seed=1,1", &["seed", "given twice"]),
        ("--vary seed=1 --vary size=64 --vary tv-weight=0", &["once or twice"]),
        ("--vary output=a.png,b.png", &["--vary output"]),
        ("--vary style-layers=relu1_1,relu9_9", &["style-layers=relu9_9", "relu9_9"]),
        ("--vary style=missing.jpg,terrace.jpg", &["style=missing.jpg", "no such file"]),
        ("--vary recipe=default,defautl", &["recipe=defautl"]),
        ("--vary style-scale=1,2 --style-size 64", &["style-scale=1", "--style-size"]),
        ("--vary seed=1 --trace t.jsonl", &["--trace"]),
    ] {
        let code = if flags.contains("missing") { 1 } else { 2 };
        folder.fail(&format!("{SMALL} {flags} -o out.png"), code, words);
    }
    folder.fail("sheet cat.jpg --vary seed=1,2 -o out.png", 2, &["seed=1", "--style"]);
    for (flags, words) in [("--vary seed", "OPTION=V1,V2"), ("--vary seed=1,,2", "empty"), ("", "--vary")] {
        folder.fail(&format!("{SMALL} {flags} -o out.png"), 2, &[words]);
    }
    folder.fail(&format!("{SMALL} --vary seed=1 -o out.gif"), 2, &[".gif"]);
    folder.fail(&format!("{SMALL} --vary seed=1 -o cat.jpg --force"), 2, &["is the input"]);
}

#[cfg(unix)]
#[test]
fn interrupted_sheets_keep_what_is_done() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let folder = Folder::new();
    let endless = "sheet cat.jpg --style terrace.jpg --size 64 --vary iterations=2,1000000 -o out.html";
    let mut child = folder.command(endless).stderr(Stdio::piped()).spawn().expect("the program");
    let mut lines = BufReader::new(child.stderr.take().expect("its messages")).lines();
    let second = lines.by_ref().map(|line| line.expect("UTF-8")).find(|line| line.contains("tile 2 of 2"));
    assert!(second.is_some());
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    let rest: Vec<String> = lines.map(|line| line.expect("UTF-8")).collect();
    assert_eq!(child.wait().expect("its end").code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("saved out.html: 1 of 2 tiles")), "{rest:?}");
    let content = content(&folder.bytes("out.html"));
    assert!(content["tiles"][0]["picture"].is_string() && content["tiles"][1]["picture"].is_null());
}
