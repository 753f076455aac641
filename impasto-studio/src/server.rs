//! The server: connections to requests to answers.

mod listen;
mod pages;

pub use listen::{Client, listen};

use crate::api::{self, Style};
use crate::cleaner::Cleaner;
use crate::guard::{self, Hosts, Rate, Token};
use crate::options::Limits;
use crate::queue::Queue;
use crate::store::Store;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Longest body of a request, uploads left out.
const BODY: usize = 1 << 18;

/// What all requests share.
pub struct App {
    /// Jobs and pictures' facts.
    pub queue: Arc<dyn Queue>,
    /// Files.
    pub store: Arc<dyn Store>,
    /// Room on the disk.
    pub cleaner: Arc<Cleaner>,
    /// Names of styles that networks have learnt.
    pub styles: Vec<String>,
    /// Names of the classes that the program can imagine.
    pub classes: Vec<String>,
    /// What jobs' networks run on: `auto`, `cpu`, `gpu` or `gpu:N`.
    pub device: String,
    /// Styles and paintings to begin with.
    pub gallery: Vec<Style>,
    /// Bounds.
    pub limits: Limits,
    /// What the server may be called.
    pub hosts: Hosts,
    /// What a client has to know.
    pub token: Option<Token>,
    /// Uploads of every client.
    pub uploads: Rate,
    /// Uploads that are looked at at a time.
    pub looks: Semaphore,
    /// Folder of uploads on their way.
    pub temporary: PathBuf,
    /// Whether ffmpeg is installed.
    pub ffmpeg: bool,
    /// True when the studio stops.
    pub stop: watch::Receiver<bool>,
}

/// All that is answered.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(api::routes())
        .fallback(pages::page)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}
