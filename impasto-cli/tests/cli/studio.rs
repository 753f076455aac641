//! The studio with the real program behind it.
#![cfg(unix)]

#[path = "../../../impasto-studio/tests/http/client.rs"]
pub mod client;

use crate::folder::Folder;
use client::Client;
use impasto_image::{Limits, decode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A studio that runs, with its data in the folder `data`.
pub struct Studio {
    pub child: Child,
    pub client: Client,
}

impl Studio {
    pub fn start(folder: &Folder, flags: &str) -> Studio {
        let mut command = folder.command(&format!("studio --port 0 --data data {flags}"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the program");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("standard output"))
            .read_line(&mut line)
            .expect("its address");
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/');
        Studio { child, client: Client(address.parse().unwrap_or_else(|error| panic!("{error}: {line:?}"))) }
    }

    /// Presses Ctrl-C and waits for its end.
    pub fn end(mut self) {
        crate::interrupt::interrupt(&self.child);
        assert_eq!(self.child.wait().expect("its end").code(), Some(0));
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn state(state: &'static str) -> impl Fn(&Value) -> bool {
    move |job| job["state"] == state
}

/// The size of a picture that a job has made.
pub fn size(studio: &Studio, job: &str, name: &str) -> (usize, usize) {
    let answer = studio.client.get(&format!("/api/jobs/{job}/files/{name}"));
    assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    let picture = decode(&answer.body, Path::new(name), &Limits::default()).expect(name).picture;
    (picture.width(), picture.height())
}

fn names<'a>(job: &'a Value, kind: &str) -> Vec<&'a str> {
    let files = job["files"].as_array().expect("files").iter().filter(|file| file["kind"] == kind);
    files.map(|file| file["name"].as_str().expect("a name")).collect()
}

/// A small painting that never ends by itself.
pub fn endless(studio: &Studio, folder: &Folder) -> String {
    let cat = studio.client.picture("cat.jpg", &folder.bytes("cat.jpg"));
    let terrace = studio.client.picture("terrace.jpg", &folder.bytes("terrace.jpg"));
    let settings = json!({ "photo": cat, "styles": [{ "style": terrace }], "size": 64, "iterations": 600 });
    studio.client.job("paint", settings)
}

pub fn has_snapshots(count: usize) -> impl Fn(&Value) -> bool {
    move |job| names(job, "snapshot").len() >= count
}

#[test]
fn a_picture_is_painted_in_one_pass_and_at_leisure() {
    let folder = Folder::new();
    let studio = Studio::start(&folder, "");
    let client = studio.client;
    let cat = client.picture("my%20cat.jpg", &folder.bytes("cat.jpg"));
    let style = client.json("/api/styles").as_array().expect("styles")[0].clone();
    assert_eq!((&style["name"], &style["network"]), (&json!("cafe-terrace"), &json!(true)));

    let job = client.job("apply", json!({ "photo": cat, "style": "cafe-terrace", "preview": true }));
    let done = client.wait(&job, "done", state("done"));
    assert_eq!(done["command"], "impasto apply my-cat-preview.jpg --style cafe-terrace -o result.jpg");
    assert_eq!(size(&studio, &job, "result.jpg"), (128, 104));
    let job = client.job("apply", json!({ "photo": cat, "style": style["picture"], "size": 64 }));
    client.wait(&job, "done", state("done"));
    assert_eq!(size(&studio, &job, "result.jpg"), (64, 52));

    let settings =
        json!({ "photo": cat, "styles": [{ "style": style["picture"] }], "size": 48, "iterations": 6 });
    let job = client.job("paint", settings);
    let done = client.wait(&job, "done", state("done"));
    assert_eq!((&done["lane"], &done["progress"]["done"]), (&json!("quick"), &json!(6)));
    assert_eq!(names(&done, "result"), ["result.png"]);
    assert_eq!(names(&done, "state"), ["result.state"]);
    assert_eq!(size(&studio, &job, "0002.png"), (48, 39));
    let points = client.json(&format!("/api/jobs/{job}/points"));
    let last = points["points"].as_array().expect("points").last().expect("a point").clone();
    assert!(last["loss"].as_f64().is_some_and(|loss| loss > 0.0), "{last}");

    // What fails says why, as the terminal does.
    let settings = json!({ "photo": cat, "styles": [{ "style": cat }], "mute": ["relu9_9"] });
    let job = client.job("paint", settings);
    let failed = client.wait(&job, "failed", state("failed"));
    assert!(failed["error"]["text"].as_str().expect("a reason").contains("relu9_9"), "{failed:#}");
    assert!(failed["error"]["hint"].is_string(), "{failed:#}");
    studio.end();
}

#[test]
fn a_painting_is_paused_goes_on_branches_and_is_stopped() {
    let folder = Folder::new();
    let studio = Studio::start(&folder, "");
    let client = studio.client;
    let job = endless(&studio, &folder);
    let wish = |job: &str, wish: &str| client.post(&format!("/api/jobs/{job}/{wish}"), &Value::Null).status;
    client.wait(&job, "painting", has_snapshots(1));
    assert_eq!(wish(&job, "continue"), 409);
    assert_eq!(wish(&job, "pause"), 202);
    let paused = client.wait(&job, "paused", state("paused"));
    assert_eq!(names(&paused, "state"), ["result.state"]);
    assert_eq!(wish(&job, "pause"), 409);

    // A branch with another weight begins where the first one stands.
    let done = paused["progress"]["done"].as_u64().expect("progress");
    let settings = json!({ "from": job, "content_weight": 0.3, "size": 256, "iterations": 2000 });
    let branch = client.job("paint", settings);
    let branched = client.wait(&branch, "painting", |job| job["progress"]["done"].as_u64() > Some(done));
    assert_eq!(branched["parent"], json!(job));
    assert!(branched["command"].as_str().expect("a command").contains(" --content-weight 0.3"));
    assert_eq!(wish(&branch, "cancel"), 202);
    client.wait(&branch, "cancelled", state("cancelled"));
    assert_eq!(client.send("DELETE", &format!("/api/jobs/{branch}"), &[], &[]).status, 204);
    assert_eq!(client.get(&format!("/api/jobs/{branch}")).status, 404);
    assert!(!folder.path(&format!("data/files/jobs/{branch}")).exists());

    // The first one goes on by itself.
    assert_eq!(wish(&job, "continue"), 202);
    client.wait(&job, "going on", |job| job["progress"]["done"].as_u64() > Some(done + 20));
    assert_eq!(wish(&job, "stop"), 202);
    let stopped = client.wait(&job, "stopped", state("done"));
    assert_eq!(stopped["stopped"], true);
    assert_eq!(size(&studio, &job, "result.png"), (64, 52));
    assert_eq!(client.get(&format!("/api/jobs/{job}/files/result.png?download=1")).status, 200);
    studio.end();
}

/// Children of a process, as the system tells.
fn children(parent: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &parent.to_string()]).output().expect("ps");
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.trim().parse().ok()).collect()
}

pub fn is_alive(id: u32) -> bool {
    Command::new("kill").args(["-0", &id.to_string()]).stderr(Stdio::null()).status().expect("kill").success()
}

#[test]
fn what_was_painted_survives_the_studio() {
    let folder = Folder::new();
    let mut studio = Studio::start(&folder, "");
    let job = endless(&studio, &folder);
    let before = studio.client.wait(&job, "painting", has_snapshots(1));
    let children = children(studio.child.id());
    assert_eq!(children.len(), 1, "{before:#}");
    studio.child.kill().expect("a kill");
    studio.child.wait().expect("its end");
    // Nobody waits for the child any more, so it ends.
    for _ in 0..200 {
        if !is_alive(children[0]) {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    assert!(!is_alive(children[0]), "an orphan");

    let studio = Studio::start(&folder, "");
    let (job, again) = (job.as_str(), studio.client);
    again.wait(job, "going on", |job| {
        let notes = job["notes"].to_string();
        notes.contains("going on after evaluation")
            && job["progress"]["done"].as_u64() > before["progress"]["done"].as_u64()
    });
    // Ctrl-C keeps all that was painted, for the next start.
    studio.end();
    let studio = Studio::start(&folder, "");
    let client = studio.client;
    client.wait(job, "going on", |job| {
        job["notes"].to_string().matches("going on after evaluation").count() == 2
    });
    let answer = client.post(&format!("/api/jobs/{job}/stop"), &Value::Null);
    assert_eq!(answer.status, 202, "{}", answer.text());
    client.wait(job, "done", state("done"));
    assert_eq!(size(&studio, job, "result.png"), (64, 52));
    // Two studios would take each other's jobs.
    let second = folder.run("studio --port 0 --data data");
    assert_eq!(second.code, Some(1), "{second:#?}");
    assert!(second.stderr.contains("in use by another studio"), "{second:#?}");
    studio.end();
}

#[test]
fn others_need_a_token() {
    let folder = Folder::new();
    let run = folder.run("studio --port 0 --data data --address 0.0.0.0");
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(run.stderr.contains("hint: give --token"), "{run:#?}");
    let run = folder.run("studio --port 0 --data data --token short");
    assert_eq!(run.code, Some(2), "{run:#?}");
}
