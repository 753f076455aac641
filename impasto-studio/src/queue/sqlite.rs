//! The queue as an SQLite file.

mod changes;
mod jobs;
mod pictures;
mod row;
#[cfg(test)]
mod tests;
mod turns;

use super::{Changes, Ending, Expendable, News, Queue};
use crate::error::{Error, Result};
use crate::job::{Job, Lane, NewJob, Point, Revision, Wish};
use crate::picture::Picture;
use async_trait::async_trait;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

const SCHEMA: &str = include_str!("sqlite/schema.sql");

/// Which layout of tables this program knows.
const VERSION: i64 = 1;

/// An SQLite file, used by this process alone.
#[derive(Clone)]
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    revision: watch::Sender<Revision>,
}

impl Sqlite {
    /// The queue in the file `path`, which is made if it is missing.
    ///
    /// # Errors
    /// [`Error::Queue`] if it cannot be opened, or is of a later version of the program.
    pub fn open(path: &Path) -> Result<Sqlite> {
        let failed = failed("opened");
        let connection = Connection::open(path).map_err(failed)?;
        let set_up = || -> rusqlite::Result<i64> {
            connection.pragma_update(None, "journal_mode", "wal")?;
            // What was promised survives a crash of the program; a job that a power cut forgets was seen by nobody.
            connection.pragma_update(None, "synchronous", "normal")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.execute_batch(SCHEMA)?;
            connection.query_row("SELECT version FROM studio", [], |row| row.get(0))
        };
        let version = set_up().map_err(failed)?;
        if version != VERSION {
            let source = format!("it has version {version}, this program knows version {VERSION}").into();
            return Err(Error::Queue { what: "opened", source });
        }
        let revision = row::last_revision(&connection).map_err(failed)?;
        let (revision, _) = watch::channel(revision);
        Ok(Sqlite { connection: Arc::new(Mutex::new(connection)), revision })
    }

    /// Does something in one transaction, which is taken back if it fails; then tells whoever waits for a change.
    async fn with<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Trouble> + Send + 'static,
    ) -> Result<T> {
        let this = self.clone();
        let done = spawn_blocking(move || -> std::result::Result<T, Trouble> {
            let mut connection = this.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            let revision = row::last_revision(&transaction)?;
            transaction.commit()?;
            this.revision.send_if_modified(|last| std::mem::replace(last, revision) != revision);
            Ok(result)
        });
        match done.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(Trouble::Own(error))) => Err(error),
            Ok(Err(Trouble::Sqlite(error))) => Err(failed(what)(error)),
            Err(error) => Err(Error::Queue { what, source: error.into() }),
        }
    }
}

/// Why a transaction was taken back.
enum Trouble {
    Sqlite(rusqlite::Error),
    Own(Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sqlite(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Own(error)
    }
}

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> Error + Copy {
    move |source| Error::Queue { what, source: source.into() }
}

#[async_trait]
impl Queue for Sqlite {
    async fn add(&self, job: NewJob, most: usize) -> Result<Job> {
        self.with("added to", move |books| jobs::add(books, &job, most)).await
    }

    async fn job(&self, id: &str) -> Result<Option<Job>> {
        let id = id.to_owned();
        self.with("read", move |books| Ok(jobs::find(books, &id)?)).await
    }

    async fn jobs(&self, before: Option<u64>, limit: usize) -> Result<Vec<Job>> {
        self.with("read", move |books| Ok(jobs::list(books, before, limit)?)).await
    }

    async fn points(&self, id: &str, after: u64) -> Result<Vec<Point>> {
        let id = id.to_owned();
        self.with("read", move |books| Ok(changes::points_of(books, &id, after)?)).await
    }

    async fn wish(&self, id: &str, wish: Wish) -> Result<Job> {
        let id = id.to_owned();
        self.with("changed", move |books| jobs::wish(books, &id, wish)).await
    }

    async fn prioritise(&self, id: &str, priority: i32) -> Result<Job> {
        let id = id.to_owned();
        self.with("changed", move |books| jobs::prioritise(books, &id, priority)).await
    }

    async fn remove(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.with("changed", move |books| jobs::remove(books, &id)).await
    }

    async fn take(&self, worker: &str, lane: Lane, lease: Duration) -> Result<Option<Job>> {
        let worker = worker.to_owned();
        self.with("changed", move |books| Ok(turns::take(books, &worker, lane, lease)?)).await
    }

    async fn beat(&self, id: &str, worker: &str, lease: Duration, news: News) -> Result<Option<Wish>> {
        let (id, worker) = (id.to_owned(), worker.to_owned());
        self.with("changed", move |books| turns::beat(books, &id, &worker, lease, &news)).await
    }

    async fn finish(&self, id: &str, worker: &str, ending: Ending) -> Result<Job> {
        let (id, worker) = (id.to_owned(), worker.to_owned());
        self.with("changed", move |books| turns::finish(books, &id, &worker, &ending)).await
    }

    async fn recover(&self, worker: Option<&str>) -> Result<usize> {
        let worker = worker.map(str::to_owned);
        self.with("changed", move |books| Ok(turns::recover(books, worker.as_deref())?)).await
    }

    async fn revision(&self) -> Result<Revision> {
        Ok(*self.revision.borrow())
    }

    async fn changes(&self, after: Revision) -> Result<Changes> {
        self.with("read", move |books| Ok(changes::changes(books, after)?)).await
    }

    async fn wait(&self, after: Revision, most: Duration) {
        let mut changed = self.revision.subscribe();
        let _ = tokio::time::timeout(most, changed.wait_for(|&last| last > after)).await;
    }

    async fn add_picture(&self, picture: &Picture) -> Result<()> {
        let picture = picture.clone();
        self.with("added to", move |books| Ok(pictures::add(books, &picture)?)).await
    }

    async fn pictures(&self, ids: &[&str]) -> Result<Vec<Picture>> {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        self.with("read", move |books| Ok(pictures::find(books, &ids)?)).await
    }

    async fn expendable(&self, spare: Duration) -> Result<Option<Expendable>> {
        self.with("changed", move |books| Ok(pictures::expendable(books, spare)?)).await
    }
}
