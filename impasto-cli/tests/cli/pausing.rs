//! Pausing and going on.

use crate::folder::Folder;
use crate::painting::SMALL;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// Two scales, of four and two evaluations.
const SHORT: &str = "paint cat.jpg --style terrace.jpg --size 96 --iterations 6 --scales 2";

fn identical(folder: &Folder, arguments: &str) -> bool {
    folder.succeed(&format!("replay {arguments} --json")).json()["identical"].as_bool() == Some(true)
}

#[test]
fn an_exact_state_goes_on_to_the_same_bytes() {
    let folder = Folder::new();
    for optimizer in ["lbfgs", "lbfgs-torch", "adam"] {
        let paint = format!("{SHORT} --optimizer {optimizer}");
        folder.succeed(&format!("{paint} -o whole.png --force"));
        for at in [1, 3, 4, 5] {
            let run = folder.succeed(&format!("{paint} -o at.png --pause-at {at} --exact-state --force"));
            assert!(run.stderr.contains("paused; saved at.png"), "{run:#?}");
            assert!(run.stderr.contains("impasto paint --resume at.state -o at-resumed.png"), "{run:#?}");
            let run = folder.succeed("paint --resume at.state -o resumed.png --force");
            assert!(run.stderr.contains("as if it had never stopped"), "{run:#?}");
            assert!(folder.bytes("resumed.png") == folder.bytes("whole.png"), "{optimizer} after {at}");
        }
    }
    assert!(identical(&folder, "at.png --force"), "a paused picture can be repeated");
}

#[test]
fn a_small_state_goes_on_and_is_replayed_part_by_part() {
    let folder = Folder::new();
    folder.succeed(&format!("{SHORT} -o half.png --pause-at 2,5"));
    assert_eq!(folder.names(), ["cat.jpg", "half.png", "half.state", "terrace.jpg"]);
    // 12 bytes a pixel, and the records.
    assert!(folder.bytes("half.state").len() < 48 * 39 * 12 + 8000);
    let run = folder.succeed("paint --resume half.state -o more.png --pause-at 2,5 --json");
    assert!(run.stderr.contains("the optimiser starts afresh"), "{run:#?}");
    assert_eq!(run.json()["evaluations"].as_u64(), Some(5));
    assert_eq!(run.json()["state"].as_str(), Some("more.state"));
    folder.succeed("paint --resume more.state -o end.png --content-weight 0.3 --mute relu3_1:1-9");
    for name in ["half.png", "more.png", "end.png"] {
        assert!(identical(&folder, name), "{name}");
        assert_eq!(folder.bytes(name), folder.bytes(&name.replace('.', "-replay.")));
    }
    fs::create_dir(folder.path("away")).expect("a folder");
    fs::rename(folder.path("terrace.jpg"), folder.path("away/wall.jpg")).expect("a move");
    folder.fail("replay end.png -o new.png", 1, &["terrace.jpg is not where it was"]);
    assert!(identical(&folder, "end.png -o new.png --style away/wall.jpg"));
}

#[test]
fn anything_may_change_on_the_way() {
    let folder = Folder::new();
    folder.succeed(&format!("{SHORT} -o half.png --pause-at 5 --mute relu1_1"));
    for (number, changes) in [
        "cat.jpg --style cat.jpg:0.5 --style terrace.jpg",
        "--style-layers relu1_1,relu2_1 --mute none --statistic mean",
        "--iterations 9 --optimizer adam --size 80",
        "--size 40 --style-scale 0.7",
        "--recipe gatys --tv-weight 0 --iterations 8",
        "--region cat.jpg=terrace.jpg --strength-mask terrace.jpg --net squeezenet --style-layers fire2 --content-layers fire3 --mute none",
    ]
    .into_iter()
    .enumerate()
    {
        let run = folder.succeed(&format!("paint --resume half.state -o {number}.png {changes}"));
        assert!(run.stderr.contains("by other rules"), "{changes}: {run:#?}");
        assert!(identical(&folder, &format!("{number}.png")), "{changes}");
    }
    // A finished painting goes on if it may.
    folder.succeed(&format!("{SHORT} -o done.png --state done.state"));
    folder.fail(
        "paint --resume done.state -o more.png",
        2,
        &["nothing is left", "6 evaluations", "--iterations"],
    );
    folder.succeed("paint --resume done.state -o more.png --iterations 8");
    assert!(identical(&folder, "more.png"));
}

#[test]
fn states_are_kept_on_the_way() {
    let folder = Folder::new();
    folder.succeed(&format!("{SHORT} -o out.png --save-every 2 --states"));
    assert_eq!(folder.names().iter().filter(|name| name.ends_with(".state")).count(), 3);
    folder.succeed("paint --resume out-0004.state -o four.png");
    assert_eq!(folder.bytes("four.png"), folder.bytes("out.png"), "a scale ends there");
    folder.succeed(&format!("{SHORT} -o new.png --save-every 4 --state new.state"));
    let run = folder.succeed("paint --resume new.state -o on.png --iterations 7 --state new.state --force");
    assert!(run.stderr.contains("after evaluation 6"), "{run:#?}");
    folder.fail(&format!("{SMALL} -o a.png --states"), 2, &["--save-every"]);
}

#[test]
fn bad_pauses_and_names_are_refused() {
    let folder = Folder::new();
    folder.fail(&format!("{SMALL} -o a.png --pause-at 7"), 2, &["--pause-at 7", "all 6"]);
    folder.fail(&format!("{SMALL} -o a.png --pause-at 0"), 2, &["--pause-at"]);
    folder.fail(&format!("{SMALL} -o a.png --state a.png"), 2, &["both the picture and its state"]);
    folder.fail(&format!("{SMALL} -o a.png --state t --trace t"), 2, &["both the trace and the state"]);
    folder.write("a.state", "precious");
    folder.fail(&format!("{SMALL} -o a.png --pause-at 3"), 1, &["a.state: already exists"]);
    folder.fail("paint -o b.png", 2, &["CONTENT"]);
    folder.succeed(&format!("{SMALL} -o b.png --pause-at 3"));
    folder.fail(
        "paint --resume b.state -o c.png --pause-at 3",
        2,
        &["--pause-at 3 is over", "3 evaluations"],
    );
    folder.fail("paint --resume b.state -o c.png --seed 3", 2, &["--seed"]);
    folder.fail("paint --resume b.state -o b.png --force --pause-at 5", 2, &["is the input"]);
    folder.fail("paint --resume b.state -o cat.jpg --force", 2, &["is the input"]);
}

#[test]
fn what_is_no_sound_state_is_refused() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} -o half.png --pause-at 3"));
    let state = folder.bytes("half.state");
    let refused = |name: &str, bytes: &[u8], words: &[&str]| {
        folder.write(name, bytes);
        folder.fail(&format!("paint --resume {name} -o out.png"), 1, &[&[name], words].concat());
    };
    refused("empty", b"", &["not the state of a painting"]);
    refused("foreign", &folder.bytes("cat.jpg"), &["not the state of a painting"]);
    refused("short", &state[..100], &["not the state of a painting"]);
    refused("cut", &state[..state.len() - 9], &["damaged"]);
    for at in [state.len() - 2, state.len() / 2, 600, 1500] {
        let mut bytes = state.clone();
        bytes[at] ^= 4;
        folder.write("flipped", &bytes);
        let run = folder.run("paint --resume flipped -o out.png");
        assert_eq!(run.code, Some(1), "byte {at}: {run:#?}");
        assert!(run.stderr.contains("damaged") || run.stderr.contains("not the state"), "{run:#?}");
    }
    let key = br#""format-version":""#;
    let at = state.windows(key.len()).position(|window| window == key).expect("a version") + key.len();
    let mut newer = state.clone();
    newer[at] = b'2';
    refused("newer", &newer, &["version 2", "version 1", "later"]);
    folder.fail("paint --resume nowhere.state -o out.png", 1, &["nowhere.state"]);

    // The pictures must be those of before.
    fs::copy(folder.path("cat.jpg"), folder.path("terrace.jpg")).expect("a copy");
    folder.fail("paint --resume half.state -o out.png", 1, &["terrace.jpg is not the file that was used"]);
}

#[test]
fn a_kill_never_costs_the_last_state() {
    let folder = Folder::new();
    let endless = format!(
        "{SMALL} --iterations 100000 --save-every 1 -o out.png --state out.state --exact-state --force"
    )
    .replace(" --iterations 6", "");
    for kill in 0..6 {
        let _ = fs::remove_file(folder.path("out.state"));
        let mut child = folder.command(&format!("--quiet {endless}")).spawn().expect("the program");
        for _ in 0..600 {
            if folder.path("out.state").exists() {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        sleep(Duration::from_millis(37 * (kill + 1)));
        child.kill().expect("a kill");
        child.wait().expect("its end");
        let run = folder.run("paint --resume out.state -o on.png --iterations 1");
        assert!(run.stderr.contains("nothing is left to do"), "a whole state: {run:#?}");
    }
}
