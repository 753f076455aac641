//! The worker: takes jobs from the queue, runs them as children, tells how it goes.

mod child;
mod event;
mod inbox;
mod turn;

use crate::error::{Error, Result};
use crate::id;
use crate::job::{Job, Lane};
use crate::log;
use crate::queue::Queue;
use crate::stop::stopped;
use crate::store::Store;
use crate::verb::Keeps;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a job is a worker's unless it tells that it goes on, or the worker was told otherwise.
pub const LEASE: Duration = Duration::from_secs(30);

/// How long a worker without a job waits before it looks again, even if nothing is heard of.
const LOOK: Duration = Duration::from_secs(2);

/// A worker.
pub struct Worker {
    /// Where jobs are.
    pub queue: Arc<dyn Queue>,
    /// Where files are.
    pub store: Arc<dyn Store>,
    /// The program whose verbs jobs are.
    pub program: PathBuf,
    /// What its networks run on.
    pub device: String,
    /// Folder in which every job has a folder of its own.
    pub folder: PathBuf,
    /// Its name, which it keeps when it is started again.
    pub name: String,
    /// Longest time that a job may run.
    pub longest: Duration,
    /// How long a job is its own unless it tells that it goes on.
    pub lease: Duration,
}

impl Worker {
    /// Works until `stop` is true; then interrupts its jobs so that they can go on later, and returns.
    pub async fn run(self: Arc<Self>, stop: watch::Receiver<bool>) {
        std::fs::create_dir_all(&self.folder)
            .unwrap_or_else(|error| log::warn(self.folder.display(), &error));
        self.tidy(|job| !job.state.is_over() && goes_on_in_its_folder(job)).await;
        let lanes = [Lane::Quick, Lane::Long].map(|lane| tokio::spawn(self.clone().lane(lane, stop.clone())));
        for lane in lanes {
            if let Err(error) = lane.await {
                log::warn("a worker ended", &error);
            }
        }
    }

    /// Works on one lane.
    async fn lane(self: Arc<Self>, lane: Lane, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let seen = self.queue.revision().await.unwrap_or(0);
            match self.queue.take(&self.name, lane, self.lease).await {
                Ok(Some(job)) => self.turn(job, stop.clone()).await,
                Ok(None) => {
                    // What others left is looked for by whoever has nothing else to do.
                    match self.queue.recover(None).await {
                        Ok(0) => {}
                        Ok(_) => continue,
                        Err(error) => log::warn("looking for jobs that others left", &error),
                    }
                    // What was paused may have been stopped or removed meanwhile.
                    self.tidy(|job| !job.state.is_over()).await;
                    tokio::select! {
                        () = self.queue.wait(seen, LOOK) => {}
                        () = stopped(&mut stop) => {}
                    }
                }
                Err(error) => {
                    log::warn("the worker waits", &error);
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// The folder of a job.
    fn folder_of(&self, job: &Job) -> PathBuf {
        self.folder.join(&job.id)
    }

    /// Removes the folders of jobs that are gone, and of those that are not to be `kept`.
    async fn tidy(&self, kept: impl Fn(&Job) -> bool) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            match self.queue.job(&entry.file_name().to_string_lossy()).await {
                Ok(Some(job)) if kept(&job) => {}
                Ok(_) => remove(&entry.path()),
                Err(error) => return log::warn("the worker's folder", &error),
            }
        }
    }
}

/// The name of the worker that has this folder: the same whenever it is started.
///
/// # Errors
/// [`Error::File`] if it cannot be kept there.
pub fn name(folder: &Path) -> Result<String> {
    let path = folder.join("worker");
    match std::fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => Ok(name.trim().to_owned()),
        _ => {
            let name = format!("worker-{}", id::random());
            std::fs::write(&path, &name).map_err(Error::file(&path, "cannot be written"))?;
            Ok(name)
        }
    }
}

/// Whether a job that was interrupted needs its folder.
fn goes_on_in_its_folder(job: &Job) -> bool {
    matches!(job.line.keeps, Keeps::Folder(_))
}

/// Removes a folder; one that stays is only in the way.
fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        log::warn(folder.display(), &error);
    }
}
