//! What changed after a revision.

use super::Trouble;
use super::rows::{self, COLUMNS, jobs, last_revision, signed, unsigned, value};
use crate::job::{Point, Revision};
use crate::queue::Changes;
use crate::queue::rules::{POINTS, by_job};
use tokio_postgres::{Row, Transaction};

/// What changed after a revision, all as it was at one moment.
pub async fn changes(books: &Transaction<'_>, after: Revision) -> Result<Changes, Trouble> {
    books.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let after = signed(after);
    let query = format!("SELECT {COLUMNS} FROM jobs WHERE revision > $1 ORDER BY revision");
    let jobs = jobs(books, &books.query(&query, &[&after]).await?).await?;
    let query = "SELECT id FROM gone WHERE revision > $1 ORDER BY revision";
    let gone = books.query(query, &[&after]).await?;
    let gone = gone.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let query = "SELECT n, point, id FROM points JOIN jobs ON job = number WHERE points.revision > $1
        ORDER BY points.revision DESC, n DESC LIMIT $2";
    let rows = books.query(query, &[&after, &i64::from(POINTS)]).await?;
    let points = by_job(rows.iter().map(|row| Ok::<_, Trouble>((row.try_get(2)?, point(row)?))))?;
    Ok(Changes { revision: last_revision(books).await?, jobs, gone, points })
}

/// The points of a job beyond the `after`th.
pub async fn points_of(books: &Transaction<'_>, id: &str, after: u64) -> Result<Vec<Point>, Trouble> {
    let query = "SELECT n, point FROM points JOIN jobs ON job = number WHERE id = $1 AND n > $2 ORDER BY n";
    let rows = books.query(query, &[&rows::id(id), &signed(after)]).await?;
    rows.iter().map(point).collect()
}

fn point(row: &Row) -> Result<Point, Trouble> {
    Ok(Point { n: unsigned(row.try_get(0)?)?, values: value(row.try_get(1)?)? })
}
