//! `see`: saliency, guided, deconv, atlas, top, check.

use crate::folder::Folder;
use impasto_image::{Limits, Picture, open};
use safetensors::SafeTensors;
use serde_json::Value;

fn picture(folder: &Folder, name: &str) -> Picture {
    open(folder.path(name), &Limits::default()).expect("a picture").picture
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[test]
fn saliency_of_the_best_class_and_of_a_named_one() {
    let folder = Folder::new();
    let best = folder.succeed("see saliency cat.jpg -o best.png --raw best.safetensors --json").json();
    assert!(best["name"].as_str().is_some_and(|name| name.contains("cat")), "{best}");
    let sheet = picture(&folder, "best.png");
    assert_eq!((sheet.width(), sheet.height()), (5 * 227 + 6 * 4, 227 + 2 * 4));
    let bytes = folder.bytes("best.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    assert_eq!(file.tensor("saliency").expect("the derivative").shape(), [3, 227, 227]);

    let class = best["class"].to_string();
    folder.succeed(&format!("see saliency cat.jpg --class {class} -o same.png --raw same.safetensors"));
    assert!(picture(&folder, "same.png") == sheet);
    assert!(bytes == folder.bytes("same.safetensors"));
    let other = folder
        .succeed("see saliency cat.jpg --class goldfish --rule guided --view signed -o fish.png --json");
    assert_eq!(number(&other.json(), "class"), 1.0);
    assert_eq!(picture(&folder, "fish.png").width(), 227);
    folder.fail(
        "replay fish.png",
        1,
        &["fish.png is no painting", "impasto see saliency cat.jpg --class goldfish"],
    );
}

#[test]
fn units_and_what_they_see() {
    let folder = Folder::new();
    let flags = "--size 96 --layer relu2_2";
    let top =
        folder.succeed(&format!("see deconv cat.jpg {flags} --top 2 -o top.png --json --tile 64")).json();
    let units = top["units"].as_array().expect("units");
    assert_eq!(units.len(), 2);
    let field = &units[0]["receptive_field"];
    assert_eq!(number(field, "bottom") - number(field, "top"), 14.0);
    assert!(number(&units[0], "value") > 0.0);

    let (plane, row, column) = (&units[0]["plane"], &units[0]["row"], &units[0]["column"]);
    let place = format!("--plane {plane} --at {row},{column}");
    folder.succeed(&format!("see deconv cat.jpg {flags} {place} -o one.png --raw one.safetensors"));
    let bytes = folder.bytes("one.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let values = file.tensor(&format!("plane{plane}")).expect("the projection");
    let (height, width) = (number(&top, "height") as usize, number(&top, "width") as usize);
    assert_eq!(values.shape(), [3, height, width]);
    let seen = &field["seen"];
    let inside = |i: usize| {
        let (row, column) = ((i % (height * width) / width) as f64, (i % width) as f64);
        (number(seen, "top")..number(seen, "bottom")).contains(&row)
            && (number(seen, "left")..number(seen, "right")).contains(&column)
    };
    let values = values.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let (seen, unseen): (Vec<_>, Vec<_>) = values.enumerate().partition(|(i, _)| inside(*i));
    assert!(unseen.iter().all(|(_, value)| *value == 0.0));
    assert!(seen.iter().any(|(_, value)| *value != 0.0));
}

#[test]
fn an_atlas_holds_its_pictures_and_numbers() {
    let folder = Folder::new();
    let flags = "--size 64 --layers relu1_1,relu3_1 --planes 2";
    let told = folder
        .succeed(&format!("see atlas cat.jpg {flags} -o atlas.html --export tiles --raw raw --json"))
        .json();
    let layers = told["atlas"]["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 2);
    assert_eq!(layers[1]["entries"].as_array().map(Vec::len), Some(2));
    let page = String::from_utf8(folder.bytes("atlas.html")).expect("UTF-8");
    assert_eq!(page.matches("data:image/").count(), 1 + 2 * 2 * 6);
    assert!(!page.contains("http://") && !page.contains("https://"));
    let stored: Value = serde_json::from_slice(&folder.bytes("tiles/atlas.json")).expect("JSON");
    assert_eq!(stored, told["atlas"]);
    let plane = &layers[0]["entries"][0]["plane"];
    let plane = plane.as_u64().expect("a plane");
    assert_eq!(picture(&folder, &format!("tiles/relu1_1-{plane:04}-sum.png")).width(), 64);
    let bytes = folder.bytes(&format!("raw/relu1_1-{plane:04}.safetensors"));
    let values = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    assert_eq!(values.tensor("guided").expect("guided").shape(), [3, 3, 3]);
    assert_eq!(values.tensor("sum").expect("the sum").shape(), [3, 52, 64]);
    folder.fail(
        &format!("see atlas cat.jpg {flags} -o other.html --export tiles"),
        2,
        &["tiles is not empty"],
    );
}

#[test]
fn an_index_answers_again_and_goes_on() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("photos")).expect("a folder");
    std::fs::copy(folder.path("cat.jpg"), folder.path("photos/cat.jpg")).expect("a copy");
    let flags = "see top photos --size 64 --planes 3,5 --photos 4 --index photos.index --force --json";
    let one = folder.succeed(&format!("{flags} --layer relu2_1 -o one.html")).json();
    assert_eq!(number(&one, "photos"), 1.0);
    let index = folder.bytes("photos.index");
    let lines = |bytes: &[u8]| bytes.split_inclusive(|&byte| byte == b'\n').count();
    // What it is of, one photo, two patches.
    assert_eq!(lines(&index), 4);
    assert_eq!(folder.succeed(&format!("{flags} --layer relu2_1 -o again.html")).json(), one);
    assert_eq!(folder.bytes("again.html"), folder.bytes("one.html"));
    assert!(index == folder.bytes("photos.index"), "the same question adds nothing");
    folder.succeed(&format!("{flags} --layer relu3_1 -o other.html"));
    let other = folder.bytes("photos.index");
    assert!(other.starts_with(&index) && lines(&other) == 6, "another layer adds two patches");

    // Values are made again, whatever the index has.
    let raw = "--rule gradient --raw raw.safetensors";
    // A plane named twice is shown once.
    folder.succeed(&format!("{} --layer relu2_1 {raw} -o raw.html", flags.replace("3,5", "3,5,3")));
    folder.succeed(&format!("{flags} --layer relu2_1 {} -o raw.html", raw.replace("raw.s", "same.s")));
    let bytes = folder.bytes("raw.safetensors");
    assert!(bytes == folder.bytes("same.safetensors"));
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let seen = &one["planes"][1]["patches"][0]["seen"];
    let side = |from: &str, to: &str| (number(seen, to) - number(seen, from)) as usize;
    let values = file.tensor("relu2_1.plane5.1").expect("the derivative");
    assert_eq!(values.shape(), [3, side("top", "bottom"), side("left", "right")]);
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let remarks = header.metadata().as_ref().expect("remarks");
    assert_eq!(remarks["rule"], "gradient");
    let place: Value = serde_json::from_str(&remarks["relu2_1.plane5.1"]).expect("JSON");
    assert_eq!((&place["photo"], &place["left"]), (&"cat.jpg".into(), &seen["left"]));

    // A line cut short is as if it had never been written, and a photo that was changed as if it had never been seen.
    let index = folder.bytes("photos.index");
    std::fs::copy(folder.path("terrace.jpg"), folder.path("photos/terrace.jpg")).expect("a copy");
    let two = folder.succeed(&format!("{flags} --layer relu2_1 -o one.html")).json();
    assert_eq!(number(&two, "photos"), 2.0);
    let whole = folder.bytes("photos.index");
    assert!(whole.starts_with(&index) && lines(&whole) > lines(&index));
    std::fs::write(folder.path("photos.index"), &whole[..whole.len() - 10]).expect("a file");
    assert_eq!(folder.succeed(&format!("{flags} --layer relu2_1 -o one.html")).json(), two);
    assert_eq!(whole, folder.bytes("photos.index"));
    std::fs::copy(folder.path("cat.jpg"), folder.path("photos/terrace.jpg")).expect("a copy");
    let changed = folder.succeed(&format!("{flags} --layer relu2_1 -o one.html")).json();
    let patches = changed["planes"][0]["patches"].as_array().expect("patches");
    assert_eq!(patches[0]["value"], patches[1]["value"]);
    // A second run at the same time would spoil the index.
    let file = std::fs::File::open(folder.path("photos.index")).expect("the index");
    file.lock().expect("a lock");
    folder.fail(&format!("{flags} --layer relu2_1 -o two.html"), 1, &["photos.index is in use", "--index"]);
    drop(file);
    let wrong = "see top photos --size 32 --layer relu2_1 --index photos.index -o two.html";
    folder.fail(wrong, 1, &["photos.index is an index of another network", "--force"]);
    folder.fail("see top tiles --layer relu2_1 -o two.html", 1, &["cannot read the folder"]);
}

#[test]
fn a_check_tells_what_randomising_does() {
    let folder = Folder::new();
    let told = folder.succeed("see check cat.jpg --stages 2 -o check.png --json").json();
    let stages = told["stages"].as_array().expect("stages");
    let of = |stage: usize, rule: &str| number(&stages[stage]["methods"][rule], "correlation");
    assert_eq!(stages.len(), 3);
    assert!((of(0, "gradient") - 1.0).abs() < 1e-9);
    // Half of the layers random: the derivative is another, the others hardly change (Adebayo et al. 2018).
    assert!(of(1, "gradient").abs() < 0.2, "{told}");
    assert!(of(1, "guided") > 0.8 && of(1, "deconv") > 0.8, "{told}");
    assert!(of(2, "gradient").abs() < 0.2, "{told}");
    assert!(told["layers"].as_array().is_some_and(|layers| layers.len() == 26));
    assert!(told["stages"].to_string().find("reason").is_none(), "{told}");
}

#[test]
fn a_unit_that_a_random_network_silences_is_told() {
    let folder = Folder::new();
    let flags = "--net squeezenet --size 64 --layer fire3 --stages 1 --raw check.safetensors";
    let (mut silent, mut heard) = (0, 0);
    for seed in 0..8 {
        let told = folder
            .succeed(&format!("see check cat.jpg {flags} --seed {seed} --force -o check.png --json"))
            .json();
        let stage = &told["stages"][1];
        let gradient = &stage["methods"]["gradient"];
        if number(stage, "value") > 0.0 {
            heard += 1;
            assert!(gradient["correlation"].as_f64().is_some_and(|value| value.abs() < 0.6), "{told}");
        } else {
            silent += 1;
            assert!(gradient["correlation"].is_null(), "{told}");
            assert!(gradient["reason"].as_str().is_some_and(|reason| reason.contains("inactive")), "{told}");
        }
    }
    assert!(silent > 0 && heard > 0, "{silent} {heard}");
}

#[test]
fn class_images_are_taken_for_their_class() {
    let folder = Folder::new();
    let told = folder.succeed("see class goldfish --iterations 48 -o fish.png --json").json();
    let made = &told["pictures"][0];
    assert_eq!(number(made, "class"), 1.0);
    assert!(number(made, "probability") > 0.9, "{told}");
    let classes = folder.succeed("classify fish.png --top 1 --json").json();
    assert_eq!(classes["classes"][0]["name"], "goldfish");
    // The same seed makes the same picture, several make a sheet.
    folder.succeed("see class 1 --iterations 48 -o again.png");
    assert!(picture(&folder, "again.png") == picture(&folder, "fish.png"));
    let flags = "--layer relu2_1 --plane 3,4 --size 48 --iterations 4 --preset yosinski2015";
    folder.succeed(&format!("see class {flags} -o units.png"));
    assert_eq!(picture(&folder, "units.png").width(), 2 * 48 + 3 * 4);
    let clipped = "--preset yosinski2015 --contribution-percentile 90 --iterations 4 --size 64";
    folder.succeed(&format!("see class goldfish {clipped} -o bare.png"));
    folder.fail("see class 1 --norm-percentile 101 -o a.png", 2, &["at most 100"]);
    folder.fail("see class -o a.png", 2, &["required arguments", "N|NAME"]);
}

#[test]
fn what_is_not_there_is_told_with_a_remedy() {
    let folder = Folder::new();
    for (line, code, words) in [
        (
            "see saliency cat.jpg --class zzz -o a.png",
            2,
            ["no single class is meant by \"zzz\"", "below 1000"],
        ),
        ("see saliency cat.jpg --plane 3 -o a.png", 2, ["planes are a layer's", "--layer"]),
        ("see saliency cat.jpg --net vgg19 -o a.png", 2, ["not a classifier", "squeezenet"]),
        ("see guided cat.jpg --layer relu9_1 -o a.png", 2, ["relu9_1", "did you mean"]),
        ("see guided cat.jpg --layer relu1_1 --plane 64 -o a.png", 2, ["no plane 64", "below 64"]),
        ("see guided cat.jpg --layer relu1_1 --at 1 -o a.png", 2, ["invalid value '1'", "ROW,COLUMN"]),
        (
            "see guided cat.jpg --layer relu1_1 -o cat.jpg",
            2,
            ["the output cat.jpg is the input", "another name"],
        ),
        ("see top . --layer conv2_1 -o a.html", 2, ["conv2_1 is not kept", "relu2_1"]),
    ] {
        folder.fail(line, code, &words);
        assert!(!folder.path("a.png").exists());
    }
}
