//! The interface that pages and programs use, see `docs/studio.md`.

mod events;
mod failure;
mod files;
mod gallery;
mod jobs;
mod look;
mod pictures;
mod settings;
mod sniff;
mod thumbnails;
mod upload;

pub use failure::Failure;
pub use files::media;
pub use gallery::{Style, hang};

use crate::server::App;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;

/// The interface's description.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// All routes, each of which is in [`OPENAPI`].
fn table() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    vec![
        ("/api/health", get(settings::health)),
        ("/api/settings", get(settings::settings)),
        ("/api/openapi.json", get(|| async { ([(CONTENT_TYPE, "application/json")], OPENAPI) })),
        ("/api/styles", get(gallery::styles)),
        ("/api/classes", get(settings::classes)),
        ("/api/pictures", post(upload::upload)),
        ("/api/pictures/{id}", get(pictures::facts)),
        ("/api/pictures/{id}/original", get(pictures::original)),
        ("/api/pictures/{id}/preview", get(pictures::preview)),
        ("/api/pictures/{id}/thumbnail", get(pictures::thumbnail)),
        ("/api/jobs", get(jobs::list).post(jobs::add)),
        ("/api/jobs/{id}", get(jobs::get).delete(jobs::remove)),
        ("/api/jobs/{id}/points", get(jobs::points)),
        ("/api/jobs/{id}/priority", post(jobs::prioritise)),
        ("/api/jobs/{id}/pause", post(jobs::pause)),
        ("/api/jobs/{id}/continue", post(jobs::go_on)),
        ("/api/jobs/{id}/stop", post(jobs::stop)),
        ("/api/jobs/{id}/cancel", post(jobs::cancel)),
        ("/api/jobs/{id}/files/{name}", get(jobs::file)),
        ("/api/events", get(events::events)),
    ]
}

/// The routes; what they do not answer is JSON, too.
pub fn routes() -> Router<Arc<App>> {
    table().into_iter().fold(Router::new(), |router, (path, methods)| {
        let other = || async { Failure::new(StatusCode::METHOD_NOT_ALLOWED, "that cannot be done here") };
        router.route(path, methods.fallback(other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn the_description_has_all_routes_and_no_others() {
        let described: Value = serde_json::from_str(OPENAPI).expect("JSON");
        let described: BTreeSet<&str> =
            described["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
        let there: BTreeSet<&str> = table().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, there);
    }
}
