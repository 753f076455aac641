//! `see dream`.

use crate::folder::Folder;
use safetensors::SafeTensors;

const SMALL: &str = "see dream cat.jpg --net squeezenet --layer fire4 --size 64 --octaves 2 --iterations 2";

#[test]
fn a_dream_is_the_same_again_and_tells_of_itself() {
    let folder = Folder::new();
    let json = folder.succeed(&format!("{SMALL} --seed 3 --json -o one.png")).json();
    folder.succeed(&format!("{SMALL} --seed 3 --threads 1 -o again.png"));
    folder.succeed(&format!("{SMALL} --seed 4 -o other.png"));
    let pixels = |name: &str| {
        let limits = impasto_image::Limits::default();
        impasto_image::open(folder.path(name), &limits).expect("a picture").picture
    };
    assert_eq!(pixels("one.png"), pixels("again.png"));
    assert_ne!(pixels("one.png"), pixels("other.png"));
    assert_eq!(json["layer"], "fire4");
    assert_eq!(json["octaves"], serde_json::json!([[46, 37], [64, 52]]));
    assert!(json["change"].as_f64() > Some(0.0));
}

#[test]
fn the_derivative_at_the_photo() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} --plane 3 --squares --raw one.safetensors -o one.png"));
    let bytes = folder.bytes("one.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let gradient = file.tensor("gradient").expect("the derivative");
    assert_eq!(gradient.shape(), [3, 52, 64]);
    assert!(gradient.data().iter().any(|&byte| byte != 0));
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    assert!(header.metadata().as_ref().expect("remarks")["objective"].ends_with("squares"));
    // Steps come later: their number changes nothing.
    folder.succeed(&format!("{SMALL} --plane 3 --squares --step 9 --raw two.safetensors -o two.png"));
    assert!(bytes == folder.bytes("two.safetensors"));
    let random = "see dream cat.jpg --random-class --raw r.safetensors -o r.png";
    folder.fail(random, 2, &["cannot be used with"]);
    folder.fail(&format!("{SMALL} --squares -o r.png"), 2, &["--plane"]);
}

#[test]
fn classes_and_guides() {
    let folder = Folder::new();
    let small = "see dream cat.jpg --size 64 --octaves 1 --iterations 1";
    let run = folder.succeed(&format!("{small} --class 31 --json -o class.png"));
    assert_eq!((&run.json()["layer"], &run.json()["network"]), (&"logits".into(), &"squeezenet".into()));
    folder.succeed(&format!("{small} --random-class -o classes.png"));
    let guided = "--net squeezenet --guide terrace.jpg --guide-size 64 -o guided.png";
    folder.succeed(&format!("{small} {guided}"));
}

#[test]
fn films() {
    let folder = Folder::new();
    folder.succeed(&format!("{SMALL} --zoom 3 -o film.gif"));
    assert!(folder.bytes("film.gif").starts_with(b"GIF89a"));
    folder.succeed(&format!("{SMALL} --zoom 2 -o film.png"));
    let names = ["cat.jpg", "film-0001.png", "film-0002.png", "film.gif", "film.png", "terrace.jpg"];
    assert_eq!(folder.names(), names);
}

#[test]
fn what_cannot_be_dreamt_is_refused() {
    let folder = Folder::new();
    folder.write("taken-0002.png", "");
    folder.fail(&format!("{SMALL} --zoom 2 -o taken.png"), 1, &["taken-0002.png", "--force"]);
    folder.fail(&format!("{SMALL} -o film.gif"), 2, &["film.gif", "--zoom"]);
    folder.fail(&format!("{SMALL} -o cat.jpg --force"), 2, &["cat.jpg", "input"]);
    folder.fail(&format!("{SMALL} --plane 256 -o out.png"), 2, &["plane 256", "below 256"]);
    folder.fail("see dream cat.jpg --class zzz -o out.png", 2, &["zzz"]);
    folder.fail("see dream cat.jpg --net vgg19 --random-class -o out.png", 2, &["not a classifier"]);
    folder.fail(&format!("{SMALL} --octave-scale 1 -o out.png"), 2, &["above 1"]);
    folder.fail(&format!("{SMALL} --zoom 2 --zoom-by 2 -o out.png"), 2, &["at most 1"]);
    folder.fail(&format!("{SMALL} --zoom 2 --bits 16 -o out.gif"), 2, &["8 bits"]);
    // Without a PATH there is no ffmpeg.
    let mut command = folder.command(&format!("{SMALL} --zoom 2 -o film.mp4"));
    let output = command.env("PATH", "").output().expect("the program");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("ffmpeg") && told.contains(".gif"), "{told}");
}
