//! What a page must know of the studio.

use crate::server::App;
use crate::verb;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// Says that the server answers.
pub async fn health() -> Json<Value> {
    Json(json!({ "ok": true }))
}

/// Names of the classes that can be imagined.
pub async fn classes(State(app): State<Arc<App>>) -> Json<Vec<String>> {
    Json(app.classes.clone())
}

/// Limits, version, device, and whether clips can be painted.
pub async fn settings(State(app): State<Arc<App>>) -> Json<Value> {
    let limits = &app.limits;
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "device": app.device,
        "threads": std::thread::available_parallelism().map_or(1, usize::from),
        "ffmpeg": app.ffmpeg,
        "verbs": verb::NAMES,
        "limits": {
            "upload": limits.upload,
            "pixels": limits.pixels,
            "side": limits.side,
            "iterations": limits.iterations,
            "jobs": limits.jobs,
            "uploads": limits.uploads,
            "job_time": limits.job_time.as_secs(),
            "quota": limits.quota,
        },
    }))
}
