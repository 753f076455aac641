//! Headers of every answer: the page needs nothing but what the server gives it.

use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What the page may load.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What a file that a job has made may do, such as an atlas, which is a page with its own script: it runs as a stranger to
/// the studio, and loads nothing.
const FILE: &str = "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; \
    style-src 'unsafe-inline'; img-src data:; media-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Puts the headers of an answer to `path`.
pub fn add(path: &str, headers: &mut HeaderMap) {
    let policy = if path.starts_with("/api/") && path.contains("/files/") { FILE } else { PAGE };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
