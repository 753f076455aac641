//! `--progress json`: standard error for programs.

use crate::clips::clip;
use crate::folder::{Folder, Run};
use serde_json::{Value, json};
use std::fs;

const PAINT: &str = "paint cat.jpg --style terrace.jpg --size 64 --iterations 6 --progress json";

/// The events of a run; everything on standard error must be one.
fn events(run: &Run) -> Vec<Value> {
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let events: Vec<Value> = run.stderr.lines().map(event).collect();
    assert!(events.iter().all(|event: &Value| event["event"].is_string()), "{run:#?}");
    events
}

fn of_kind<'a>(events: &'a [Value], event: &str, kind: Option<&str>) -> Vec<&'a Value> {
    let wanted = |one: &&Value| one["event"] == event && kind.is_none_or(|kind| one["kind"] == kind);
    events.iter().filter(wanted).collect()
}

#[test]
fn a_painting_tells_of_its_loss_and_of_every_file() {
    let folder = Folder::new();
    let flags = "--mute relu3_1:1-4 --save-every 2 --state out.state -o out.png";
    let events = events(&folder.succeed(&format!("{PAINT} {flags}")));
    let progress = of_kind(&events, "progress", None);
    let (first, last) = (progress[0], progress[progress.len() - 1]);
    assert_eq!((&first["done"], &first["of"], &first["scale"]), (&json!(1), &json!(6), &json!(1)));
    assert!(first["left"].as_f64().is_some_and(|left| left >= 0.0), "{first}");
    assert!(first["terms"].as_object().is_some_and(|terms| terms.len() > 3), "{first}");
    assert_eq!((&last["done"], &last["scale"], &last["scales"]), (&json!(6), &json!(1), &json!(1)));
    assert_eq!((&last["width"], &last["height"], &last["left"]), (&json!(64), &json!(52), &json!(0.0)));
    assert!(last["best"].as_f64() <= last["loss"].as_f64(), "{last}");
    assert!(last["text"].as_str().is_some_and(|text| text.starts_with("64×52  loss ")), "{last}");

    let made: Vec<(&str, &str, &Value)> = of_kind(&events, "made", None)
        .iter()
        .map(|made| (made["file"].as_str().unwrap(), made["kind"].as_str().unwrap(), &made["facts"]))
        .collect();
    let names: Vec<(&str, &str)> = made.iter().map(|&(file, kind, _)| (file, kind)).collect();
    let on_the_way = |file| [(file, "snapshot"), ("out.state", "state")];
    let expected = ["out-0002.png", "out-0004.png", "out-0006.png"].into_iter().flat_map(on_the_way);
    let expected: Vec<_> = expected.chain([("out.state", "state"), ("out.png", "result")]).collect();
    assert_eq!(names, expected);
    assert_eq!(made[0].2["evaluation"], 2);
    assert_eq!(made[1].2["evaluation"], 2);
    assert_eq!(made[7].2, &json!({ "width": 64, "height": 52 }));
    assert_eq!(
        of_kind(&events, "note", None)[0]["text"].as_str().map(|text| &text[..13]),
        Some("saved out.png")
    );

    let quiet = folder.succeed(&format!("{PAINT} -o quiet.png --quiet"));
    assert_eq!(quiet.stderr, "");
    let text = folder.succeed(&PAINT.replace("json", "auto -o text.png"));
    assert!(text.stderr.contains("saved text.png"), "{text:#?}");
}

#[test]
fn an_atlas_tells_of_its_tiles() {
    let folder = Folder::new();
    let flags = "--layers relu1_1 --planes 2 --size 48 --export tiles -o page.html --progress json";
    let events = events(&folder.succeed(&format!("see atlas cat.jpg {flags}")));
    let tiles = of_kind(&events, "made", Some("tile"));
    assert_eq!(tiles.len(), 2 * 6);
    for tile in &tiles {
        assert!(folder.path(tile["file"].as_str().unwrap()).is_file(), "{tile}");
    }
    let facts: Value = serde_json::from_slice(&folder.bytes("tiles/atlas.json")).expect("JSON");
    let entry = &facts["layers"][0]["entries"][1];
    let of_entry = |what: &str| {
        let wanted =
            |tile: &&&Value| tile["facts"]["plane"] == entry["plane"] && tile["facts"]["what"] == what;
        &tiles.iter().find(wanted).unwrap_or_else(|| panic!("no {what}"))["facts"]
    };
    for what in ["plane", "photo", "gradient", "guided", "deconv", "sum"] {
        let facts = of_entry(what);
        assert_eq!(facts["layer"], "relu1_1");
        assert_eq!((&facts["value"], &facts["seen"]), (&entry["value"], &entry["seen"]));
        assert_eq!(facts["range"], *entry["ranges"].get(what).unwrap_or(&Value::Null), "{what}");
    }
    assert_eq!((&of_entry("sum")["width"], &of_entry("gradient")["width"]), (&json!(48), &json!(3)));
    let results: Vec<&str> =
        of_kind(&events, "made", Some("result")).iter().filter_map(|made| made["file"].as_str()).collect();
    assert_eq!(results, ["tiles/atlas.json", "page.html"]);
    assert_eq!(of_kind(&events, "progress", None).last().map(|last| &last["done"]), Some(&json!(2)));
}

#[test]
fn errors_say_what_why_and_what_to_do() {
    let folder = Folder::new();
    let told = |arguments: &str, code: i32| {
        let run = folder.run(arguments);
        assert_eq!(run.code, Some(code), "{run:#?}");
        let mut events = events(&run);
        assert_eq!(events.len(), 1, "{run:#?}");
        events.remove(0)
    };
    let error = told("paint cat.jpg --style cat.jpg -o cat.jpg --progress json", 2);
    assert_eq!(error["event"], "error");
    assert_eq!(error["text"], "the output cat.jpg is the input cat.jpg");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("another name")), "{error}");
    let error = told("paint none.jpg --style terrace.jpg -o out.png --progress=json", 1);
    assert!(error["text"].as_str().is_some_and(|text| text.contains("none.jpg")), "{error}");
    assert!(error["causes"].is_array(), "{error}");

    let error = told("paint cat.jpg --stile terrace.jpg -o out.png --progress json", 2);
    assert_eq!(error["text"], "unexpected argument '--stile' found");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("--style")), "{error}");
    // Help is no error, and has no events.
    assert!(folder.succeed("paint --help --progress json").stdout.contains("Usage:"));
}

#[test]
fn dreams_trainings_and_clips_tell_how_far_they_are() {
    let folder = Folder::new();
    let flags = "--net squeezenet --layer fire3 --size 64 --octaves 2 --iterations 2 --progress json";
    let told = events(&folder.succeed(&format!("see dream cat.jpg {flags} -o out.png")));
    let last = of_kind(&told, "progress", None).last().copied().cloned().expect("progress");
    assert_eq!((&last["done"], &last["of"]), (&json!(4), &json!(4)));
    assert_eq!(of_kind(&told, "made", Some("result"))[0]["file"], "out.png");
    let told = events(&folder.succeed(&format!("see dream cat.jpg {flags} --zoom 2 -o film.png")));
    let frames = of_kind(&told, "made", Some("snapshot"));
    assert_eq!(frames.len(), 2);
    assert_eq!((&frames[1]["file"], &frames[1]["facts"]["frame"]), (&json!("film-0002.png"), &json!(2)));

    fs::create_dir(folder.path("photos")).expect("a folder");
    fs::copy(folder.path("cat.jpg"), folder.path("photos/cat.jpg")).expect("a photo");
    let flags = "--width 4 --blocks 1 --crop 48 --batch 1 --held-out 0 --evaluations 0 --save-every 1";
    let train = format!("train terrace.jpg --photos photos {flags} --style-size 64 --iterations 2");
    let told = events(&folder.succeed(&format!("{train} --progress json -o made.safetensors")));
    let progress = of_kind(&told, "progress", None);
    assert!(progress.iter().all(|progress| progress["loss"].is_f64()), "{progress:?}");
    assert_eq!(progress.last().map(|last| (&last["done"], &last["of"])), Some((&json!(2), &json!(2))));
    assert_eq!(of_kind(&told, "made", Some("state")).len(), 2);
    assert_eq!(of_kind(&told, "made", Some("result"))[0]["file"], "made.safetensors");

    clip(&folder, "clip.y4m", 3);
    let flags = "--style terrace.jpg -o out.gif --progress json";
    let told = events(&folder.succeed(&format!("video clip.y4m {flags}")));
    assert_eq!(of_kind(&told, "progress", None).last().map(|last| &last["done"]), Some(&json!(3)));
    let part = &of_kind(&told, "made", Some("part"))[0]["facts"];
    assert_eq!((&part["from"], &part["to"]), (&json!(0), &json!(3)));
    let result = of_kind(&told, "made", Some("result"))[0];
    assert_eq!((&result["file"], &result["facts"]["frames"]), (&json!("out.gif"), &json!(3)));
}
