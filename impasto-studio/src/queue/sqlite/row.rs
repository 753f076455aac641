//! Rows to jobs and back.

use crate::job::{File, Job, Lane, Revision, State, Wish};
use crate::time::Time;
use crate::verb::Line;
use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The columns that [`job`] reads.
pub const COLUMNS: &str = "number, id, revision, verb, settings, line, state, lane, priority, parent, created, \
    started, finished, stopped, progress, notes, error, wish, attempts";

/// The last revision.
pub fn last_revision(books: &Connection) -> rusqlite::Result<Revision> {
    books.query_row("SELECT revision FROM studio", [], |row| row.get(0))
}

/// The next revision, for a change.
pub fn next_revision(books: &Connection) -> rusqlite::Result<Revision> {
    books.query_row("UPDATE studio SET revision = revision + 1 RETURNING revision", [], |row| row.get(0))
}

/// A value as it is stored.
pub fn text(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A value that was stored by [`text`] in column `index`.
pub fn value<T: DeserializeOwned>(text: &str, index: usize) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into()))
}

/// The job of a row, with its files.
pub fn job(books: &Connection, row: &Row<'_>) -> rusqlite::Result<Job> {
    let text = |index: usize| row.get::<_, String>(index);
    let time = |index: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(Time));
    let line: Line = value(&text(5)?, 5)?;
    let stored = |index: usize| row.get::<_, Option<String>>(index);
    let number: u64 = row.get(0)?;
    let unknown =
        |index: usize| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, "an unknown name".into());
    Ok(Job {
        number,
        id: text(1)?,
        revision: row.get(2)?,
        verb: text(3)?,
        settings: value(&text(4)?, 4)?,
        command: line.command(),
        state: State::named(&text(6)?).ok_or_else(|| unknown(6))?,
        lane: if text(7)? == Lane::Quick.name() { Lane::Quick } else { Lane::Long },
        priority: row.get(8)?,
        parent: row.get(9)?,
        created: Time(row.get(10)?),
        started: time(11)?,
        finished: time(12)?,
        stopped: row.get(13)?,
        progress: stored(14)?.map(|text| value(&text, 14)).transpose()?,
        notes: value(&text(15)?, 15)?,
        error: stored(16)?.map(|text| value(&text, 16)).transpose()?,
        wish: stored(17)?.as_deref().and_then(Wish::named),
        attempts: row.get(18)?,
        files: files(books, number)?,
        line,
    })
}

/// The files of a job, in the order in which they were made.
fn files(books: &Connection, job: u64) -> rusqlite::Result<Vec<File>> {
    let query = "SELECT name, kind, bytes, facts FROM files WHERE job = ? ORDER BY place";
    let mut query = books.prepare_cached(query)?;
    let files = query.query_map([job], |row| {
        let facts = value(&row.get::<_, String>(3)?, 3)?;
        Ok(File { name: row.get(0)?, kind: row.get(1)?, bytes: row.get(2)?, facts })
    })?;
    files.collect()
}
