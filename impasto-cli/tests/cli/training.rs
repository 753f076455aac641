//! Training generators, and painting with them.

use crate::folder::Folder;
use impasto_image::{Limits, Picture, open};
use serde_json::Value;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A tiny training on the folder `photos`.
const TINY: &str = "train terrace.jpg --photos photos --width 4 --blocks 1 --crop 48 --zoom 1.5 --batch 2 \
                    --held-out 0 --evaluations 0 --save-every 1 --style-size 64 --json --quiet";

/// With two photographs to learn from and a file that is none.
fn folder() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path("photos")).expect("a folder");
    for name in ["cat.jpg", "terrace.jpg"] {
        fs::copy(folder.path(name), folder.path("photos").join(name)).expect(name);
    }
    fs::write(folder.path("photos/broken.jpg"), b"no picture").expect("a file");
    folder
}

fn losses(json: &Value) -> Vec<f64> {
    json["losses"].as_array().expect("losses").iter().map(|loss| loss.as_f64().expect("a number")).collect()
}

fn picture(folder: &Folder, name: &str) -> Picture {
    open(folder.path(name), &Limits::default()).expect(name).picture
}

/// Mean absolute difference of two pictures of one size.
fn difference(a: &Picture, b: &Picture) -> f32 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let sum: f32 = a.rgb().iter().zip(b.rgb()).map(|(a, b)| (a - b).abs()).sum();
    sum / a.rgb().len() as f32
}

#[test]
fn killed_twenty_times_it_learns_the_same() {
    const ITERATIONS: usize = 60;
    let folder = folder();
    let whole = folder.succeed(&format!("{TINY} -o whole.safetensors --iterations {ITERATIONS}")).json();
    assert_eq!(losses(&whole).len(), ITERATIONS);
    assert_eq!(whole["left-out"], 1, "the broken file is counted");
    let mut random = 12345u64;
    let mut kills = 0;
    let mut resume = "";
    while kills < 20 {
        let arguments = format!("{TINY} -o killed.safetensors --iterations {ITERATIONS} {resume}");
        let mut command = folder.command(&arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program");
        // From the moment on at which this run has saved something, after a random time.
        let state = folder.path("killed.training");
        let saved = || fs::metadata(&state).and_then(|facts| facts.modified()).ok();
        let (before, began) = (saved(), Instant::now());
        while saved() == before && child.try_wait().expect("a status").is_none() {
            assert!(began.elapsed() < Duration::from_secs(120), "nothing is saved");
            sleep(Duration::from_millis(1));
        }
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        sleep(Duration::from_micros((random >> 33) % 40_000));
        child.kill().expect("a signal");
        child.wait().expect("its end");
        if !state.exists() {
            break;
        }
        kills += 1;
        resume = "--resume";
    }
    let resumed = folder.succeed(&format!("{TINY} -o killed.safetensors --iterations {ITERATIONS} {resume}"));
    assert!(kills >= 10, "only {kills} of the runs could be killed before their end");
    assert_eq!(losses(&resumed.json()), losses(&whole), "after {kills} kills");
    assert!(!folder.path("killed.training").exists(), "the state is of no more use");
}

#[test]
fn it_learns_the_same_on_every_device() {
    let folder = folder();
    let devices = folder.succeed("devices --json").json();
    let learn = |device: &str| {
        let arguments = format!("{TINY} -o out.safetensors --force --iterations 3 --device {device}");
        losses(&folder.succeed(&arguments).json())
    };
    let expected = learn("cpu");
    for device in devices.as_array().expect("a list").iter().skip(1) {
        let found = learn(device["device"].as_str().expect("a name"));
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found / expected - 1.0).abs() < 1e-3, "{device}: {found} instead of {expected}");
        }
    }
}

#[test]
fn learns_and_paints() {
    let folder = folder();
    let run = folder.succeed(&format!("{TINY} -o tiny.safetensors --iterations 30"));
    let losses = losses(&run.json());
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    assert!(mean(&losses[20..]) < mean(&losses[..10]), "{losses:?}");

    // One style and the photograph: the style needs no name.
    folder.succeed("apply cat.jpg --style tiny.safetensors -o full.png");
    folder.succeed("apply cat.jpg --style tiny.safetensors:terrace --strength 0.5 -o half.png");
    folder.succeed("apply cat.jpg --style tiny.safetensors:terrace --strength 0 -o none.png");
    let [cat, full, half, none] =
        ["cat.jpg", "full.png", "half.png", "none.png"].map(|name| picture(&folder, name));
    assert!(difference(&cat, &none) < 0.002, "strength 0 is the photograph");
    let distances = [difference(&cat, &half), difference(&cat, &full)];
    assert!(distances[0] < distances[1] && distances[0] > 0.0, "{distances:?}");

    let shares = "tiny.safetensors:terrace:0.5,tiny.safetensors:photo:0.5";
    folder.succeed(&format!("apply cat.jpg --blend {shares} -o mixed.png"));
    assert!(difference(&full, &picture(&folder, "mixed.png")) > 0.0);
    let shares = "tiny.safetensors:terrace:0.5,other.safetensors:terrace:0.5";
    folder.fail(
        &format!("apply cat.jpg --blend {shares} -o no.png"),
        2,
        &["other.safetensors", "one generator"],
    );

    // Folders, patterns, sizes that are no multiples of four, and photographs that are none.
    let run = folder.run("apply photos cat.jpg -o painted --style tiny.safetensors --size 61");
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("broken.jpg") && run.stderr.contains("1 of 4"), "{run:#?}");
    assert_eq!(picture(&folder, "painted/terrace.jpg").height(), 61);

    let worth = folder
        .succeed("worth tiny.safetensors --painting terrace.jpg cat.jpg --size 64 --iterations 12 --json")
        .json();
    assert!(
        worth[0]["loss"].as_f64() > Some(0.0) && worth[0]["iterations-from-noise"].as_u64() >= Some(1),
        "{worth}"
    );

    folder.succeed("export brick -o brick.onnx");
    folder.succeed("export enlarge -o enlarge.onnx");
    folder.succeed("export tiny.safetensors:terrace -o tiny.onnx");
    folder.succeed("apply cat.jpg --style tiny.onnx -o foreign.png");
    assert!(
        difference(&picture(&folder, "foreign.png"), &full) < 0.004,
        "the exported graph paints the same"
    );
}

#[test]
fn makes_textures_and_enlarges() {
    let folder = folder();
    let options = "--crop 48 --batch 1 --held-out 0 --evaluations 0 --iterations 8 --style-size 64 --quiet";
    folder.succeed(&format!(
        "train terrace.jpg --generator pyramid --width 2 --blocks 3 -o wall.safetensors {options}"
    ));
    let texture = "texture --generator wall.safetensors --size 40x24 --tileable --seed";
    folder.succeed(&format!("{texture} 1 -o one.png"));
    folder.succeed(&format!("{texture} 2 -o two.png"));
    folder.succeed(&format!("{texture} 1 -o same.png"));
    assert_eq!(picture(&folder, "one.png"), picture(&folder, "same.png"));
    assert!(difference(&picture(&folder, "one.png"), &picture(&folder, "two.png")) > 0.0);
    folder.fail("texture --generator wall.safetensors --size 41x24 --tileable -o no.png", 2, &["41", "40"]);
    folder.succeed("texture --generator wall.safetensors --size 41x23 -o any.png");
    assert_eq!((picture(&folder, "any.png").width(), picture(&folder, "any.png").height()), (41, 23));

    folder.succeed(&format!(
        "train --generator enlarge --photos photos --width 4 --blocks 1 -o x4.safetensors {options}"
    ));
    folder.succeed("upscale cat.jpg --generator x4.safetensors -o large.png");
    assert_eq!((picture(&folder, "large.png").width(), picture(&folder, "large.png").height()), (512, 416));
}

#[test]
fn any_painting_is_a_style() {
    let folder = folder();
    folder.succeed("apply cat.jpg --style terrace.jpg -o any.png");
    folder.succeed("apply cat.jpg --style terrace.jpg --strength 0.4 -o less.png");
    let [cat, any, less] = ["cat.jpg", "any.png", "less.png"].map(|name| picture(&folder, name));
    let distances = [difference(&cat, &less), difference(&cat, &any)];
    assert!(distances[0] < distances[1] && distances[1] > 0.02, "{distances:?}");
    folder.succeed("apply cat.jpg --blend terrace.jpg:0.5,cat.jpg:0.5 -o mixed.png");
    folder.fail("apply cat.jpg --style no-such-style -o no.png", 2, &["no-such-style", "painting"]);
    folder.fail("apply cat.jpg --blend terrace.jpg -o no.png", 2, &["STYLE:SHARE"]);
    folder.fail("train terrace.jpg -o no.safetensors", 2, &["--photos"]);
    fs::create_dir(folder.path("bad")).expect("a folder");
    fs::write(folder.path("bad/text.jpg"), "no picture").expect("a file");
    let bad = TINY.replace("--photos photos", "--photos bad");
    folder.fail(&format!("{bad} -o no.safetensors"), 1, &["text.jpg", "1 photographs"]);
    folder.fail("train terrace.jpg --photos photos --resume -o no.safetensors", 2, &["resume"]);
}
