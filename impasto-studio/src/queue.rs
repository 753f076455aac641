//! The queue: jobs, pictures' facts, leases and revisions.

mod postgres;
mod rules;
mod sqlite;
#[cfg(test)]
mod tests;

pub use postgres::Postgres;
pub use sqlite::Sqlite;

use crate::error::Result;
use crate::job::{File, Job, Lane, NewJob, Point, Reason, Revision, Wish};
use crate::picture::Picture;
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;

/// What happened to jobs after a revision.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The revision up to which this tells.
    pub revision: Revision,
    /// Jobs that changed, as they are now, in the order of their revisions.
    pub jobs: Vec<Job>,
    /// Ids of jobs that were removed.
    pub gone: Vec<String>,
    /// New points, by job.
    pub points: Vec<(String, Vec<Point>)>,
}

/// What a worker has to tell of a job that it holds.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// How far it is.
    pub progress: Option<Value>,
    /// Points to be added.
    pub points: Vec<Value>,
    /// Notes to be added.
    pub notes: Vec<String>,
    /// Files that were made; one of the same name is replaced.
    pub files: Vec<File>,
}

impl News {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.progress.is_none() && self.points.is_empty() && self.notes.is_empty() && self.files.is_empty()
    }
}

/// How a worker's turn at a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is done.
    Done,
    /// Its user stopped it; what there is, is its result.
    Stopped,
    /// It waits for its user.
    Paused,
    /// It waits for a worker again.
    Queued,
    /// Its user does not want it any more.
    Cancelled,
    /// It failed.
    Failed(Reason),
}

/// Books of jobs and pictures, which any number of servers and workers may share. Every call is one transaction; every change
/// of a job gives it the next revision, and whoever sees revision n has seen all before it.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Adds a job. Fails with [`Full`](crate::Error::Full) if its client has `most` jobs that are not over.
    async fn add(&self, job: NewJob, most: usize) -> Result<Job>;

    /// A job; none if there is none.
    async fn job(&self, id: &str) -> Result<Option<Job>>;

    /// At most `limit` jobs whose number is below `before`, newest first.
    async fn jobs(&self, before: Option<u64>, limit: usize) -> Result<Vec<Job>>;

    /// The points of a job beyond the `after`th.
    async fn points(&self, id: &str, after: u64) -> Result<Vec<Point>>;

    /// Does, or notes for the worker, what the user wishes. Fails with [`State`](crate::Error::State) where it means nothing.
    async fn wish(&self, id: &str, wish: Wish) -> Result<Job>;

    /// Gives a job another priority. Fails with [`State`](crate::Error::State) if it is over.
    async fn prioritise(&self, id: &str, priority: i32) -> Result<Job>;

    /// Removes a job that nobody works on.
    async fn remove(&self, id: &str) -> Result<()>;

    /// Gives `worker` the next queued job of a lane until `lease` has passed.
    async fn take(&self, worker: &str, lane: Lane, lease: Duration) -> Result<Option<Job>>;

    /// Tells news of a job, and keeps it for another `lease`; what its user wishes by now. Fails with
    /// [`Lost`](crate::Error::Lost) if `worker` does not hold it.
    async fn beat(&self, id: &str, worker: &str, lease: Duration, news: News) -> Result<Option<Wish>>;

    /// Ends a worker's turn. Fails as [`beat`](Queue::beat).
    async fn finish(&self, id: &str, worker: &str, ending: Ending) -> Result<Job>;

    /// Queues jobs again whose lease has passed, and those that `worker`, which has just begun, held before; how many.
    async fn recover(&self, worker: Option<&str>) -> Result<usize>;

    /// The last revision.
    async fn revision(&self) -> Result<Revision>;

    /// What changed after a revision.
    async fn changes(&self, after: Revision) -> Result<Changes>;

    /// Returns when the last revision may be above `after`, or `most` has passed.
    async fn wait(&self, after: Revision, most: Duration);

    /// Notes a picture's facts, or that it was uploaded again.
    async fn add_picture(&self, picture: &Picture) -> Result<()>;

    /// The pictures of these ids that there are, in their order.
    async fn pictures(&self, ids: &[&str]) -> Result<Vec<Picture>>;

    /// Something that may be cleaned up: the job that was over first, or else the picture that no job names and that was
    /// uploaded first, but nothing that was touched within `spare`. It is forgotten by this; its files are still there.
    async fn expendable(&self, spare: Duration) -> Result<Option<Expendable>>;
}

/// What was forgotten to make room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expendable {
    /// A job's id.
    Job(String),
    /// A picture's id.
    Picture(String),
}
