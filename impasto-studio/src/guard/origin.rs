//! Requests that change something must come from the studio's own page, or from no page at all.

use crate::api::Failure;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};

/// Types of bodies: a page of another site can send neither without asking first, which it is not granted.
const TYPES: [&str; 2] = ["application/json", "application/octet-stream"];

/// Fails with 403 if another site sends the request, and with 415 if its body is of a type that any site could send.
pub fn check(headers: &HeaderMap, host: &str) -> Result<(), Failure> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let foreign = || {
        Failure::new(StatusCode::FORBIDDEN, "another site sent this request")
            .hint("use the studio's own page")
    };
    if let Some(origin) = headers.get(ORIGIN).map(|value| value.to_str().unwrap_or("?")) {
        let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        if !own.is_some_and(|own| own.eq_ignore_ascii_case(host)) {
            return Err(foreign());
        }
    }
    // "none": the user's own doing, not a page's.
    if !matches!(text("sec-fetch-site"), None | Some("same-origin" | "none")) {
        return Err(foreign());
    }
    let has_body =
        headers.contains_key(TRANSFER_ENCODING) || !matches!(text(CONTENT_LENGTH.as_str()), None | Some("0"));
    let kind = text(CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if has_body && !TYPES.contains(&kind.as_str()) {
        let failure =
            Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request's body has no type it may have");
        return Err(failure.hint("send application/json, or a file as application/octet-stream"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(headers: &[(&'static str, &'static str)]) -> u16 {
        let parse = |value: &'static str| value.parse().expect("a value");
        let headers: HeaderMap =
            headers.iter().map(|&(name, value)| (name.parse().expect("a name"), parse(value))).collect();
        check(&headers, "localhost:7700").map_or_else(|failure| failure.status.as_u16(), |()| 200)
    }

    #[test]
    fn other_sites_are_refused() {
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(status(&[]), 200);
        assert_eq!(status(&[json, ("content-length", "2")]), 200);
        assert_eq!(status(&[("origin", "http://localhost:7700"), ("sec-fetch-site", "same-origin")]), 200);
        for origin in [
            "null",
            "http://localhost",
            "http://evil.example",
            "http://localhost:7700.evil.example",
            "file://",
        ] {
            assert_eq!(status(&[("origin", origin)]), 403, "{origin}");
        }
        for site in ["cross-site", "same-site", "?"] {
            assert_eq!(status(&[("sec-fetch-site", site)]), 403, "{site}");
        }
        for kind in ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
        {
            assert_eq!(status(&[("content-type", kind), ("content-length", "2")]), 415, "{kind}");
        }
        assert_eq!(status(&[("transfer-encoding", "chunked")]), 415);
    }
}
