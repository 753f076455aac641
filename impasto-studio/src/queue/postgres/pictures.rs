//! Pictures' facts, and what may be forgotten.

use super::Trouble;
use super::jobs::forget;
use super::rows::{id, text, value};
use crate::picture::Picture;
use crate::queue::Expendable;
use crate::time::Time;
use std::time::Duration;
use tokio_postgres::{Row, Transaction};

/// Notes a picture, or that it was uploaded again.
pub async fn add(books: &Transaction<'_>, picture: &Picture) -> Result<(), Trouble> {
    let insert = "INSERT INTO pictures VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET used = excluded.used, shipped = pictures.shipped OR excluded.shipped";
    books.execute(insert, &[&picture.id, &text(picture)?, &picture.shipped, &picture.used.0]).await?;
    Ok(())
}

/// The pictures of these ids that there are.
pub async fn find(books: &Transaction<'_>, ids: &[&str]) -> Result<Vec<Picture>, Trouble> {
    let query = "SELECT picture, shipped, used FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id)
        JOIN pictures USING (id) ORDER BY ordinality";
    let ids: Vec<&str> = ids.iter().copied().map(id).collect();
    let rows = books.query(query, &[&ids]).await?;
    let picture = |row: &Row| -> Result<Picture, Trouble> {
        let picture: Picture = value(row.try_get(0)?)?;
        Ok(Picture { shipped: row.try_get(1)?, used: Time(row.try_get(2)?), ..picture })
    };
    rows.iter().map(picture).collect()
}

/// Forgets what can best be done without.
pub async fn expendable(books: &Transaction<'_>, spare: Duration) -> Result<Option<Expendable>, Trouble> {
    let spare = i64::try_from(spare.as_millis()).unwrap_or(i64::MAX >> 1);
    let query =
        "SELECT id FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND finished < millis() - $1
        ORDER BY finished LIMIT 1 FOR UPDATE SKIP LOCKED";
    if let Some(row) = books.query_opt(query, &[&spare]).await? {
        let job: String = row.try_get(0)?;
        forget(books, &job).await?;
        return Ok(Some(Expendable::Job(job)));
    }
    let query =
        "DELETE FROM pictures WHERE id = (SELECT id FROM pictures WHERE NOT shipped AND used < millis() - $1
        AND id NOT IN (SELECT picture FROM uses) ORDER BY used LIMIT 1) RETURNING id";
    let row = books.query_opt(query, &[&spare]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(Expendable::Picture))
}
