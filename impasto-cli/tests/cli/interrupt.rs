//! Ctrl-C.
#![cfg(unix)]

use crate::folder::Folder;
use impasto_image::{Limits, open};
use std::fs;
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

fn interrupt(child: &Child) {
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
