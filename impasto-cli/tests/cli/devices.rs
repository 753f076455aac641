//! `--device` and `devices`: graphics processors, software included, and machines that have none.

use crate::folder::{Folder, Run};
use impasto_image::{Limits, open};
use serde_json::Value;

/// Where the drivers of graphics processors are named; nothing there means that there are none.
const DRIVERS: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

const PAINT: &str = "paint cat.jpg --style terrace.jpg --size 48 --iterations 3 --quiet";

/// The graphics processors that `impasto devices` lists. Tests pass, and say so, where there is none, unless the
/// environment variable IMPASTO_NEED_GPU is 1.
fn gpus(folder: &Folder) -> Vec<Value> {
    let listed = folder.succeed("devices --json").json();
    let (cpu, gpus) = listed.as_array().expect("a list").split_first().expect("the processor");
    assert_eq!(cpu["device"], "cpu");
    if gpus.is_empty() {
        let needed = std::env::var("IMPASTO_NEED_GPU").is_ok_and(|value| value == "1");
        assert!(!needed, "no driver for a graphics processor is installed");
        println!("left out: no driver for a graphics processor is installed");
    }
    gpus.to_vec()
}

/// Runs it where no driver is found.
fn without_drivers(folder: &Folder, arguments: &str) -> Run {
    let mut command = folder.command(arguments);
    command.envs(DRIVERS.map(|name| (name, "/nowhere.json")));
    Run::of(command)
}

#[test]
fn every_device_passes_its_check() {
    let folder = Folder::new();
    for (number, gpu) in gpus(&folder).iter().enumerate() {
        assert_eq!(gpu["device"], format!("gpu:{number}"));
        assert_eq!(gpu["error"], Value::Null, "{gpu}");
        assert!(gpu["off_by"].as_f64().is_some_and(|off| off < 1e-3), "{gpu}");
        assert!(gpu["largest_plan_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 26), "{gpu}");
    }
    let text = folder.succeed("devices").stdout;
    assert!(text.starts_with("cpu    this machine's processor"), "{text}");
}

#[test]
fn a_painting_and_a_style_look_the_same_on_every_device() {
    let folder = Folder::new();
    let found = gpus(&folder);
    if found.is_empty() {
        return;
    }
    let apply = "apply cat.jpg --style cafe-terrace --size 64 --quiet";
    for (verb, arguments) in [("paint", PAINT), ("apply", apply)] {
        folder.succeed(&format!("{arguments} --device cpu -o {verb}-cpu.png"));
        for (number, device) in found.iter().enumerate() {
            folder.succeed(&format!("{arguments} --device gpu:{number} -o {verb}-gpu.png --force"));
            let [cpu, gpu] = ["cpu", "gpu"].map(|device| {
                let path = folder.path(&format!("{verb}-{device}.png"));
                open(path, &Limits::default()).expect("a picture").picture
            });
            let pairs = cpu.rgb().iter().zip(gpu.rgb());
            let most = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(most < 3.5 / 255.0, "{verb} on {device}: {most}");
        }
    }
}

#[test]
fn a_machine_without_any_paints_with_its_processor() {
    let folder = Folder::new();
    folder.succeed(&format!("{PAINT} --device cpu -o cpu.png"));
    let run = without_drivers(&folder, &format!("{PAINT} -o auto.png"));
    assert_eq!((run.code, &run.stderr[..]), (Some(0), ""), "{run:#?}");
    assert!(folder.bytes("auto.png") == folder.bytes("cpu.png"));
    let run = without_drivers(&folder, &format!("{PAINT} --device gpu -o gpu.png"));
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("no graphics processor with a driver"), "{run:#?}");
    assert!(run.stderr.contains("--device cpu"), "{run:#?}");
    assert!(!folder.path("gpu.png").exists());
    let listed = without_drivers(&folder, "devices").stdout;
    assert!(listed.contains("no graphics processor with a driver"), "{listed}");
}

#[test]
fn what_there_is_not_is_told() {
    let folder = Folder::new();
    folder.fail(&format!("{PAINT} --device cuda -o x.png"), 2, &["cuda", "auto, cpu, gpu or gpu:N"]);
    if !gpus(&folder).is_empty() {
        let words = ["there is no graphics processor number 99", "impasto devices"];
        folder.fail(&format!("{PAINT} --device gpu:99 -o x.png"), 2, &words);
    }
}
