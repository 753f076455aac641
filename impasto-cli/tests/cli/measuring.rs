//! `loss`, `features`, `classify`, `models`, `bench`, `completions`.

use crate::folder::Folder;
use impasto_image::{Limits, SaveOptions, open, resize, save};
use safetensors::SafeTensors;
use serde_json::Value;

/// Writes `cat.png`, the photograph at 64 × 52 pixels.
fn small_cat(folder: &Folder) {
    let cat = open(folder.path("cat.jpg"), &Limits::default()).expect("a picture").picture;
    let cat = resize(&cat, 64, 52).expect("a size");
    save(folder.path("cat.png"), &cat, &SaveOptions::default()).expect("a file");
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[test]
fn the_loss_is_the_one_that_painting_lowers() {
    let folder = Folder::new();
    small_cat(&folder);
    let flags = "--style terrace.jpg --recipe pastiche --tv-weight 0.1";
    folder.succeed(&format!("paint cat.png {flags} --size 64 --iterations 2 -o out.png --trace t.jsonl"));
    let trace = String::from_utf8(folder.bytes("t.jsonl")).expect("UTF-8");
    let first: Value = serde_json::from_str(trace.lines().next().expect("a line")).expect("JSON");
    let loss = folder.succeed(&format!("loss cat.png --content cat.png {flags} --size 64 --json")).json();
    assert_eq!(number(&loss, "content"), 0.0);
    assert!((number(&loss, "total") / number(&first, "loss") - 1.0).abs() < 1e-5, "{loss} {first}");
    let sum: f64 = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
        .iter()
        .map(|layer| number(&loss, &format!("style.{layer}")))
        .sum();
    assert!((sum + number(&loss, "tv") - number(&loss, "total")).abs() < 1e-9 * sum);
    assert_eq!((number(&loss, "width"), number(&loss, "height")), (64.0, 52.0));
    assert_eq!((number(&loss, "style-width"), number(&loss, "style-height")), (51.0, 64.0));

    // A painting is nearer to the style, and is measured at its own size unless told otherwise.
    let after = folder.succeed(&format!("loss out.png --content cat.jpg {flags} --json")).json();
    assert!(number(&after, "total") < number(&loss, "total"));
    assert_eq!(number(&after, "width"), 64.0);
}

#[test]
fn without_resampling_sizes_must_agree_but_for_the_styles() {
    let folder = Folder::new();
    small_cat(&folder);
    let own = folder.succeed("loss cat.png --content cat.png --style terrace.jpg --size 0 --json").json();
    assert_eq!((number(&own, "style-width"), number(&own, "style-height")), (96.0, 120.0));
    let wide = folder.succeed("loss cat.png -c cat.png -s terrace.jpg --style-size 0 --json").json();
    assert_eq!(number(&own, "total"), number(&wide, "total"));
    let words = ["cat.png has 64×52", "cat.jpg has 128×104"];
    folder.fail("loss cat.png --content cat.jpg --style terrace.jpg --size 0", 2, &words);
    let words = ["cat.png has 64×52", "terrace.jpg has 51×64"];
    folder.fail("loss cat.png --content terrace.jpg --style terrace.jpg", 2, &words);
}

#[test]
fn the_gradient_points_uphill() {
    let folder = Folder::new();
    small_cat(&folder);
    let flags = "--content cat.png --style terrace.jpg --size 0 --json";
    let loss = folder.succeed(&format!("loss cat.png {flags} --gradient g.safetensors")).json();
    let bytes = folder.bytes("g.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let gradient = file.tensor("gradient").expect("the gradient");
    assert_eq!(gradient.shape(), [3, 52, 64]);
    let gradient: Vec<f32> =
        gradient.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();

    let mut picture = open(folder.path("cat.png"), &Limits::default()).expect("a picture").picture;
    let energy: f32 = gradient.iter().map(|g| g * g).sum();
    let step = 0.02 * number(&loss, "total") as f32 / energy;
    for (i, value) in picture.rgb_mut().iter_mut().enumerate() {
        *value -= step * gradient[i % 3 * 64 * 52 + i / 3];
    }
    let options = SaveOptions { bits: impasto_image::BitDepth::Sixteen, ..SaveOptions::default() };
    save(folder.path("lower.png"), &picture, &options).expect("a file");
    let lower = folder.succeed(&format!("loss lower.png {flags}")).json();
    let fall = (number(&loss, "total") - number(&lower, "total")) / (0.02 * number(&loss, "total"));
    // To first order the fall is the step's prediction; curvature and clamping take some of it away.
    assert!((0.3..1.2).contains(&fall), "{fall}");
    folder.fail(&format!("loss cat.png {flags} --gradient g.safetensors"), 1, &["already exists"]);
}

#[test]
fn features_are_arrays_of_their_layers() {
    let folder = Folder::new();
    let run = folder.succeed("features cat.jpg --layers relu1_1,conv3_1 --size 0 -o maps.safetensors --json");
    assert_eq!(run.json()["layers"]["conv3_1"], serde_json::json!([256, 26, 32]));
    let bytes = folder.bytes("maps.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    assert_eq!(file.tensor("relu1_1").expect("a map").shape(), [64, 104, 128]);
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let remarks = header.metadata().clone().expect("remarks");
    assert_eq!((&*remarks["network"], &*remarks["size"]), ("vgg19", "128x104"));

    folder.succeed("features cat.jpg --layers relu1_1,conv3_1 --size 0 -o again.safetensors --threads 1");
    assert_eq!(bytes, folder.bytes("again.safetensors"));
    let run =
        folder.succeed("features cat.jpg --net squeezenet --layers logits,fire9 -o s.safetensors --json");
    assert_eq!(run.json()["layers"]["fire9"], serde_json::json!([512, 13, 13]));
    let words = ["relu4_9", "did you mean", "relu4_"];
    folder.fail("features cat.jpg --layers relu4_9 -o x.safetensors", 2, &words);
    folder.fail("features cat.jpg --layers relu1_1:2 -o x.safetensors", 2, &["weight"]);
}

#[test]
fn a_cat_is_a_cat() {
    let folder = Folder::new();
    let run = folder.succeed("classify cat.jpg --top 3 --json");
    let classes = run.json()["classes"].as_array().expect("classes").clone();
    assert_eq!(classes.len(), 3);
    let names: Vec<&str> = classes.iter().filter_map(|class| class["name"].as_str()).collect();
    assert!(names.iter().any(|name| name.contains("cat") || *name == "tabby"), "{names:?}");
    assert!(folder.succeed("classify cat.jpg").stdout.lines().count() == 5);
    folder.fail("classify cat.jpg --net vgg19", 2, &["not a classifier", "squeezenet"]);
}

#[test]
fn models_tell_where_they_are_from() {
    let folder = Folder::new();
    let models = folder.succeed("models --json").json();
    for (i, name) in ["vgg19", "squeezenet"].iter().enumerate() {
        assert_eq!(models[i]["name"], *name);
        for key in ["source", "source_sha256", "licence", "attribution"] {
            assert!(models[i][key].as_str().is_some_and(|text| text.len() > 5), "{name} {key}");
        }
    }
    let vgg = folder.succeed("models vgg19 --json").json();
    let layers = vgg["layers"].as_array().expect("layers");
    let layer = layers.iter().find(|layer| layer["name"] == "relu4_2").expect("relu4_2");
    assert_eq!((layer["channels"].as_u64(), layer["stride"].as_u64()), (Some(512), Some(8)));
    assert!(folder.succeed("models").stdout.contains("squeezenet"));
    assert!(folder.succeed("models squeezenet").stdout.contains("fire2/squeeze"));
    folder.fail("models nothing", 1, &["nothing", "vgg19"]);
    folder.fail("models --models .", 1, &["vgg19.safetensors"]);
    for (folder_name, code) in [("", 0), (".", 1)] {
        let mut command = folder.command("classify cat.jpg");
        let status = command.env("IMPASTO_MODELS", folder_name).output().expect("the program").status;
        assert_eq!(status.code(), Some(code), "{folder_name:?}");
    }
}

#[test]
fn the_bench_measures_time_and_memory() {
    let folder = Folder::new();
    let result = folder.succeed("bench --size 64 --repeat 2 --threads 1 --json").json();
    for key in ["forward_seconds", "gradient_seconds", "gradient_memory_bytes"] {
        assert!(number(&result, key) > 0.0, "{key}");
    }
    assert_eq!(result["threads"], 1);
    let purposes = &result["gradient_memory_by_purpose"];
    let parts = ["maps", "masks", "switches", "workspace", "filters"].map(|key| number(purposes, key));
    assert_eq!(parts.iter().sum::<f64>(), number(&result, "gradient_memory_bytes"), "{purposes}");
    let text = folder.succeed("bench --size 48 --repeat 1 --layer relu2_1 --memory").stdout;
    assert!(text.contains("relu2_1 at 48×48") && text.contains("MB"), "{text}");
    folder.fail("bench --layer relu9_1", 2, &["relu9_1"]);
}

#[test]
fn help_and_completions_name_every_verb() {
    let folder = Folder::new();
    let verbs = [
        "paint", "texture", "invert", "replay", "loss", "features", "classify", "models", "recipes", "sheet",
        "bench",
    ];
    let (help, script) = (folder.succeed("--help").stdout, folder.succeed("completions bash").stdout);
    for verb in verbs {
        assert!(help.contains(verb) && script.contains(verb), "{verb}");
        let help = folder.succeed(&format!("{verb} --help")).stdout;
        assert!(help.contains(&format!("impasto {verb}")) && help.contains("Example"), "{help}");
    }
    assert!(folder.succeed("--version").stdout.contains(env!("CARGO_PKG_VERSION")));
    assert_eq!(folder.run("").code, Some(2));
}
