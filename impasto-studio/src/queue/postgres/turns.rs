//! What workers do with jobs.

use super::Trouble;
use super::rows::{COLUMNS, next_revision, one, signed, text, unsigned, value};
use crate::error::Error;
use crate::job::{Job, Lane, Wish};
use crate::queue::rules;
use crate::queue::{Ending, News};
use std::time::Duration;
use tokio_postgres::Transaction;

fn millis(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX >> 1)
}

/// Gives a worker the next job of a lane; one that another worker is taking is passed over.
pub async fn take(
    books: &Transaction<'_>,
    worker: &str,
    lane: Lane,
    lease: Duration,
) -> Result<Option<Job>, Trouble> {
    let next =
        "SELECT id FROM jobs WHERE state = 'queued' AND lane = $1 ORDER BY priority DESC, number LIMIT 1
        FOR UPDATE SKIP LOCKED";
    let Some(row) = books.query_opt(next, &[&lane.name()]).await? else { return Ok(None) };
    let id: String = row.try_get(0)?;
    let take = format!(
        "UPDATE jobs SET revision = $1, state = 'running', worker = $2, lease = millis() + $3,
             attempts = attempts + 1, started = coalesce(started, millis()), wish = NULL
         WHERE id = $4 RETURNING {COLUMNS}"
    );
    let revision = next_revision(books).await?;
    let row = books.query_opt(&take, &[&revision, &worker, &millis(lease), &id]).await?;
    one(books, row, &id).await.map(Some)
}

/// A running job that a worker must hold: its number and wish.
async fn held(books: &Transaction<'_>, id: &str, worker: &str) -> Result<(i64, Option<Wish>), Trouble> {
    let query =
        "SELECT number, wish FROM jobs WHERE id = $1 AND worker = $2 AND state = 'running' FOR UPDATE";
    let row = books.query_opt(query, &[&id, &worker]).await?;
    let row = row.ok_or_else(|| Error::Lost(id.into()))?;
    let wish: Option<String> = row.try_get(1)?;
    Ok((row.try_get(0)?, wish.as_deref().and_then(Wish::named)))
}

/// Tells news of a job and keeps it.
pub async fn beat(
    books: &Transaction<'_>,
    id: &str,
    worker: &str,
    lease: Duration,
    news: &News,
) -> Result<Option<Wish>, Trouble> {
    let (number, wish) = held(books, id, worker).await?;
    let keep = "UPDATE jobs SET lease = millis() + $1 WHERE number = $2";
    books.execute(keep, &[&millis(lease), &number]).await?;
    if news.is_empty() {
        return Ok(wish);
    }
    let revision = next_revision(books).await?;
    let progress = news.progress.as_ref().map(text).transpose()?;
    let change = "UPDATE jobs SET revision = $1, progress = coalesce($2, progress) WHERE number = $3";
    books.execute(change, &[&revision, &progress, &number]).await?;
    if !news.notes.is_empty() {
        let row = books.query_one("SELECT notes FROM jobs WHERE number = $1", &[&number]).await?;
        let mut notes: Vec<String> = value(row.try_get(0)?)?;
        rules::note(&mut notes, &news.notes);
        let change = "UPDATE jobs SET notes = $1 WHERE number = $2";
        books.execute(change, &[&text(&notes)?, &number]).await?;
    }
    for file in &news.files {
        let insert = "INSERT INTO files VALUES
            ($1::bigint, (SELECT coalesce(max(place), 0) + 1 FROM files WHERE job = $1), $2, $3, $4, $5)
            ON CONFLICT (job, name) DO UPDATE SET place = excluded.place, kind = excluded.kind,
                bytes = excluded.bytes, facts = excluded.facts";
        let facts = text(&file.facts)?;
        books.execute(insert, &[&number, &file.name, &file.kind, &signed(file.bytes), &facts]).await?;
    }
    if !news.points.is_empty() {
        let insert = "INSERT INTO points
            SELECT $1::bigint, (SELECT coalesce(max(n), 0) FROM points WHERE job = $1) + ordinality, $2::bigint, point
            FROM unnest($3::text[]) WITH ORDINALITY AS news (point)";
        let points = news.points.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        books.execute(insert, &[&number, &revision, &points]).await?;
    }
    Ok(wish)
}

/// Ends a worker's turn.
pub async fn finish(
    books: &Transaction<'_>,
    id: &str,
    worker: &str,
    ending: &Ending,
) -> Result<Job, Trouble> {
    let (number, _) = held(books, id, worker).await?;
    let (becomes, tried) = rules::ended(ending);
    let change = format!(
        "UPDATE jobs SET revision = $1, state = $2, stopped = $3, error = $4,
             finished = CASE WHEN $5 THEN millis() END, wish = NULL, worker = NULL, lease = NULL,
             attempts = CASE WHEN $6 THEN attempts ELSE 0 END
         WHERE number = $7 RETURNING {COLUMNS}"
    );
    let (revision, state) = (next_revision(books).await?, becomes.state.name());
    let error = becomes.error.as_ref().map(text).transpose()?;
    let over = becomes.state.is_over();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&revision, &state, &becomes.stopped, &error, &over, &tried, &number];
    one(books, books.query_opt(&change, &values).await?, id).await
}

/// Queues jobs again whose worker is gone; a wish that was not heard is done instead.
pub async fn recover(books: &Transaction<'_>, worker: Option<&str>) -> Result<usize, Trouble> {
    let query = "SELECT number, attempts, wish FROM jobs
        WHERE state = 'running' AND (lease < millis() OR worker = $1) ORDER BY number FOR UPDATE SKIP LOCKED";
    let deserted = books.query(query, &[&worker]).await?;
    for row in &deserted {
        let (number, wish): (i64, Option<String>) = (row.try_get(0)?, row.try_get(2)?);
        let attempts = unsigned(row.try_get::<_, i32>(1)?.into())?;
        let becomes = rules::deserted(attempts, wish.as_deref().and_then(Wish::named));
        let change =
            "UPDATE jobs SET revision = $1, state = $2, error = $3, wish = NULL, worker = NULL, lease = NULL,
            finished = CASE WHEN $4 THEN millis() END WHERE number = $5";
        let error = becomes.error.as_ref().map(text).transpose()?;
        let (revision, over) = (next_revision(books).await?, becomes.state.is_over());
        books.execute(change, &[&revision, &becomes.state.name(), &error, &over, &number]).await?;
    }
    Ok(deserted.len())
}
