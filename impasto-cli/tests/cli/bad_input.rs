//! Whatever the input: a clear error, exit 1 or 2, and nothing left behind.

use crate::folder::Folder;
use crate::painting::SMALL;
use impasto_image::{Picture, SaveOptions, save};
use std::fs;
use std::process::Stdio;

#[test]
fn files_that_are_no_pictures() {
    let folder = Folder::new();
    let cat = folder.bytes("cat.jpg");
    folder.write("empty.png", "");
    folder.write("cut.jpg", &cat[..cat.len() / 2]);
    folder.write("text.png", "this is no picture\n");
    // The head of a PNG that declares 30 000 × 30 000 pixels.
    folder.write(
        "bomb.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0\xdc\x10\xae\xd2",
    );
    fs::create_dir(folder.path("folder.png")).expect("a folder");
    for (name, words) in [
        ("missing.png", "no such file"),
        ("empty.png", "empty"),
        ("cut.jpg", "truncated or damaged"),
        ("text.png", "not a picture"),
        ("bomb.png", "bomb.png"),
        ("folder.png", "is a folder"),
    ] {
        let words = [words, name, "hint: "];
        folder.fail(&format!("paint {name} --style terrace.jpg -o out.png"), 1, &words);
        folder.fail(&format!("paint cat.jpg --style {name} -o out.png"), 1, &words);
        folder.fail(&format!("{SMALL} --init ./{name} -o out.png"), 1, &words);
        folder.fail(&format!("texture {name} -o out.png"), 1, &words);
        folder.fail(&format!("invert {name} -o out.png"), 1, &words);
        folder.fail(&format!("loss {name} -c cat.jpg -s terrace.jpg"), 1, &words);
        folder.fail(&format!("features {name} --layers relu1_1 -o out.safetensors"), 1, &words);
        folder.fail(&format!("classify {name}"), 1, &words);
        // A record is read without the pixels, so what is cut off behind it does not matter.
        folder.fail(&format!("replay {name}"), 1, &[name, "hint: "]);
    }
}

#[cfg(unix)]
#[test]
fn files_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    fs::set_permissions(folder.path("cat.jpg"), fs::Permissions::from_mode(0o000)).expect("permissions");
    // Root may read everything.
    if fs::read(folder.path("cat.jpg")).is_err() {
        folder.fail(&format!("{SMALL} -o out.png"), 1, &["cat.jpg: permission denied", "hint: "]);
    }
}

#[test]
fn pictures_that_are_too_small_or_too_large() {
    let folder = Folder::new();
    let dot = Picture::new(1, 1, vec![0.5; 3]).expect("a pixel");
    save(folder.path("dot.png"), &dot, &SaveOptions::default()).expect("a file");
    folder.fail("paint dot.png -s terrace.jpg -o out.png --size 0", 1, &["1×1 pixels", "too small", "hint"]);
    folder.fail("paint cat.jpg -s terrace.jpg -o out.png --size 1", 1, &["1×1 pixels", "too small"]);
    folder.fail("paint cat.jpg -s terrace.jpg -o out.png --size 9", 1, &["too small for layer pool"]);
    folder.fail("paint cat.jpg -s dot.png -o out.png --size 64 --style-size 0", 1, &["1×1", "too small"]);
    for size in ["100000", "18446744073709551615"] {
        let words = ["of memory, but", "are available", "--size"];
        folder.fail(&format!("paint cat.jpg -s terrace.jpg -o out.png --size {size}"), 1, &words);
        folder.fail(&format!("features cat.jpg --layers relu1_1 -o f --size {size}"), 1, &words);
        folder.fail(&format!("bench --size {size}"), 1, &words);
    }
    folder.fail(&format!("{SMALL} --style-size 100000 -o out.png"), 1, &["of memory", "--style-size"]);
}

#[test]
fn command_lines_that_make_no_sense() {
    let folder = Folder::new();
    for (flags, words) in [
        ("--iterations 0", ["--iterations", "at least 1"]),
        ("--iterations -3", ["--iterations", "-3"]),
        ("--threads 0", ["--threads", "0"]),
        ("--scales 0", ["--scales", "at least 1"]),
        ("--scales 99999999999999", ["scales", "hint"]),
        ("--content-weight nan", ["--content-weight", "finite"]),
        ("--style-weight -1", ["--style-weight", "from 0 up"]),
        ("--tv-weight x", ["--tv-weight", "not a number"]),
        ("--content-weight 0 --style-weight 0 --tv-weight 0", ["weight", "hint"]),
        ("--style-layers relu1_1,relu1_1", ["relu1_1", "twice"]),
        ("--style-layers relu9_9", ["relu9_9", "did you mean"]),
        ("--content-layers conv4_2:-1", ["conv4_2", "from 0 up"]),
        ("--style-scale 0", ["--style-scale", "above 0"]),
        ("--style-size 50 --style-scale 1", ["--style-size", "--style-scale"]),
        ("--recipe defalt", ["defalt", "default"]),
        ("--optimizer sgd", ["sgd", "lbfgs-torch"]),
        ("--statistic grams", ["grams", "covariance"]),
        ("--pooling min", ["min", "average"]),
        ("--quality 0", ["--quality", "0"]),
        ("--bits 12", ["12", "16"]),
        ("--seed -1", ["-1", "error"]),
        ("--size 1.5", ["1.5", "--size"]),
        ("--nonsense", ["--nonsense", "error"]),
    ] {
        folder.fail(&format!("paint cat.jpg -s terrace.jpg -o out.png {flags}"), 2, &words);
    }
    folder.fail("loss cat.jpg", 2, &["--content"]);
    folder.fail("loss cat.jpg -s terrace.jpg", 2, &["content", "hint: "]);
    folder.fail("classify cat.jpg --top 0", 2, &["--top"]);
}

#[test]
fn recipes_and_networks_that_are_broken() {
    let folder = Folder::new();
    folder.write("typo.toml", "[style]\nweigt = 3\n");
    folder.write("torn.toml", "[style");
    folder.write("huge.toml", "[scales]\nfirst = 1\nfactor = 1.0000001\n");
    folder.write("net.pth", "no network");
    for (flags, words) in [
        ("--recipe typo.toml", ["typo.toml", "weigt"]),
        ("--recipe torn.toml", ["torn.toml", "line 1"]),
        ("--recipe none.toml", ["none.toml", "hint"]),
        ("--net net.pth", ["net.pth", "hint"]),
        ("--net cat.jpg", ["cat.jpg", "hint"]),
        ("--net none.pth", ["none.pth", "hint"]),
        ("--models .", ["vgg19.safetensors", "hint"]),
    ] {
        folder.fail(&format!("{SMALL} -o out.png {flags}"), 1, &words);
    }
    folder.fail(&format!("{SMALL} -o out.png --recipe huge.toml"), 2, &["huge.toml", "scales"]);
}

#[test]
fn destinations_that_cannot_be_written() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder.png")).expect("a folder");
    folder.fail(&format!("{SMALL} -o nowhere/out.png"), 1, &["nowhere", "create the folder"]);
    folder.fail(&format!("{SMALL} -o folder.png"), 1, &["folder.png", "folder"]);
    folder.fail("features cat.jpg --layers relu1_1 -o nowhere/f", 1, &["nowhere"]);
    folder.fail(&format!("{SMALL} -o out.png --trace nowhere/t"), 1, &["nowhere"]);
    folder.fail("features cat.jpg --layers relu1_1 -o cat.jpg --force", 2, &["is the input"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_results_is_told_and_a_closed_pipe_is_not() {
    let folder = Folder::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = folder.command("models").stdout(full).output().expect("the program");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");

    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let status = folder.command("classify missing.png").stderr(full).status().expect("the program");
    assert_eq!(status.code(), Some(1));

    let mut child = folder.command("models").stdout(Stdio::piped()).spawn().expect("the program");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("its end").code(), Some(0));
}
