//! Uploads: streamed to a file while they are counted, timed and hashed.

use super::look::{id_of, in_turn, look, store};
use super::{Failure, jobs};
use crate::error::Error;
use crate::guard;
use crate::picture::Picture;
use crate::server::App;
use crate::store::key;
use crate::time::Time;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Extensions, HeaderMap, StatusCode};
use futures_util::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// For so long a sender may be slow.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest name that is kept.
const NAME: usize = 120;

/// What the file is called, and what a job has made of that name, if the file is not the body.
#[derive(Debug, Deserialize)]
pub struct Named {
    name: Option<String>,
    job: Option<String>,
    file: Option<String>,
}

/// Takes a picture or a clip, sent or made by a job.
pub async fn upload(
    State(app): State<Arc<App>>,
    Query(Named { name, job, file }): Query<Named>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Picture>), Failure> {
    if !app.uploads.allows(&guard::client(&extensions), Instant::now()) {
        let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "too many uploads");
        return Err(failure.hint(format_args!("{} a minute are taken; wait a little", app.limits.uploads)));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > app.limits.upload) {
        return Err(too_long(app.limits.upload));
    }
    app.cleaner.make_room(length.unwrap_or(0)).await?;
    let (file, digest) = match (job, file) {
        (None, None) => received(&app, body).await?,
        (Some(job), Some(file)) => made(&app, &job, &file).await?,
        _ => return Err(Failure::bad("job and file belong together")),
    };
    let (id, name) = (id_of(&digest), readable(name.as_deref().unwrap_or_default()));
    // The same file again is known already.
    if let Some(known) = app.queue.pictures(&[&id]).await?.pop() {
        let known = Picture { used: Time::now(), ..known };
        app.queue.add_picture(&known).await?;
        return Ok((StatusCode::CREATED, Json(known)));
    }
    let limits = app.limits;
    let looked = in_turn(&app, move || look(file, id, name, limits)).await?;
    let picture = store(looked, false, &*app.queue, &*app.store).await?;
    app.cleaner.count(picture.bytes);
    Ok((StatusCode::CREATED, Json(picture)))
}

/// Writes a body to a temporary file; its digest.
async fn received(app: &App, body: Body) -> Result<(TempPath, Vec<u8>), Failure> {
    let limits = &app.limits;
    let failed = || Error::file(&app.temporary, "cannot be written");
    let file = NamedTempFile::new_in(&app.temporary).map_err(failed())?;
    let (file, path) = file.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let (mut hasher, mut bytes, began) = (Sha256::new(), 0, Instant::now());
    let mut pieces = body.into_data_stream();
    loop {
        let left = limits.upload_time.saturating_sub(began.elapsed()).min(PATIENCE);
        let piece = timeout(left, pieces.next()).await.map_err(|_| too_slow())?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|_| Failure::bad("the upload broke off"))?;
        bytes += piece.len() as u64;
        if bytes > limits.upload {
            return Err(too_long(limits.upload));
        }
        let counted = began.elapsed().saturating_sub(PATIENCE).as_secs_f64();
        if (bytes as f64) < counted * limits.upload_rate as f64 {
            return Err(too_slow());
        }
        hasher.update(&piece);
        file.write_all(&piece).await.map_err(failed())?;
    }
    file.flush().await.map_err(failed())?;
    Ok((path, hasher.finalize().to_vec()))
}

/// A file that a job has made, in a temporary place; its digest.
async fn made(app: &App, job: &str, file: &str) -> Result<(TempPath, Vec<u8>), Failure> {
    let job = jobs::find(app, job).await?;
    let key = key::file(&job.id, &jobs::find_file(&job, file)?.name);
    let path = fetched(app, &key).await?;
    let digested = tokio::task::spawn_blocking(move || Ok((digest(&path)?, path)));
    let digested = digested.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let (digest, path) = digested.map_err(Error::file(&app.temporary, "cannot be read"))?;
    Ok((path, digest))
}

/// The digest of a file.
fn digest(path: &Path) -> std::io::Result<Vec<u8>> {
    let (mut file, mut hasher) = (std::fs::File::open(path)?, Sha256::new());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finalize().to_vec()),
            read => hasher.update(&piece[..read]),
        }
    }
}

/// A local copy of a file in the store, not to be changed.
pub async fn fetched(app: &App, key: &str) -> Result<TempPath, Failure> {
    let path = app.temporary.join(crate::id::random());
    app.store.fetch(key, &path).await?;
    Ok(TempPath::try_from_path(&path).map_err(Error::file(&path, "cannot be used"))?)
}

fn too_long(limit: u64) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "the file is too large")
        .hint(format_args!("{limit} bytes are taken"))
}

fn too_slow() -> Failure {
    Failure::new(StatusCode::REQUEST_TIMEOUT, "the file came too slowly").hint("try again")
}

/// A name to show: what comes after the last folder, without control characters.
fn readable(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let name = name.trim();
    if name.trim_matches('.').is_empty() { "picture".into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_lose_their_folders() {
        assert_eq!(readable("../../etc/passwd"), "passwd");
        assert_eq!(readable("C:\\photos\\me.jpg"), "me.jpg");
        assert_eq!(readable("a\0\nb\u{1b}.png"), "ab.png");
        for empty in ["", "..", ".", "/", "a/", " \t"] {
            assert_eq!(readable(empty), "picture", "{empty:?}");
        }
        assert_eq!(readable(&"x".repeat(500)).len(), 120);
    }
}
