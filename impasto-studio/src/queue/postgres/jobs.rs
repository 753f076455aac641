//! What clients do with jobs.

use super::Trouble;
use super::rows::{self, COLUMNS, jobs, next_revision, one, signed, text};
use crate::error::Error;
use crate::job::{Job, NewJob, State, Wish};
use crate::queue::rules::{self, REMEMBERED};
use tokio_postgres::Transaction;

/// Adds a job, unless its client has `most` already.
pub async fn add(books: &Transaction<'_>, new: &NewJob, most: usize) -> Result<Job, Trouble> {
    // First, so that nobody adds one at the same time.
    let revision = next_revision(books).await?;
    let count = "SELECT count(*) FROM jobs WHERE client = $1 AND state IN ('queued', 'running', 'paused')";
    let waiting: i64 = books.query_one(count, &[&new.client]).await?.try_get(0)?;
    let waiting = usize::try_from(waiting).unwrap_or(usize::MAX);
    if waiting >= most {
        return Err(Error::Full(waiting).into());
    }
    let insert = format!(
        "INSERT INTO jobs (id, revision, verb, settings, line, state, lane, priority, parent, client, created)
         VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, millis()) RETURNING {COLUMNS}"
    );
    let (settings, line) = (text(&new.settings)?, text(&new.line)?);
    let lane = new.line.lane.name();
    let row = books
        .query_opt(
            &insert,
            &[
                &new.id,
                &revision,
                &new.verb,
                &settings,
                &line,
                &lane,
                &new.priority,
                &new.parent,
                &new.client,
            ],
        )
        .await?;
    let job = one(books, row, &new.id).await?;
    for input in &new.line.inputs {
        if let Some(picture) = input.key.strip_prefix("pictures/").and_then(|key| key.split('/').next()) {
            let insert = "INSERT INTO uses VALUES ($1, $2) ON CONFLICT DO NOTHING";
            books.execute(insert, &[&signed(job.number), &picture]).await?;
        }
    }
    Ok(job)
}

/// A job; none if there is none.
pub async fn find(books: &Transaction<'_>, id: &str) -> Result<Option<Job>, Trouble> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1");
    Ok(jobs(books, &books.query(&query, &[&rows::id(id)]).await?).await?.pop())
}

/// A job that must be there and that nobody else changes meanwhile.
async fn hold(books: &Transaction<'_>, id: &str) -> Result<Job, Trouble> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1 FOR UPDATE");
    one(books, books.query_opt(&query, &[&rows::id(id)]).await?, id).await
}

/// Jobs below a number, newest first.
pub async fn list(books: &Transaction<'_>, before: Option<u64>, limit: usize) -> Result<Vec<Job>, Trouble> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE number < $1 ORDER BY number DESC LIMIT $2");
    let before = before.map_or(i64::MAX, signed);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    jobs(books, &books.query(&query, &[&before, &limit]).await?).await
}

/// Does what a user wishes, or notes it for the worker.
pub async fn wish(books: &Transaction<'_>, id: &str, wish: Wish) -> Result<Job, Trouble> {
    let becomes = rules::wished(&hold(books, id).await?, wish)?;
    let change = format!(
        "UPDATE jobs SET revision = $1, state = $2, wish = $3, stopped = $4,
             finished = CASE WHEN $5 THEN millis() END WHERE id = $6 RETURNING {COLUMNS}"
    );
    let (revision, state) = (next_revision(books).await?, becomes.state.name());
    let (wish, over) = (becomes.wish.map(Wish::name), becomes.state.is_over());
    let row = books.query_opt(&change, &[&revision, &state, &wish, &becomes.stopped, &over, &id]).await?;
    one(books, row, id).await
}

/// Gives a job another priority.
pub async fn prioritise(books: &Transaction<'_>, id: &str, priority: i32) -> Result<Job, Trouble> {
    rules::may_wait(&hold(books, id).await?)?;
    let change = format!("UPDATE jobs SET revision = $1, priority = $2 WHERE id = $3 RETURNING {COLUMNS}");
    let row = books.query_opt(&change, &[&next_revision(books).await?, &priority, &id]).await?;
    one(books, row, id).await
}

/// Forgets a job that nobody works on.
pub async fn remove(books: &Transaction<'_>, id: &str) -> Result<(), Trouble> {
    let job = hold(books, id).await?;
    if job.state == State::Running {
        return Err(Error::State { id: id.into(), state: job.state.name() }.into());
    }
    forget(books, id).await
}

/// Forgets a job that is held.
pub async fn forget(books: &Transaction<'_>, id: &str) -> Result<(), Trouble> {
    let revision = next_revision(books).await?;
    books.execute("DELETE FROM jobs WHERE id = $1", &[&id]).await?;
    books.execute("INSERT INTO gone VALUES ($1, $2)", &[&revision, &id]).await?;
    let old = "DELETE FROM gone WHERE revision <= (SELECT revision FROM gone ORDER BY revision DESC OFFSET $1 LIMIT 1)";
    books.execute(old, &[&i64::from(REMEMBERED)]).await?;
    Ok(())
}
