//! Ctrl-C.
#![cfg(unix)]

use crate::folder::Folder;
use impasto_image::{Limits, open};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ENDLESS: &str =
    "paint cat.jpg -s terrace.jpg --size 64 --iterations 1000000 -o out.png --trace trace.jsonl";

fn spawn(folder: &Folder) -> Child {
    let mut command = folder.command(ENDLESS);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program");
    let began = Instant::now();
    while fs::read_to_string(folder.path("trace.jsonl")).map_or(0, |trace| trace.lines().count()) < 3 {
        assert!(began.elapsed() < Duration::from_secs(120), "nothing is painted");
        sleep(Duration::from_millis(20));
    }
    child
}

/// Presses Ctrl-C.
pub fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}

#[test]
fn the_first_saves_what_there_is() {
    let folder = Folder::new();
    let child = spawn(&folder);
    interrupt(&child);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(130));
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(messages.contains("interrupted; saved out.png"), "{messages}");
    assert!(messages.contains("impasto paint --resume out.state"), "{messages}");
    assert_eq!(folder.names(), ["cat.jpg", "out.png", "out.state", "terrace.jpg", "trace.jsonl"]);
    let picture = open(folder.path("out.png"), &Limits::default()).expect("a whole picture").picture;
    assert_eq!((picture.width(), picture.height()), (64, 52));

    // What was interrupted can be repeated up to there.
    let run = folder.succeed("replay out.png --json");
    assert_eq!(run.json()["identical"].as_bool(), Some(true));
    assert_eq!(folder.bytes("out.png"), folder.bytes("out-replay.png"));

    // And it goes on.
    let trace = fs::read_to_string(folder.path("trace.jsonl")).expect("a trace");
    let made = trace.lines().count();
    fs::remove_file(folder.path("trace.jsonl")).expect("a trace");
    let run = folder.succeed(&format!("paint --resume out.state -o on.png --iterations {}", made + 2));
    assert!(run.stderr.contains(&format!("going on after evaluation {made}")), "{run:#?}");
}

#[test]
fn programs_hear_of_the_state() {
    let folder = Folder::new();
    let flags = "--size 64 --iterations 1000000 -o out.png --state x.state --progress json";
    let messages = interrupted(&folder, &format!("paint cat.jpg -s terrace.jpg {flags}"));
    let made: Vec<Value> = messages
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .filter(|event: &Value| event["event"] == "made")
        .collect();
    assert_eq!((&made[0]["file"], &made[0]["kind"]), (&"x.state".into(), &"state".into()), "{messages}");
    assert!(made[0]["facts"]["evaluation"].as_u64().is_some_and(|made| made > 0), "{messages}");
    assert_eq!((&made[1]["file"], &made[1]["kind"]), (&"out.png".into(), &"result".into()), "{messages}");
}

/// Runs a command until its first message on standard error, interrupts it, and gives back all messages.
fn interrupted(folder: &Folder, arguments: &str) -> String {
    let mut command = folder.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut stderr = BufReader::new(child.stderr.take().expect("standard error"));
    let mut messages = String::new();
    stderr.read_line(&mut messages).expect("a message");
    interrupt(&child);
    stderr.read_to_string(&mut messages).expect("messages");
    assert_eq!(child.wait().expect("its end").code(), Some(130), "{messages}");
    messages
}

fn side(folder: &Folder, name: &str) -> (usize, usize) {
    let picture = open(folder.path(name), &Limits::default()).expect("a whole picture").picture;
    (picture.width(), picture.height())
}

#[test]
fn class_images_are_saved() {
    let folder = Folder::new();
    let classes = (0..999).map(|class| class.to_string()).collect::<Vec<_>>().join(",");
    let flags = "--size 48 --iterations 4 --raw raw.safetensors -o out.png";
    let messages = interrupted(&folder, &format!("see class {classes} {flags}"));
    assert!(messages.contains("interrupted; saved out.png"), "{messages}");
    assert!(side(&folder, "out.png").0 < 32 * 52);
    assert_eq!(folder.names(), ["cat.jpg", "out.png", "raw.safetensors", "terrace.jpg"]);
}

#[test]
fn dreams_are_saved() {
    let folder = Folder::new();
    let flags =
        "--net squeezenet --layer fire3 --size 64 --octaves 1000 --octave-scale 1.0001 --iterations 2";
    let messages = interrupted(&folder, &format!("see dream cat.jpg {flags} -o out.png"));
    assert!(messages.contains("interrupted; saved out.png"), "{messages}");
    assert_eq!(side(&folder, "out.png"), (64, 52));
    assert_eq!(folder.names(), ["cat.jpg", "out.png", "terrace.jpg"]);
}

#[test]
fn the_second_ends_at_once_and_leaves_nothing_half_written() {
    let folder = Folder::new();
    let child = spawn(&folder);
    interrupt(&child);
    interrupt(&child);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(130));
    if folder.path("out.png").exists() {
        open(folder.path("out.png"), &Limits::default()).expect("a whole picture");
    }
}
