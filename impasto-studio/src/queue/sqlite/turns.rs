//! What workers do with jobs.

use super::Trouble;
use super::jobs::get;
use super::row::{COLUMNS, job, next_revision, text};
use crate::error::Error;
use crate::job::{Job, Lane, Wish};
use crate::queue::rules;
use crate::queue::{Ending, News};
use crate::time::Time;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// Gives a worker the next job of a lane.
pub fn take(books: &Connection, worker: &str, lane: Lane, lease: Duration) -> rusqlite::Result<Option<Job>> {
    let next =
        "SELECT id FROM jobs WHERE state = 'queued' AND lane = ? ORDER BY priority DESC, number LIMIT 1";
    let next = books.prepare_cached(next)?.query_row([lane.name()], |row| row.get::<_, String>(0));
    let Some(id) = next.optional()? else { return Ok(None) };
    let now = Time::now();
    let taken = format!(
        "UPDATE jobs SET revision = ?, state = 'running', worker = ?, lease = ?, attempts = attempts + 1,
             started = coalesce(started, ?), wish = NULL
         WHERE id = ? RETURNING {COLUMNS}"
    );
    let values = params![next_revision(books)?, worker, now.after(lease).0, now.0, id];
    books.query_row(&taken, values, |row| job(books, row)).optional()
}

/// A running job that a worker must hold: its number and wish.
fn held(books: &Connection, id: &str, worker: &str) -> Result<(u64, Option<Wish>), Trouble> {
    let query = "SELECT number, wish FROM jobs WHERE id = ? AND worker = ? AND state = 'running'";
    let found = books.prepare_cached(query)?.query_row(params![id, worker], |row| {
        Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.as_deref().and_then(Wish::named)))
    });
    found.optional()?.ok_or_else(|| Error::Lost(id.into()).into())
}

/// Tells news of a job and keeps it.
pub fn beat(
    books: &Connection,
    id: &str,
    worker: &str,
    lease: Duration,
    news: &News,
) -> Result<Option<Wish>, Trouble> {
    let (number, wish) = held(books, id, worker)?;
    books
        .execute("UPDATE jobs SET lease = ? WHERE number = ?", params![Time::now().after(lease).0, number])?;
    if news.is_empty() {
        return Ok(wish);
    }
    let revision = next_revision(books)?;
    let progress = news.progress.as_ref().map(text).transpose()?;
    let change = "UPDATE jobs SET revision = ?, progress = coalesce(?, progress) WHERE number = ?";
    books.execute(change, params![revision, progress, number])?;
    if !news.notes.is_empty() {
        let query = "SELECT notes FROM jobs WHERE number = ?";
        let before: String = books.query_row(query, [number], |row| row.get(0))?;
        let mut notes: Vec<String> = super::row::value(&before, 0)?;
        rules::note(&mut notes, &news.notes);
        books.execute("UPDATE jobs SET notes = ? WHERE number = ?", params![text(&notes)?, number])?;
    }
    for file in &news.files {
        let insert = "INSERT OR REPLACE INTO files VALUES
            (?1, (SELECT coalesce(max(place), 0) + 1 FROM files WHERE job = ?1), ?2, ?3, ?4, ?5)";
        let facts = text(&file.facts)?;
        books.prepare_cached(insert)?.execute(params![number, file.name, file.kind, file.bytes, facts])?;
    }
    for point in &news.points {
        let insert = "INSERT INTO points VALUES
            (?1, (SELECT coalesce(max(n), 0) + 1 FROM points WHERE job = ?1), ?2, ?3)";
        books.prepare_cached(insert)?.execute(params![number, revision, text(point)?])?;
    }
    Ok(wish)
}

/// Ends a worker's turn.
pub fn finish(books: &Connection, id: &str, worker: &str, ending: &Ending) -> Result<Job, Trouble> {
    let (number, _) = held(books, id, worker)?;
    let (becomes, tried) = rules::ended(ending);
    books.execute(
        "UPDATE jobs SET revision = ?, state = ?, stopped = ?, error = ?, finished = ?, wish = NULL, worker = NULL,
             lease = NULL, attempts = CASE WHEN ? THEN attempts ELSE 0 END WHERE number = ?",
        params![
            next_revision(books)?,
            becomes.state.name(),
            becomes.stopped,
            becomes.error.as_ref().map(text).transpose()?,
            becomes.state.is_over().then(|| Time::now().0),
            tried,
            number,
        ],
    )?;
    get(books, id)
}

/// Queues jobs again whose worker is gone; a wish that was not heard is done instead.
pub fn recover(books: &Connection, worker: Option<&str>) -> rusqlite::Result<usize> {
    let query =
        "SELECT number, attempts, wish FROM jobs WHERE state = 'running' AND (lease < ? OR worker = ?)";
    let now = Time::now().0;
    let lost: Vec<(u64, u32, Option<String>)> = books
        .prepare_cached(query)?
        .query_map(params![now, worker], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (number, attempts, wish) in &lost {
        let becomes = rules::deserted(*attempts, wish.as_deref().and_then(Wish::named));
        let error = becomes.error.as_ref().map(text).transpose()?;
        books.execute(
            "UPDATE jobs SET revision = ?, state = ?, error = ?, finished = ?, wish = NULL, worker = NULL, lease = NULL
             WHERE number = ?",
            params![next_revision(books)?, becomes.state.name(), error, becomes.state.is_over().then_some(now), number],
        )?;
    }
    Ok(lost.len())
}
