//! Small versions of what jobs have made.

use super::Failure;
use super::files::{Holds, file, media};
use super::look::{in_turn, small};
use super::upload::fetched;
use crate::error::Error;
use crate::job::{File, Job};
use crate::server::App;
use crate::store::key;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

/// A file of a job at 256 pixels at most, made when it is first asked for. Of a job that is not over, whose files may
/// change, nothing is kept.
///
/// # Errors
/// 404 if it is no picture; those of looking at one.
pub async fn thumbnail(app: &App, job: &Job, of: &File, headers: &HeaderMap) -> Result<Response, Failure> {
    if !media(&of.name).starts_with("image/") {
        return Err(Failure::missing("such picture"));
    }
    let key = key::small_file(&job.id, &of.name);
    let over = job.state.is_over();
    if !over || app.store.get(&key, Some(0..0)).await?.is_none() {
        let made = made(app, job, of).await?;
        if !over {
            let headers = [(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-cache")];
            return Ok((headers, made).into_response());
        }
        app.store.put(&key, made).await?;
    }
    file(&*app.store, &key, "image/jpeg", Holds::Always, None, headers).await
}

/// The JPEG of it.
async fn made(app: &App, job: &Job, of: &File) -> Result<Bytes, Failure> {
    let original = fetched(app, &key::file(&job.id, &of.name)).await?;
    let (name, limits) = (of.name.clone(), app.limits);
    let made = in_turn(app, move || {
        let small = small(&original, &name, &limits)?;
        Ok(std::fs::read(&small).map_err(Error::file(&small, "cannot be read"))?)
    });
    made.await.map(Bytes::from)
}
