//! A studio that only serves, and workers that are processes of their own: PostgreSQL and a shared folder between them.
#![cfg(unix)]

#[allow(dead_code, reason = "not every test needs all")]
#[path = "../../../impasto-studio/src/queue/postgres/server.rs"]
mod server;

use crate::folder::Folder;
use crate::studio::{Studio, endless, has_snapshots, size, state};
use server::Server;
use std::process::{Child, Stdio};

/// A worker that runs in the folder of its name.
struct Worker {
    child: Child,
    name: &'static str,
}

impl Worker {
    fn start(folder: &Folder, name: &'static str, shared: &str) -> Worker {
        let mut command = folder.command(&format!("worker {shared} --data {name} --lease 3"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("the program");
        Worker { child, name }
    }

    /// Whether it works on a job.
    fn has(&self, folder: &Folder, job: &str) -> bool {
        folder.path(self.name).join("work").join(job).exists()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_a_killed_worker_had_another_finishes() {
    let Some(server) = Server::start() else { return };
    let folder = Folder::new();
    let shared = format!("--queue {} --store shared", server.address("postgres"));
    let studio = Studio::start(&folder, &format!("{shared} --no-worker"));
    let client = studio.client;
    let workers = ["one", "two"].map(|name| Worker::start(&folder, name, &shared));
    let job = endless(&studio, &folder);
    let before = client.wait(&job, "painting", has_snapshots(2));
    let (had, others): (Vec<Worker>, Vec<Worker>) =
        workers.into_iter().partition(|worker| worker.has(&folder, &job));
    assert_eq!((had.len(), others.len()), (1, 1), "{before:#}");
    // Dropping a worker kills it at once.
    drop(had);
    let going_on =
        client.wait(&job, "going on", |job| job["notes"].to_string().contains("going on after evaluation"));
    assert!(others[0].has(&folder, &job), "{going_on:#}");
    let done = client.wait(&job, "done", state("done"));
    assert_eq!((&done["progress"]["done"], &done["progress"]["of"]), (&600.into(), &600.into()));
    assert_eq!(size(&studio, &job, "result.png"), (64, 52));
    studio.end();
}

#[test]
fn what_is_given_must_make_sense() {
    let folder = Folder::new();
    folder.fail(
        "worker --queue http://x --store shared --data one",
        2,
        &["the queue's address", "postgres://"],
    );
    folder.fail("studio --port 0 --no-worker", 2, &["--queue"]);
    folder.fail("studio --port 0 --queue postgres://x", 2, &["--store"]);
}
