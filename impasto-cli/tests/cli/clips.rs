//! `video` on clips: with ffmpeg where it is installed, and without.

use crate::folder::Folder;
use impasto_image::{Limits, Picture, Rectangle, open};
use impasto_video::{Clip, Source, y4m};
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A clip of the cat moving to the left, 64 × 48 pixels, in a .y4m file.
pub fn clip(folder: &Folder, name: &str, frames: usize) {
    let cat = open(folder.path("cat.jpg"), &Limits::default()).expect("the cat").picture;
    let frame = |number: usize| {
        let part = Rectangle { left: number % 60, top: 10, width: 64, height: 48 };
        Ok(cat.cropped(part).expect("a part of the cat"))
    };
    let clip = Clip::steady(64, 48, frames, [30000, 1001]);
    y4m::save(&folder.path(name), false, &clip, (64, 48), &mut (0..frames).map(frame)).expect("a clip");
}

/// Whether ffmpeg is there; what needs it is told to be left out.
fn has_ffmpeg() -> bool {
    let found = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !found {
        eprintln!("left out: ffmpeg is not installed");
    }
    found
}

fn ffmpeg(folder: &Folder, arguments: &str) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.current_dir(folder.path("")).args(["-v", "error", "-y"]).args(arguments.split_whitespace());
    let output = command.output().expect("ffmpeg");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Waits until a file is there.
fn wait_for(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed().as_secs() < 120, "nothing is painted");
        sleep(Duration::from_millis(5));
    }
}

fn frames(path: &Path) -> Vec<Picture> {
    let source = Source::open(path, [25, 1]).expect("a clip");
    source.frames(0..source.clip().frames()).expect("frames").map(|frame| frame.expect("a frame")).collect()
}

#[test]
fn without_ffmpeg_gif_and_y4m_work_and_others_say_what_is_missing() {
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 5);
    for command in
        ["video clip.y4m --style terrace.jpg -o clip.gif", "video clip.gif --style terrace.jpg -o out.y4m"]
    {
        let done = folder.command(command).env("PATH", "").output().expect("the program");
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let out = Source::open(&folder.path("out.y4m"), [25, 1]).expect("a clip");
    assert_eq!((out.clip().frames(), out.clip().width, out.clip().height), (5, 64, 48));
    let before = folder.names();
    for command in
        ["video clip.y4m --style terrace.jpg -o clip.mp4", "video cat.jpg --style terrace.jpg -o x.gif"]
    {
        let done = folder.command(command).env("PATH", "").output().expect("the program");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && said.contains("not installed"), "{command}: {said}");
        assert!(said.contains("apt install ffmpeg"), "{said}");
    }
    assert_eq!(folder.names(), before);
}

#[test]
fn shares_joined_are_the_whole() {
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 100);
    let style = "--style terrace.jpg --stability 0.8";
    folder.succeed(&format!("video clip.y4m {style} -o whole"));
    for share in [2, 0, 1] {
        folder.succeed(&format!("video clip.y4m {style} -o parts --shard {share}/3"));
        if share == 2 {
            let run = folder.run("video join parts");
            assert_eq!(run.code, Some(1));
            assert!(run.stderr.contains("96 of 100 frames are not painted yet"), "{run:#?}");
        }
    }
    folder.succeed("video join parts");
    assert!(!folder.path("parts.parts").exists());
    let worst = (1..=100).map(|number| {
        let bytes = |name: &str| {
            let path = folder.path(&format!("{name}/{number:06}.png"));
            open(path, &Limits::default()).expect("a frame").picture.to_rgb8()
        };
        bytes("whole").iter().zip(bytes("parts")).map(|(&a, b)| a.abs_diff(b)).max().unwrap_or(0)
    });
    assert!(worst.max() <= Some(1), "shares differ from the whole by more than rounding");
    folder.fail("video join nothing", 2, &["there are no parts of nothing", "--shard"]);
    folder.fail(&format!("video clip.y4m {style} -o x --shard 3/3"), 2, &["no share"]);
}

#[test]
fn what_is_wrong_is_told() {
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 3);
    let style = "--style terrace.jpg";
    folder.fail(&format!("video clip.y4m {style} -o clip.y4m"), 2, &["clip.y4m", "is the input"]);
    folder.fail(&format!("video clip.y4m {style} -o out.txt"), 2, &["out.txt", ".mp4"]);
    folder.fail(&format!("video clip.y4m {style} -o out.gif --from 5"), 2, &["--from", "0.100 s long"]);
    folder.fail(&format!("video clip.y4m {style} -o out.gif --to x"), 2, &["1:23.4"]);
    folder.fail(&format!("video nothing.mp4 {style} -o out.gif"), 1, &["nothing.mp4"]);
    folder.write("damaged.y4m", "YUV4MPEG2 W64 H48 F25:1\nFRAME\n123");
    folder.fail(&format!("video damaged.y4m {style} -o out.gif"), 1, &["damaged.y4m", "no frames"]);
    folder.write("damaged.gif", "GIF89a??");
    folder.fail(&format!("video damaged.gif {style} -o out.y4m"), 1, &["damaged.gif"]);
    if has_ffmpeg() {
        folder.write("noise.mp4", [7; 4000]);
        folder.fail(&format!("video noise.mp4 {style} -o out.mp4"), 1, &["noise.mp4", "ffplay"]);
        ffmpeg(&folder, "-f lavfi -i sine=d=1 sound.m4a");
        folder.fail(&format!("video sound.m4a {style} -o out.mp4"), 1, &["sound.m4a", "no video"]);
    }
}

#[test]
fn the_slow_method_holds_on_to_what_was_before() {
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 4);
    let slow = "video clip.y4m --style terrace.jpg --method slow --iterations 20 --size 48";
    folder.succeed(&format!("{slow} -o alone --stability 0"));
    folder.succeed(&format!("{slow} -o held"));
    let score = |name: &str| {
        folder.succeed(&format!("video score clip.y4m {name} --style terrace.jpg --json")).json()
    };
    let (alone, held) = (score("alone"), score("held"));
    assert_eq!((&alone["frames"], &held["pairs"]), (&4.into(), &3.into()));
    let of = |score: &serde_json::Value, name: &str| score[name].as_f64().expect("a number");
    assert!(of(&held, "warping") < 0.8 * of(&alone, "warping"), "{held} {alone}");
    assert!(of(&held, "style") > 0.0);
    folder.fail("video clip.y4m --style cafe-terrace --method slow -o x", 2, &["no painting cafe-terrace"]);
    clip(&folder, "short.y4m", 1);
    folder.fail("video score clip.y4m short.y4m", 2, &["clip.y4m has 4 frames and short.y4m has 1"]);
}

#[test]
fn a_preview_shows_frames_and_paintings() {
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 9);
    folder.succeed("video clip.y4m --style terrace.jpg -o out.mp4 --preview 3");
    let sheet = open(folder.path("out-preview.png"), &Limits::default()).expect("a sheet").picture;
    assert!(sheet.width() > 3 * 64 && sheet.height() > 2 * 48);
    assert!(!folder.path("out.mp4").exists());
}

#[test]
fn timing_sound_subtitles_and_shape_stay() {
    if !has_ffmpeg() {
        return;
    }
    let folder = Folder::new();
    clip(&folder, "plain.y4m", 60);
    folder.write("words.srt", "1\n00:00:00,100 --> 00:00:01,000\nA cat\n");
    // Uneven times, oblong pixels, tagged colours, two sounds of which the first begins late, and a name that needs quoting.
    let name = "it's \"a\" clip.mp4";
    ffmpeg(
        &folder,
        "-i plain.y4m -itsoffset 0.2 -f lavfi -i sine=d=1 -f lavfi -i sine=f=900:d=2 -i words.srt -map 0 -map 1 -map 2 -map 3 \
         -vf setpts=N*1001+mod(N\\,3)*200+gt(N\\,30)*9000,setsar=8/9 -enc_time_base 1:30000 -fps_mode passthrough \
         -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
         -video_track_timescale 30000 -c:v libx264 -bf 0 -c:a aac -c:s mov_text clip.mp4",
    );
    std::fs::rename(folder.path("clip.mp4"), folder.path(name)).expect("another name");
    let mut command = folder.command("video --style terrace.jpg -o");
    let done = command.args(["the 'out'.mp4", name]).output().expect("the program");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |name: &str| impasto_video::ffmpeg::probe(&folder.path(name)).expect("a clip");
    let (before, after) = (read(name), read("the 'out'.mp4"));
    assert_eq!(before.times.len(), 60);
    assert_eq!(before, after);
    std::fs::copy(folder.path(name), folder.path("a.mp4")).expect("a copy");
    std::fs::copy(folder.path("the 'out'.mp4"), folder.path("b.mp4")).expect("a copy");
    for stream in ["a:0", "a:1", "s:0"] {
        let of = |file: &str| {
            let told = ffmpeg(&folder, &format!("-i {file} -map 0:{stream} -c copy -f framemd5 -"));
            // Without what is said of the program.
            let lines: Vec<String> = String::from_utf8_lossy(&told).lines().map(str::to_owned).collect();
            lines.into_iter().filter(|line| !line.starts_with('#')).collect::<Vec<String>>()
        };
        assert_eq!(of("a.mp4"), of("b.mp4"), "{stream}");
    }
    // Turned clips come out upright.
    ffmpeg(&folder, "-i plain.y4m -frames:v 4 -c:v libx264 upright.mp4");
    ffmpeg(&folder, "-i upright.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4");
    folder.succeed("video turned.mp4 --style terrace.jpg -o turned.mkv");
    let turned = read("turned.mkv");
    assert_eq!((turned.width, turned.height, turned.frames()), (48, 64, 4));
    // Odd sides and single frames.
    ffmpeg(
        &folder,
        "-i plain.y4m -frames:v 1 -vf crop=63:47:0:0:exact=1 -pix_fmt yuv444p -c:v libx264 odd.mp4",
    );
    folder.succeed("video odd.mp4 --style terrace.jpg -o odd-out.mp4");
    assert_eq!(
        (read("odd-out.mp4").width, read("odd-out.mp4").height, read("odd-out.mp4").frames()),
        (63, 47, 1)
    );
}

#[test]
fn whatever_kills_it_it_goes_on_to_the_same() {
    if !has_ffmpeg() {
        return;
    }
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 150);
    let command = "video clip.y4m --style terrace.jpg";
    folder.succeed(&format!("{command} -o whole.mp4"));
    for part in ["00000000-00000048.done", "00000048-00000096.done"] {
        let mut child =
            folder.command(&format!("{command} -o out.mp4 --resume")).spawn().expect("the program");
        wait_for(&folder.path("out.mp4.parts").join(part));
        child.kill().expect("an end");
        child.wait().expect("an end");
        assert!(!folder.path("out.mp4").exists());
    }
    folder.fail(&format!("{command} -o out.mp4"), 2, &["begun and not finished", "--resume"]);
    folder.fail(&format!("{command} -o out.mp4 --resume --stability 0.1"), 2, &["other settings"]);
    folder.succeed(&format!("{command} -o out.mp4 --resume"));
    assert!(folder.bytes("whole.mp4") == folder.bytes("out.mp4"), "the clip that was killed is another one");
    assert!(!folder.path("out.mp4.parts").exists());
    folder.fail(&format!("{command} -o out.mp4 --resume"), 2, &["nothing to resume"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_what_is_done() {
    if !has_ffmpeg() {
        return;
    }
    let folder = Folder::new();
    clip(&folder, "clip.y4m", 400);
    let command = "video clip.y4m --style terrace.jpg -o out.mp4";
    let child = folder.command(command).stderr(std::process::Stdio::piped()).spawn().expect("the program");
    wait_for(&folder.path("out.mp4.parts/00000000-00000048.done"));
    crate::interrupt::interrupt(&child);
    let output = child.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("of 400 frames are in out.mp4") && said.contains("--resume"), "{said}");
    let some = frames(&folder.path("out.mp4")).len();
    assert!((48..400).contains(&some), "{some}");
    folder.succeed(&format!("{command} --resume"));
    assert_eq!(frames(&folder.path("out.mp4")).len(), 400);
}
