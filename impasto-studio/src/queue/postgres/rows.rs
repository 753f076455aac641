//! Rows to jobs and back.

use super::Trouble;
use crate::error::Error;
use crate::job::{File, Job, Lane, Revision, State, Wish};
use crate::time::Time;
use crate::verb::Line;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::{Row, Transaction};

/// The columns that [`jobs`] reads.
pub const COLUMNS: &str = "number, id, revision, verb, settings, line, state, lane, priority, parent, created, \
    started, finished, stopped, progress, notes, error, wish, attempts";

/// The next revision, for a change, which listeners hear of when it can be seen. From here on all other changes wait, so
/// that revisions can be seen in their order; jobs are locked before it.
pub async fn next_revision(books: &Transaction<'_>) -> Result<i64, Trouble> {
    let next = "UPDATE studio SET revision = revision + 1
        RETURNING revision, pg_notify('impasto', revision::text)::text";
    Ok(books.query_one(next, &[]).await?.try_get(0)?)
}

/// The last revision.
pub async fn last_revision(books: &Transaction<'_>) -> Result<Revision, Trouble> {
    let row = books.query_one("SELECT revision FROM studio", &[]).await?;
    unsigned(row.try_get(0)?)
}

/// A number that was stored.
pub fn unsigned<T: TryFrom<i64>>(value: i64) -> Result<T, Trouble> {
    T::try_from(value).map_err(|_| Trouble::Stored(format!("{value} is out of range")))
}

/// A number to be stored; one beyond all bounds is the largest.
pub fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A value as it is stored.
pub fn text(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(|error| Trouble::Stored(error.to_string()))
}

/// A value that was stored by [`text`].
pub fn value<T: DeserializeOwned>(text: &str) -> Result<T, Trouble> {
    serde_json::from_str(text).map_err(|error| Trouble::Stored(error.to_string()))
}

/// The jobs of rows, with their files.
pub async fn jobs(books: &Transaction<'_>, rows: &[Row]) -> Result<Vec<Job>, Trouble> {
    let mut jobs = rows.iter().map(job).collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<i64> = jobs.iter().map(|job| signed(job.number)).collect();
    let query = "SELECT job, name, kind, bytes, facts FROM files WHERE job = ANY($1) ORDER BY job, place";
    for row in books.query(query, &[&numbers]).await? {
        let number: u64 = unsigned(row.try_get(0)?)?;
        let facts = value(row.try_get(4)?)?;
        let file =
            File { name: row.try_get(1)?, kind: row.try_get(2)?, bytes: unsigned(row.try_get(3)?)?, facts };
        jobs.iter_mut().filter(|job| job.number == number).for_each(|job| job.files.push(file.clone()));
    }
    Ok(jobs)
}

/// An id as texts can hold it: there is none with a zero byte, and none without a byte.
pub fn id(text: &str) -> &str {
    if text.contains('\0') { "" } else { text }
}

/// A job that must be there.
pub async fn one(books: &Transaction<'_>, row: Option<Row>, id: &str) -> Result<Job, Trouble> {
    let row = row.ok_or_else(|| Error::Missing(format!("job {id:?}")))?;
    jobs(books, std::slice::from_ref(&row)).await?.pop().ok_or_else(|| Trouble::Stored("no job".into()))
}

fn job(row: &Row) -> Result<Job, Trouble> {
    let text = |column: &str| row.try_get::<_, String>(column);
    let stored = |column: &str| row.try_get::<_, Option<String>>(column);
    let time = |column: &str| Ok::<_, Trouble>(row.try_get::<_, Option<i64>>(column)?.map(Time));
    let line: Line = value(&text("line")?)?;
    let state = text("state")?;
    Ok(Job {
        number: unsigned(row.try_get("number")?)?,
        id: text("id")?,
        revision: unsigned(row.try_get("revision")?)?,
        verb: text("verb")?,
        settings: value(&text("settings")?)?,
        command: line.command(),
        state: State::named(&state).ok_or_else(|| Trouble::Stored(format!("{state:?} is no state")))?,
        wish: stored("wish")?.as_deref().and_then(Wish::named),
        lane: if text("lane")? == Lane::Quick.name() { Lane::Quick } else { Lane::Long },
        priority: row.try_get("priority")?,
        parent: stored("parent")?,
        created: Time(row.try_get("created")?),
        started: time("started")?,
        finished: time("finished")?,
        stopped: row.try_get("stopped")?,
        progress: stored("progress")?.map(|text| value(&text)).transpose()?,
        notes: value(&text("notes")?)?,
        error: stored("error")?.map(|text| value(&text)).transpose()?,
        files: Vec::new(),
        line,
        attempts: unsigned(row.try_get::<_, i32>("attempts")?.into())?,
    })
}
