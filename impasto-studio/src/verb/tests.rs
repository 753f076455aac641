//! Settings become command lines, or are refused with a reason.

use super::*;
use crate::job::{File, Job, Lane, State};
use crate::options::Limits;
use crate::picture::{Kind, Picture};
use crate::time::Time;
use serde_json::json;

const PHOTO: &str = "00000000000000000000000000000001";
const OTHER: &str = "00000000000000000000000000000002";
const CLIP: &str = "00000000000000000000000000000003";
const GIF: &str = "00000000000000000000000000000004";

fn picture(id: &str, kind: Kind, name: &str, format: &str) -> Picture {
    Picture {
        id: id.into(),
        kind,
        name: name.into(),
        format: format.into(),
        media: String::new(),
        width: 4000,
        height: 3000,
        bytes: 1,
        facts: json!({}),
        shipped: false,
        used: Time(0),
    }
}

fn planned(verb: &str, settings: &Value, from: Option<&Job>) -> Result<Line, Refused> {
    let pictures = [
        picture(PHOTO, Kind::Picture, "My cat; rm -rf.JPG", "jpg"),
        picture(OTHER, Kind::Picture, "--force", "png"),
        picture(CLIP, Kind::Clip, "clip.mp4", "mp4"),
        picture(GIF, Kind::Picture, "short.gif", "gif"),
    ];
    let settings = read(verb, settings)?;
    let named = settings.pictures();
    let there: Vec<Picture> =
        pictures.into_iter().filter(|picture| named.contains(&picture.id.as_str())).collect();
    let styles = ["cafe-terrace".to_owned()];
    let limits = Limits::default();
    let mut desk = Desk::new(&there, &styles, from, &limits);
    settings.line(&mut desk)?;
    Ok(desk.finish())
}

fn command(verb: &str, settings: Value) -> String {
    planned(verb, &settings, None).unwrap_or_else(|error| panic!("{verb} {settings}: {error:?}")).command()
}

fn lane(verb: &str, settings: Value) -> Lane {
    planned(verb, &settings, None).expect("a command").lane
}

#[test]
fn settings_are_arguments() {
    let cat = "My-cat--rm--rf.jpg";
    for (verb, settings, expected) in [
        (
            "apply",
            json!({"photo": PHOTO, "style": "cafe-terrace", "strength": 0.5, "preview": true}),
            "apply My-cat--rm--rf-preview.jpg --style cafe-terrace -o result.jpg --strength 0.5".into(),
        ),
        (
            "apply",
            json!({"photo": OTHER, "style": PHOTO, "size": 0, "color": "palette:#1b3a5f,navy"}),
            format!("apply force.png --style {cat} -o result.png --size 0 --color 'palette:#1b3a5f,navy'"),
        ),
        (
            "paint",
            json!({"photo": PHOTO, "styles": [{"style": OTHER}], "size": 384, "mute": ["relu3_1:17", "relu1_1"]}),
            format!("paint {cat} --style force.png -o result.png --size 384 --mute relu3_1:17,relu1_1"),
        ),
        (
            "paint",
            json!({"photo": PHOTO, "styles": [{"style": OTHER, "share": 0.7}, {"style": PHOTO, "share": 0.3}],
                "strength": 0.4, "recipe": "gatys", "seed": 7, "preview": true}),
            format!(
                "paint My-cat--rm--rf-preview.jpg --style force.png:0.7 --style {cat}:0.3 -o result.png --size 256 \
                 --iterations 100 --recipe gatys --seed 7 --strength 0.4"
            ),
        ),
        (
            "atlas",
            json!({"picture": PHOTO, "layers": ["relu1_1", "fire2/squeeze"], "planes": 8, "net": "squeezenet"}),
            format!(
                "see atlas {cat} -o result.html --export tiles --layers relu1_1,fire2/squeeze --planes 8 --net squeezenet"
            ),
        ),
        (
            "prepare",
            json!({"picture": PHOTO, "erase": OTHER, "crop": [0.1, 0, 0.5, 1], "flip": "vertical", "rotate": 90,
                "brightness": -0.5, "contrast": 1.5, "saturation": 0, "palette": 8}),
            format!(
                "prepare {cat} -o result.png --erase force.png --crop 10%,0%,50%,100% --flip vertical --rotate 90 \
                 --brightness -0.5 --contrast 1.5 --saturation 0 --palette 8"
            ),
        ),
        (
            "video",
            json!({"clip": CLIP, "style": "cafe-terrace", "stability": 0.5, "from": 1.5, "to": 3, "size": 320}),
            "video clip.mp4 --style cafe-terrace -o result.mp4 --stability 0.5 --size 320 --from 1.5 --to 3"
                .into(),
        ),
        (
            "video",
            json!({"clip": CLIP, "style": OTHER, "method": "slow", "preview": 3}),
            "video clip.mp4 --style force.png -o result.mp4 --method slow --preview 3".into(),
        ),
        (
            "video",
            json!({"clip": GIF, "style": "cafe-terrace"}),
            "video short.gif --style cafe-terrace -o result.gif".into(),
        ),
        (
            "class",
            json!({"class": "tree frog", "iterations": 50}),
            "see class 'tree frog' -o result.png --iterations 50".into(),
        ),
        ("class", json!({"class": 1, "size": 64}), "see class 1 -o result.png --size 64".into()),
        (
            "dream",
            json!({"photo": PHOTO, "layer": "relu3_3"}),
            format!("see dream {cat} -o result.png --layer relu3_3"),
        ),
        ("texture", json!({"picture": PHOTO, "seed": 3}), format!("texture {cat} -o result.png --seed 3")),
        (
            "texture",
            json!({"generator": "built-in", "size": 256, "tileable": true}),
            "texture --generator built-in -o result.png --size 256 --tileable".into(),
        ),
        (
            "upscale",
            json!({"photo": OTHER, "factor": 2}),
            "upscale force.png -o result.png --factor 2".into(),
        ),
    ] {
        assert_eq!(command(verb, settings), format!("impasto {expected}"));
    }
}

#[test]
fn short_work_is_quick() {
    assert_eq!(lane("apply", json!({"photo": PHOTO, "style": OTHER})), Lane::Quick);
    let mut paint = json!({"photo": PHOTO, "styles": [{"style": OTHER}], "size": 256, "iterations": 100});
    assert_eq!(lane("paint", paint.clone()), Lane::Quick);
    paint["iterations"] = 101.into();
    assert_eq!(lane("paint", paint), Lane::Long);
    assert_eq!(lane("atlas", json!({"picture": PHOTO})), Lane::Long);
}

#[test]
fn nonsense_is_refused() {
    let base = |verb: &str| match verb {
        "apply" => json!({"photo": PHOTO, "style": OTHER}),
        "paint" => json!({"photo": PHOTO, "styles": [{"style": OTHER}]}),
        "atlas" | "prepare" => json!({"picture": PHOTO}),
        "video" => json!({"clip": CLIP, "style": OTHER}),
        "class" => json!({"class": 1}),
        "dream" | "upscale" => json!({"photo": PHOTO}),
        _ => json!({}),
    };
    for (verb, changes) in [
        ("apply", json!({"strength": 1.5})),
        ("apply", json!({"strength": -0.1})),
        ("apply", json!({"size": 1})),
        ("apply", json!({"size": 100_000})),
        ("apply", json!({"unknown": 1})),
        ("apply", json!({"photo": "../../etc/passwd"})),
        ("apply", json!({"photo": CLIP})),
        ("apply", json!({"style": "/etc/passwd"})),
        ("apply", json!({"style": "other"})),
        ("apply", json!({"photo": "000000000000000000000000000000ff"})),
        ("apply", json!({"color": "palette:/etc/passwd"})),
        ("apply", json!({"color": "palette:a.gpl"})),
        ("apply", json!({"color": "palette:"})),
        ("apply", json!({"color": "--force"})),
        ("paint", json!({"styles": []})),
        ("paint", json!({"styles": [{"style": "cafe-terrace"}]})),
        ("paint", json!({"styles": [{"style": OTHER, "share": 0}]})),
        ("paint", json!({"strength": 0.5, "content_weight": 1})),
        ("paint", json!({"strength": 0})),
        ("paint", json!({"iterations": 0})),
        ("paint", json!({"iterations": 1_000_000})),
        ("paint", json!({"size": 512, "preview": true})),
        ("paint", json!({"iterations": 200, "preview": true})),
        ("paint", json!({"recipe": "../mine.toml"})),
        ("paint", json!({"recipe": "-x"})),
        ("paint", json!({"mute": ["--force"]})),
        ("paint", json!({"mute": ["a/../b"]})),
        ("paint", json!({"mute": "relu1_1"})),
        ("paint", json!({"style_layers": ["relu1_1;ls"]})),
        ("paint", json!({"seed": -1})),
        ("atlas", json!({"planes": 0})),
        ("atlas", json!({"net": "mine.pth"})),
        ("prepare", json!({"rotate": 45})),
        ("prepare", json!({"crop": [0.5, 0, 0.6, 1]})),
        ("prepare", json!({"crop": [0, 0, 0, 1]})),
        ("prepare", json!({"palette": 1})),
        ("prepare", json!({"palette": "/etc/passwd"})),
        ("prepare", json!({"flip": "diagonal"})),
        ("video", json!({"clip": PHOTO})),
        ("video", json!({"method": "slow", "style": "cafe-terrace"})),
        ("video", json!({"from": -1})),
        ("video", json!({"preview": 1000})),
        ("class", json!({"class": 1000})),
        ("class", json!({"class": "--force"})),
        ("class", json!({"class": "/etc/passwd"})),
        ("dream", json!({"layer": "-x"})),
        ("texture", json!({})),
        ("texture", json!({"picture": PHOTO, "generator": "built-in"})),
        ("texture", json!({"generator": "/tmp/x"})),
        ("texture", json!({"picture": PHOTO, "tileable": true})),
        ("upscale", json!({"factor": 3})),
        ("upscale", json!({"factor": 8})),
        ("nothing", json!({})),
    ] {
        let mut settings = base(verb);
        for (name, value) in changes.as_object().expect("changes") {
            settings[name] = value.clone();
        }
        let refused = planned(verb, &settings, None).expect_err(&format!("{verb} {changes}"));
        assert!(!refused.error.is_empty());
    }
    for settings in [json!(null), json!([]), json!("x"), json!(1)] {
        assert!(planned("apply", &settings, None).is_err(), "{settings}");
    }
}

#[test]
fn a_state_is_gone_on_with() {
    let first = json!({"photo": PHOTO, "styles": [{"style": OTHER}]});
    let line = planned("paint", &first, None).expect("a command");
    let Keeps::State(go_on) = &line.keeps else { panic!("a state") };
    assert_eq!(go_on[..3], ["paint", "--resume", "resume.state"]);
    assert_eq!(line.extra, ["--save-every", "25", "--state", "result.state"]);
    let state = File { name: "result.state".into(), kind: "state".into(), bytes: 1, facts: Value::Null };
    let job = Job {
        id: "abc".into(),
        number: 1,
        revision: 1,
        verb: "paint".into(),
        settings: first,
        command: line.command(),
        state: State::Paused,
        wish: None,
        lane: line.lane,
        priority: 0,
        parent: None,
        created: Time(0),
        started: None,
        finished: None,
        stopped: false,
        progress: None,
        notes: Vec::new(),
        error: None,
        files: vec![state],
        line,
        attempts: 1,
    };
    let other = planned("paint", &json!({"from": "abc", "content_weight": 0.3, "mute": []}), Some(&job))
        .expect("a branch");
    let expected = "impasto paint --resume from.state -o result.png --content-weight 0.3 --mute none";
    assert_eq!(other.command(), expected);
    let keys: Vec<&str> = other.inputs.iter().map(|input| input.key.as_str()).collect();
    assert_eq!(keys[2], "jobs/abc/result.state");
    assert_eq!(keys.len(), 3);
    for changes in [json!({"photo": PHOTO}), json!({"seed": 1}), json!({"preview": true})] {
        let mut settings = changes.clone();
        settings["from"] = "abc".into();
        assert!(planned("paint", &settings, Some(&job)).is_err(), "{changes}");
    }
    let without = Job { files: Vec::new(), ..job };
    assert!(planned("paint", &json!({"from": "abc"}), Some(&without)).is_err());
    assert!(planned("paint", &json!({"from": "abc"}), None).is_err());
}
