//! A studio in the test's own process, with a program that only tells what a painting would.

use super::client::Client;
use impasto_studio::{Options, Studio};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::watch;

/// Tells of progress and a result, which of an enlargement is the photo; waits for Ctrl-C before that if its iterations are
/// 999.
const PROGRAM: &str = r#"#!/bin/sh
trap 'printf png > result.png
echo "{\"event\":\"made\",\"file\":\"result.png\",\"kind\":\"result\",\"facts\":{\"width\":8,\"height\":6}}" >&2; exit 130' INT
case "$*" in *relu9_9*)
    echo '{"event":"error","text":"no layer relu9_9","causes":["because"],"hint":"name another"}' >&2; exit 2;; esac
echo '{"event":"note","text":"begun"}' >&2
for i in 1 2 3; do
    echo "{\"event\":\"progress\",\"done\":$i,\"of\":3,\"left\":0.5,\"text\":\"loss $i\",\"loss\":0.$i,\"best\":0.1}" >&2
done
printf snapshot > result-0003.png
echo '{"event":"made","file":"result-0003.png","kind":"snapshot","facts":{"evaluation":3}}' >&2
echo '{"event":"made","file":"../../studio.sqlite","kind":"result","facts":null}' >&2
echo '{"event":"made","file":"/etc/passwd","kind":"result","facts":null}' >&2
case "$*" in *"--iterations 999"*) while :; do sleep 0.02; done;; esac
printf 'the result' > result.png
case "$1" in upscale) cp "$2" result.png;; esac
echo '{"event":"made","file":"result.png","kind":"result","facts":{"width":8,"height":6}}' >&2
"#;

/// A studio that runs.
pub struct Running {
    pub client: Client,
    pub folder: TempDir,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

#[allow(dead_code, reason = "not every test needs all")]
impl Running {
    pub fn start(change: impl FnOnce(&mut Options)) -> Running {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        fs::write(&program, PROGRAM).expect("a program");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
        let mut options = Options::new(folder.path().join("data"), program);
        options.port = 0;
        options.styles = vec!["cafe-terrace".into()];
        options.classes = vec!["tench".into(), "goldfish".into()];
        options.limits.uploads = 100_000;
        change(&mut options);
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
                let studio = Studio::open(options).await.expect("a studio");
                sender.send((studio.address(), studio.stop())).expect("the test");
                studio.run().await;
            });
        });
        let (address, stop) = receiver.recv().expect("a studio");
        Running { client: Client(address), folder, stop, thread: Some(thread) }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the studio ends well");
        }
    }
}

/// A small JPEG.
#[allow(dead_code, reason = "not every test needs it")]
pub fn painting() -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("gallery/cafe-terrace.jpg");
    fs::read(path).expect("a painting")
}
