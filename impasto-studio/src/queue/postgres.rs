//! The queue in a PostgreSQL database, for any number of servers and workers on any number of machines.
//!
//! Times are the database's, so that machines need not agree about theirs. Jobs are locked before the revision, which is one
//! row: changes are carried out one after the other from there on, and can be seen in the order of their revisions.

mod changes;
mod jobs;
mod pictures;
mod pool;
mod rows;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;
mod trouble;
mod turns;

use super::{Changes, Ending, Expendable, News, Queue};
use crate::error::{Error, Result};
use crate::job::{Job, Lane, NewJob, Point, Revision, Wish};
use crate::picture::Picture;
use async_trait::async_trait;
use pool::Pool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use trouble::{Patience, Trouble};

const SCHEMA: &str = include_str!("postgres/schema.sql");

/// Which layout of tables this program knows.
const VERSION: i64 = 1;

/// Whoever makes the tables holds this lock.
const LOCK: i64 = 0x69_6d70_6173_746f;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// A PostgreSQL database.
pub struct Postgres {
    pool: Arc<Pool>,
    heard: watch::Receiver<Revision>,
    listener: JoinHandle<()>,
}

/// Does `work` in a transaction; again, if that promises to work.
macro_rules! transaction {
    ($pool:expr, $what:literal, |$books:ident| $work:expr) => {{
        let mut patience = Patience::new();
        loop {
            let attempt = async {
                let mut line = $pool.line().await?;
                let transaction = line.begin().await?;
                let $books = &transaction;
                let result = $work.await?;
                transaction.commit().await.map_err(Trouble::Commit)?;
                Ok::<_, Trouble>(result)
            };
            match attempt.await {
                Ok(result) => break Ok(result),
                Err(trouble) => {
                    if !patience.again(&trouble).await {
                        break Err(trouble.told($what));
                    }
                }
            }
        }
    }};
}

impl Postgres {
    /// The queue in the database that `url` names, `postgres://user:password@host/database` or a list of `keyword=value`;
    /// its tables are made if they are missing.
    ///
    /// # Errors
    /// [`Error::Option`] if `url` cannot be understood; [`Error::Queue`] if the database cannot be reached, or its tables are
    /// of a later version of the program.
    pub async fn open(url: &str) -> Result<Postgres> {
        let mut config: Config = url.parse().map_err(|error| {
            let like = "postgres://user:password@host/database";
            Error::Option(format!("the queue's address is none like {like}: {error}"))
        })?;
        config.application_name("impasto");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        let pool = Arc::new(Pool::new(config));
        let version = transaction!(pool, "opened", |books| async {
            books.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
            books.batch_execute(SCHEMA).await?;
            let row = books.query_one("SELECT version FROM studio", &[]).await?;
            Ok::<i64, Trouble>(row.try_get(0)?)
        })?;
        if version != VERSION {
            let source = format!("it has version {version}, this program knows version {VERSION}").into();
            return Err(Error::Queue { what: "opened", source });
        }
        let (sender, heard) = watch::channel(0);
        let listener = tokio::spawn(pool.clone().listen(sender));
        Ok(Postgres { pool, heard, listener })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

#[async_trait]
impl Queue for Postgres {
    async fn add(&self, job: NewJob, most: usize) -> Result<Job> {
        transaction!(self.pool, "added to", |books| jobs::add(books, &job, most))
    }

    async fn job(&self, id: &str) -> Result<Option<Job>> {
        transaction!(self.pool, "read", |books| jobs::find(books, id))
    }

    async fn jobs(&self, before: Option<u64>, limit: usize) -> Result<Vec<Job>> {
        transaction!(self.pool, "read", |books| jobs::list(books, before, limit))
    }

    async fn points(&self, id: &str, after: u64) -> Result<Vec<Point>> {
        transaction!(self.pool, "read", |books| changes::points_of(books, id, after))
    }

    async fn wish(&self, id: &str, wish: Wish) -> Result<Job> {
        transaction!(self.pool, "changed", |books| jobs::wish(books, id, wish))
    }

    async fn prioritise(&self, id: &str, priority: i32) -> Result<Job> {
        transaction!(self.pool, "changed", |books| jobs::prioritise(books, id, priority))
    }

    async fn remove(&self, id: &str) -> Result<()> {
        transaction!(self.pool, "changed", |books| jobs::remove(books, id))
    }

    async fn take(&self, worker: &str, lane: Lane, lease: Duration) -> Result<Option<Job>> {
        transaction!(self.pool, "changed", |books| turns::take(books, worker, lane, lease))
    }

    async fn beat(&self, id: &str, worker: &str, lease: Duration, news: News) -> Result<Option<Wish>> {
        transaction!(self.pool, "changed", |books| turns::beat(books, id, worker, lease, &news))
    }

    async fn finish(&self, id: &str, worker: &str, ending: Ending) -> Result<Job> {
        transaction!(self.pool, "changed", |books| turns::finish(books, id, worker, &ending))
    }

    async fn recover(&self, worker: Option<&str>) -> Result<usize> {
        transaction!(self.pool, "changed", |books| turns::recover(books, worker))
    }

    async fn revision(&self) -> Result<Revision> {
        transaction!(self.pool, "read", |books| rows::last_revision(books))
    }

    async fn changes(&self, after: Revision) -> Result<Changes> {
        transaction!(self.pool, "read", |books| changes::changes(books, after))
    }

    async fn wait(&self, after: Revision, most: Duration) {
        let mut heard = self.heard.clone();
        let _ = tokio::time::timeout(most, heard.wait_for(|&last| last > after)).await;
    }

    async fn add_picture(&self, picture: &Picture) -> Result<()> {
        transaction!(self.pool, "added to", |books| pictures::add(books, picture))
    }

    async fn pictures(&self, ids: &[&str]) -> Result<Vec<Picture>> {
        transaction!(self.pool, "read", |books| pictures::find(books, ids))
    }

    async fn expendable(&self, spare: Duration) -> Result<Option<Expendable>> {
        transaction!(self.pool, "changed", |books| pictures::expendable(books, spare))
    }
}
