//! What clients do with jobs.

use super::Trouble;
use super::row::{COLUMNS, job, next_revision, text};
use crate::error::Error;
use crate::job::{Job, NewJob, State, Wish};
use crate::queue::rules::{self, REMEMBERED};
use crate::time::Time;
use rusqlite::{Connection, OptionalExtension, params};

/// Adds a job, unless its client has `most` already.
pub fn add(books: &Connection, new: &NewJob, most: usize) -> Result<Job, Trouble> {
    let count = "SELECT count(*) FROM jobs WHERE client = ? AND state IN ('queued', 'running', 'paused')";
    let waiting: usize = books.query_row(count, [&new.client], |row| row.get(0))?;
    if waiting >= most {
        return Err(Error::Full(waiting).into());
    }
    let revision = next_revision(books)?;
    books.execute(
        "INSERT INTO jobs (id, revision, verb, settings, line, state, lane, priority, parent, client, created)
         VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
        params![
            new.id,
            revision,
            new.verb,
            text(&new.settings)?,
            text(&new.line)?,
            new.line.lane.name(),
            new.priority,
            new.parent,
            new.client,
            Time::now().0,
        ],
    )?;
    let number = books.last_insert_rowid();
    for input in &new.line.inputs {
        if let Some(picture) = input.key.strip_prefix("pictures/").and_then(|key| key.split('/').next()) {
            books.execute("INSERT OR IGNORE INTO uses VALUES (?, ?)", params![number, picture])?;
        }
    }
    get(books, &new.id)
}

/// A job; none if there is none.
pub fn find(books: &Connection, id: &str) -> rusqlite::Result<Option<Job>> {
    let mut query = books.prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?"))?;
    query.query_row([id], |row| job(books, row)).optional()
}

/// A job that must be there.
pub fn get(books: &Connection, id: &str) -> Result<Job, Trouble> {
    find(books, id)?.ok_or_else(|| Error::Missing(format!("job {id:?}")).into())
}

/// Jobs below a number, newest first.
pub fn list(books: &Connection, before: Option<u64>, limit: usize) -> rusqlite::Result<Vec<Job>> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE number < ? ORDER BY number DESC LIMIT ?");
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let mut query = books.prepare_cached(&query)?;
    let jobs = query.query_map(params![before, limit], |row| job(books, row))?;
    jobs.collect()
}

/// Does what a user wishes, or notes it for the worker.
pub fn wish(books: &Connection, id: &str, wish: Wish) -> Result<Job, Trouble> {
    let becomes = rules::wished(&get(books, id)?, wish)?;
    books.execute(
        "UPDATE jobs SET revision = ?, state = ?, wish = ?, stopped = ?, finished = ? WHERE id = ?",
        params![
            next_revision(books)?,
            becomes.state.name(),
            becomes.wish.map(Wish::name),
            becomes.stopped,
            becomes.state.is_over().then(|| Time::now().0),
            id,
        ],
    )?;
    get(books, id)
}

/// Gives a job another priority.
pub fn prioritise(books: &Connection, id: &str, priority: i32) -> Result<Job, Trouble> {
    rules::may_wait(&get(books, id)?)?;
    let change = "UPDATE jobs SET revision = ?, priority = ? WHERE id = ?";
    books.execute(change, params![next_revision(books)?, priority, id])?;
    get(books, id)
}

/// Forgets a job that nobody works on.
pub fn remove(books: &Connection, id: &str) -> Result<(), Trouble> {
    let job = get(books, id)?;
    if job.state == State::Running {
        return Err(Error::State { id: id.into(), state: job.state.name() }.into());
    }
    Ok(forget(books, id)?)
}

/// Forgets a job.
pub fn forget(books: &Connection, id: &str) -> rusqlite::Result<()> {
    let revision = next_revision(books)?;
    books.execute("DELETE FROM jobs WHERE id = ?", [id])?;
    books.execute("INSERT INTO gone VALUES (?, ?)", params![revision, id])?;
    let old =
        "DELETE FROM gone WHERE revision NOT IN (SELECT revision FROM gone ORDER BY revision DESC LIMIT ?)";
    books.execute(old, [REMEMBERED])?;
    Ok(())
}
