//! Uploads: streamed to a file while they are counted, timed and hashed.

use super::Failure;
use super::look::{id_of, look, store};
use crate::error::Error;
use crate::guard;
use crate::picture::Picture;
use crate::server::App;
use crate::time::Time;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Extensions, HeaderMap, StatusCode};
use futures_util::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// For so long a sender may be slow.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest name that is kept.
const NAME: usize = 120;

/// What the file is called.
#[derive(Debug, Deserialize)]
pub struct Named {
    name: Option<String>,
}

/// Takes a picture or a clip.
pub async fn upload(
    State(app): State<Arc<App>>,
    Query(Named { name }): Query<Named>,
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
    let (file, digest) = received(&app, body).await?;
    let (id, name) = (id_of(&digest), readable(name.as_deref().unwrap_or_default()));
    // The same file again is known already.
    if let Some(known) = app.queue.pictures(&[&id]).await?.pop() {
        let known = Picture { used: Time::now(), ..known };
        app.queue.add_picture(&known).await?;
        return Ok((StatusCode::CREATED, Json(known)));
    }
    let _turn = app.looks.acquire().await;
    let limits = app.limits;
    let looked = tokio::task::spawn_blocking(move || look(file, id, name, limits)).await;
    let looked = looked.map_err(|error| {
        crate::log::warn("an upload", &error);
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "the file cannot be read")
    })??;
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
