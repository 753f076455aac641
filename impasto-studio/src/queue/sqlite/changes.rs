//! What changed after a revision.

use super::row::{COLUMNS, job, last_revision, value};
use crate::job::{Point, Revision};
use crate::queue::Changes;
use crate::queue::rules::{POINTS, by_job};
use rusqlite::{Connection, Row, params};

/// What changed after a revision.
pub fn changes(books: &Connection, after: Revision) -> rusqlite::Result<Changes> {
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE revision > ? ORDER BY revision");
    let jobs =
        books.prepare_cached(&query)?.query_map([after], |row| job(books, row))?.collect::<Result<_, _>>()?;
    let mut query = books.prepare_cached("SELECT id FROM gone WHERE revision > ? ORDER BY revision")?;
    let gone = query.query_map([after], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let query = "SELECT n, point, id FROM points JOIN jobs ON job = number WHERE points.revision > ?
        ORDER BY points.revision DESC, n DESC LIMIT ?";
    let mut query = books.prepare_cached(query)?;
    let rows = query.query_map(params![after, POINTS], |row| Ok((row.get::<_, String>(2)?, point(row)?)))?;
    Ok(Changes { revision: last_revision(books)?, jobs, gone, points: by_job(rows)? })
}

/// The points of a job beyond the `after`th.
pub fn points_of(books: &Connection, id: &str, after: u64) -> rusqlite::Result<Vec<Point>> {
    let query = "SELECT n, point FROM points JOIN jobs ON job = number WHERE id = ? AND n > ? ORDER BY n";
    let mut query = books.prepare_cached(query)?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    query.query_map(params![id, after], point)?.collect()
}

fn point(row: &Row<'_>) -> rusqlite::Result<Point> {
    Ok(Point { n: row.get(0)?, values: value(&row.get::<_, String>(1)?, 1)? })
}
