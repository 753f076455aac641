//! `video`.

use crate::folder::Folder;
use impasto_image::{Limits, open};
use impasto_video::Flow;

#[test]
fn motion_is_found_shown_and_written() {
    let folder = Folder::new();
    // The same cat, four pixels further to the left in the second frame.
    for (name, left) in [("first.png", 0), ("second.png", 4)] {
        folder.succeed(&format!("prepare cat.jpg -o {name} --crop {left},0,80,60"));
    }
    let found =
        folder.succeed("video flow first.png second.png -o motion.flo --reliable mask.png --json").json();
    assert!((found["mean-length"].as_f64().expect("a number") - 4.0).abs() < 0.5, "{found}");
    assert!(found["reliable"].as_f64().expect("a number") > 0.6, "{found}");
    let flow = Flow::open(&folder.path("motion.flo")).expect("vectors");
    assert_eq!((flow.width(), flow.height()), (80, 60));
    let [u, v] = flow.vectors()[30 * 80 + 40];
    assert!((u + 4.0).abs() < 0.5 && v.abs() < 0.5, "{u} {v}");
    folder.succeed("video flow first.png second.png -o motion.png --warped back.png");
    let picture = |name: &str| open(folder.path(name), &Limits::default()).expect("a picture").picture;
    assert_eq!((picture("motion.png").width(), picture("mask.png").width()), (80, 80));
    let (first, back) = (picture("first.png"), picture("back.png"));
    let middle = |p: &impasto_image::Picture| p.rgb()[3 * (30 * 80 + 20)..3 * (30 * 80 + 60)].to_vec();
    let difference =
        middle(&first).iter().zip(middle(&back)).map(|(a, b)| (a - b).abs()).sum::<f32>() / 120.0;
    assert!(difference < 0.03, "{difference}");
}

#[test]
fn bad_frames_are_refused() {
    let folder = Folder::new();
    folder.fail("video flow cat.jpg terrace.jpg -o motion.flo", 1, &["different sizes"]);
    folder.fail("video flow cat.jpg missing.png -o motion.flo", 1, &["missing.png"]);
    folder.fail("video flow cat.jpg cat.jpg -o cat.jpg", 2, &["cat.jpg"]);
    assert!(!folder.path("motion.flo").exists());
}

#[test]
fn frames_are_painted_in_the_order_of_their_numbers() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("frames")).expect("a folder");
    for (number, left) in [(1, 0), (2, 2), (10, 4)] {
        folder.succeed(&format!("prepare cat.jpg -o frames/f{number}.png --crop {left},0,80,60"));
    }
    let done = folder.succeed("video frames -o still --style terrace.jpg --stability 0 --json").json();
    assert_eq!(done["frames"], 3);
    folder.succeed("video frames -o steady --style terrace.jpg");
    let picture = |name: &str| open(folder.path(name), &Limits::default()).expect("a picture").picture;
    folder.succeed("apply frames/f2.png --style terrace.jpg -o alone.png");
    assert!(picture("still/f2.png") == picture("alone.png"), "a frame for itself is painted as by apply");
    assert!(picture("steady/f1.png") == picture("still/f1.png"), "the first frame has none before");
    assert!(picture("steady/f2.png") != picture("still/f2.png"));
    folder.fail("video frames -o still --style terrace.jpg", 1, &["still", "--force"]);
    folder.fail("video nowhere -o still --style terrace.jpg", 1, &["nowhere"]);
}
