//! Pictures and clips that were uploaded.

use super::Failure;
use super::files::{Holds, file};
use crate::picture::Picture;
use crate::server::App;
use crate::store::key;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// Whether a file is to be kept.
#[derive(Debug, Deserialize)]
pub struct Keep {
    download: Option<String>,
}

impl Keep {
    /// Whether it is.
    pub fn is_wanted(&self) -> bool {
        self.download.as_deref() == Some("1")
    }
}

/// A picture that must be there.
async fn find(app: &App, id: &str) -> Result<Picture, Failure> {
    app.queue.pictures(&[id]).await?.pop().ok_or_else(|| Failure::missing("such picture"))
}

/// The picture's facts.
pub async fn facts(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Picture>, Failure> {
    Ok(Json(find(&app, &id).await?))
}

/// The file as it was uploaded.
pub async fn original(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(keep): Query<Keep>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let picture = find(&app, &id).await?;
    let name = keep.is_wanted().then_some(picture.name.as_str());
    file(&*app.store, &key::original(&picture.id), &picture.media, Holds::Always, name, &headers).await
}

/// The picture at 1024 pixels at most.
pub async fn preview(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let picture = find(&app, &id).await?;
    file(&*app.store, &key::preview(&picture.id), "image/jpeg", Holds::Always, None, &headers).await
}

/// The picture at 256 pixels at most.
pub async fn thumbnail(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let picture = find(&app, &id).await?;
    file(&*app.store, &key::thumbnail(&picture.id), "image/jpeg", Holds::Always, None, &headers).await
}
