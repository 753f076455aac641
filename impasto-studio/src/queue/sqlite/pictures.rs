//! Pictures' facts, and what may be forgotten.

use super::jobs::forget;
use super::row::{text, value};
use crate::picture::Picture;
use crate::queue::Expendable;
use crate::time::Time;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// Notes a picture, or that it was uploaded again.
pub fn add(books: &Connection, picture: &Picture) -> rusqlite::Result<()> {
    books.execute(
        "INSERT INTO pictures VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET used = ?4, shipped = max(shipped, ?3)",
        params![picture.id, text(picture)?, picture.shipped, picture.used.0],
    )?;
    Ok(())
}

/// The pictures of these ids that there are.
pub fn find(books: &Connection, ids: &[String]) -> rusqlite::Result<Vec<Picture>> {
    let mut query = books.prepare_cached("SELECT picture, shipped, used FROM pictures WHERE id = ?")?;
    let mut found = Vec::new();
    for id in ids {
        let picture = query.query_row([id], |row| {
            let picture: Picture = value(&row.get::<_, String>(0)?, 0)?;
            Ok(Picture { shipped: row.get(1)?, used: Time(row.get(2)?), ..picture })
        });
        found.extend(picture.optional()?);
    }
    Ok(found)
}

/// Forgets what can best be done without.
pub fn expendable(books: &Connection, spare: Duration) -> rusqlite::Result<Option<Expendable>> {
    let before = Time::now().0 - i64::try_from(spare.as_millis()).unwrap_or(i64::MAX);
    let query = "SELECT id FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND finished < ?
        ORDER BY finished LIMIT 1";
    let job: Option<String> = books.query_row(query, [before], |row| row.get(0)).optional()?;
    if let Some(id) = job {
        forget(books, &id)?;
        return Ok(Some(Expendable::Job(id)));
    }
    let query = "DELETE FROM pictures WHERE id = (SELECT id FROM pictures WHERE NOT shipped AND used < ?
        AND id NOT IN (SELECT picture FROM uses) ORDER BY used LIMIT 1) RETURNING id";
    let picture: Option<String> = books.query_row(query, [before], |row| row.get(0)).optional()?;
    Ok(picture.map(Expendable::Picture))
}
