//! The pages, which are part of the program.

use crate::api::Failure;
use crate::api::media;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Shortest file that is worth compressing.
const SHORT: usize = 1024;

#[derive(RustEmbed)]
#[folder = "page/"]
struct Pages;

/// A file of the pages; `/` is `index.html`.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    if ![Method::GET, Method::HEAD].contains(&method) {
        return Failure::new(StatusCode::METHOD_NOT_ALLOWED, "pages can only be read").into_response();
    }
    match Pages::get(name) {
        Some(file) if !name.starts_with("api/") => answer(name, &file, &headers),
        _ => Failure::missing("such page").into_response(),
    }
}

fn answer(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let digest: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{digest}\"");
    let text =
        |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let same = text(IF_NONE_MATCH).split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = match same {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Body::empty().into_response(),
    };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(media(name)));
    // Asked for again every time, which costs one short answer, so that a new version is seen at once.
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, tag);
    }
    if same {
        return response;
    }
    let takes_gzip =
        text(ACCEPT_ENCODING).split(',').any(|coding| coding.trim().split(';').next() == Some("gzip"));
    let is_text = media(name).starts_with("text/")
        || ["json", "svg", "webmanifest"].iter().any(|end| name.ends_with(end));
    if takes_gzip && is_text && file.data.len() >= SHORT {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *response.body_mut() = compressed(digest, &file.data).into();
    } else {
        *response.body_mut() = file.data.to_vec().into();
    }
    response
}

/// A file's compressed bytes; made once.
fn compressed(digest: String, data: &[u8]) -> bytes::Bytes {
    static KNOWN: Mutex<Option<HashMap<String, bytes::Bytes>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    known
        .entry(digest)
        .or_insert_with(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            // Writing to memory cannot fail.
            let _ = encoder.write_all(data);
            encoder.finish().unwrap_or_default().into()
        })
        .clone()
}
