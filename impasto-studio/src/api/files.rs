//! Files from the store as answers: whole or in part, for looking or for keeping.

use super::Failure;
use crate::store::Store;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// How long an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// For ever: the address names its content.
    Always,
    /// The next answer may be another.
    Now,
}

/// The file of a key as an answer to a request with `headers`; under a name to be kept by, if there is one.
pub async fn file(
    store: &dyn Store,
    key: &str,
    media: &str,
    holds: Holds,
    keep_as: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let asked = headers.get(RANGE).and_then(|range| range.to_str().ok()).and_then(wanted);
    // A range's end is cut by the store; that of the last bytes needs the length first.
    let missing = || Failure::missing("such file");
    let content = match asked {
        None => store.get(key, None).await?.ok_or_else(missing)?,
        Some(asked) => {
            let length = store.get(key, Some(0..0)).await?.ok_or_else(missing)?.length;
            let Some(range) = asked.within(length) else {
                let unsatisfied = format!("bytes */{length}");
                return Ok(
                    (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, unsatisfied)]).into_response()
                );
            };
            let content = store.get(key, Some(range.clone())).await?.ok_or_else(missing)?;
            let part = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let mut response = Body::from_stream(content.stream).into_response();
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            response.headers_mut().insert(CONTENT_RANGE, value(&part));
            response.headers_mut().insert(CONTENT_LENGTH, (range.end - range.start).into());
            describe(response.headers_mut(), media, holds, keep_as);
            return Ok(response);
        }
    };
    let mut response = Body::from_stream(content.stream).into_response();
    response.headers_mut().insert(CONTENT_LENGTH, content.length.into());
    describe(response.headers_mut(), media, holds, keep_as);
    Ok(response)
}

fn describe(headers: &mut HeaderMap, media: &str, holds: Holds, keep_as: Option<&str>) {
    headers.insert(CONTENT_TYPE, value(media));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let cache = match holds {
        Holds::Always => "private, max-age=31536000, immutable",
        Holds::Now => "no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(name) = keep_as {
        headers
            .insert(CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{}", encoded(name))));
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

/// A name as RFC 8187 has it in headers.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A part that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// From a byte, to another.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

impl Asked {
    fn within(self, length: u64) -> Option<Range<u64>> {
        let range = match self {
            Asked::From(start, end) => start..end.map_or(length, |end| end.saturating_add(1)).min(length),
            Asked::Last(count) => length.saturating_sub(count)..length,
        };
        (range.start < range.end).then_some(range)
    }
}

/// The one part that a `Range` header asks for; several, or what cannot be read, are answered as if nothing was asked.
fn wanted(header: &str) -> Option<Asked> {
    let (start, end) = header.strip_prefix("bytes=")?.split_once('-')?;
    match (start, end) {
        ("", last) => Some(Asked::Last(last.parse().ok()?)),
        (start, "") => Some(Asked::From(start.parse().ok()?, None)),
        (start, end) => Some(Asked::From(start.parse().ok()?, Some(end.parse().ok()?))),
    }
}

/// The type of a file by its name.
pub fn media(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mkv" => "video/x-matroska",
        "avi" => "video/x-msvideo",
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        let part = |header: &str| wanted(header).and_then(|asked| asked.within(10));
        assert_eq!(part("bytes=0-"), Some(0..10));
        assert_eq!(part("bytes=3-5"), Some(3..6));
        assert_eq!(part("bytes=8-99"), Some(8..10));
        assert_eq!(part("bytes=-3"), Some(7..10));
        assert_eq!(part("bytes=-30"), Some(0..10));
        assert_eq!(part("bytes=0-18446744073709551615"), Some(0..10));
        for bad in ["bytes=10-", "bytes=5-3", "bytes=-0"] {
            assert_eq!(part(bad), None, "{bad}");
        }
        for unread in ["", "bytes", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4"] {
            assert_eq!(wanted(unread), None, "{unread}");
        }
    }

    #[test]
    fn names_in_headers_are_plain() {
        assert_eq!(encoded("a b\"\r\n.png"), "a%20b%22%0D%0A.png");
        assert_eq!(encoded("ä.png"), "%C3%A4.png");
    }
}
