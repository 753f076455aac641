//! The store before a server that knows the few calls that it needs.

use super::*;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Objects by their paths, and parts of those that come in pieces.
type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Starts a server with the bucket `studio`; a store in it, under a prefix.
async fn store() -> (Objects, S3) {
    let objects = Objects::default();
    let app = Router::new().fallback(answer).with_state(objects.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let builder = AmazonS3Builder::new().with_endpoint(endpoint).with_region("nowhere");
    let builder = builder.with_access_key_id("key").with_secret_access_key("secret");
    (objects, S3::with("s3://studio/some/place/", builder).expect("a store"))
}

async fn answer(State(objects): State<Objects>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    assert!(header("authorization").is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256 Credential=key/")));
    let query: BTreeMap<String, String> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace("%2F", "/")))
        .collect();
    let path =
        head.uri.path().strip_prefix("/studio").expect("the bucket").trim_start_matches('/').to_owned();
    let mut objects = objects.lock().expect("objects");
    let found = objects.get(&path).cloned();
    let tag = [(header::ETAG, "\"tag\"")];
    match (head.method, query.get("uploadId")) {
        (Method::PUT, Some(_)) => {
            objects.insert(format!("{path}#{:0>6}", query["partNumber"]), body);
            tag.into_response()
        }
        (Method::POST, None) => {
            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
                .into_response()
        }
        (Method::POST, Some(_)) => {
            let parts = format!("{path}#");
            let whole = objects.iter().filter(|(name, _)| name.starts_with(&parts));
            let whole = whole.flat_map(|(_, bytes)| bytes.clone()).collect();
            objects.retain(|name, _| !name.starts_with(&parts));
            objects.insert(path, whole);
            let done = "<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>";
            done.into_response()
        }
        (Method::PUT, None) => {
            let copied = header("x-amz-copy-source")
                .map(|from| objects[from.trim_start_matches("/").trim_start_matches("studio/")].clone());
            let copies = copied.is_some();
            objects.insert(path, copied.unwrap_or(body));
            if copies {
                "<CopyObjectResult><ETag>tag</ETag></CopyObjectResult>".into_response()
            } else {
                tag.into_response()
            }
        }
        (Method::DELETE, _) => {
            objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::GET, _) if path.is_empty() => {
            let listed = objects.iter().filter(|(name, _)| name.starts_with(&query["prefix"]));
            let listed: String = listed
                .map(|(name, bytes)| {
                    let (size, when) = (bytes.len(), "2026-11-26T10:00:00.000Z");
                    format!("<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>{when}</LastModified></Contents>")
                })
                .collect();
            format!("<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>")
                .into_response()
        }
        (method, _) => {
            let Some(bytes) = found else { return StatusCode::NOT_FOUND.into_response() };
            let modified = (header::LAST_MODIFIED, "Thu, 26 Nov 2026 10:00:00 GMT");
            let range = header("range").map(|range| {
                let (start, end) = range.trim_start_matches("bytes=").split_once('-').expect("a range");
                (start.parse::<usize>().expect("a start"), end.parse::<usize>().expect("an end"))
            });
            let length = bytes.len();
            match range {
                Some((start, end)) => {
                    let part = (header::CONTENT_RANGE, format!("bytes {start}-{end}/{length}"));
                    let body = bytes[start..=end].to_vec();
                    (StatusCode::PARTIAL_CONTENT, tag, [modified], [part], body).into_response()
                }
                None if method == Method::HEAD => {
                    let length = [(header::CONTENT_LENGTH, length.to_string())];
                    (tag, [modified], length, Body::empty()).into_response()
                }
                None => (tag, [modified], bytes).into_response(),
            }
        }
    }
}

async fn all(store: &S3, key: &str, range: Option<Range<u64>>) -> (u64, Vec<u8>) {
    let content = store.get(key, range).await.expect("a store").expect("a file");
    let bytes = content.stream.map(|piece| piece.expect("bytes").to_vec()).concat().await;
    (content.length, bytes)
}

#[tokio::test]
async fn what_is_put_can_be_had_and_removed() {
    let (objects, store) = store().await;
    store.put("jobs/a/one", Bytes::from_static(b"0123456789")).await.expect("put");
    assert!(objects.lock().expect("objects").contains_key("some/place/jobs/a/one"));
    store.copy("jobs/a/one", "jobs/ab/two").await.expect("copy");
    store.put("jobs/a/one", Bytes::from_static(b"new")).await.expect("put again");
    assert_eq!(all(&store, "jobs/a/one", None).await, (3, b"new".to_vec()));
    assert_eq!(all(&store, "jobs/ab/two", Some(3..5)).await, (10, b"34".to_vec()));
    assert_eq!(all(&store, "jobs/ab/two", Some(8..50)).await, (10, b"89".to_vec()));
    assert_eq!(all(&store, "jobs/ab/two", Some(20..50)).await, (10, Vec::new()));
    assert_eq!(store.used().await.expect("bytes"), 13);
    for range in [None, Some(0..1)] {
        assert!(store.get("jobs/none", range).await.expect("a store").is_none());
    }
    store.remove("jobs/a/").await.expect("remove");
    assert_eq!(store.used().await.expect("bytes"), 10, "only what is in that folder");
    store.remove("jobs/a/").await.expect("nothing to remove");
    for bad in ["../x", "jobs/../../x", "jobs//x", "/etc/passwd", ""] {
        assert!(store.get(bad, None).await.is_err(), "{bad}");
    }
}

#[tokio::test]
async fn files_come_and_go_whole_or_in_pieces() {
    let (_objects, store) = store().await;
    let folder = tempfile::tempdir().expect("a folder");
    for length in [0, 5, 2 * PIECE + 3] {
        let bytes: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
        let (from, to) = (folder.path().join("from"), folder.path().join(format!("to-{length}")));
        std::fs::write(&from, &bytes).expect("a file");
        assert_eq!(store.take("pictures/x/original", &from).await.expect("take"), length as u64);
        store.fetch("pictures/x/original", &to).await.expect("fetch");
        assert!(std::fs::read(&to).expect("a file") == bytes, "{length}");
    }
    assert!(store.fetch("pictures/y/original", &folder.path().join("none")).await.is_err());
    assert!(store.take("pictures/x/original", &folder.path().join("none")).await.is_err());
}

#[test]
fn addresses_are_checked() {
    for bad in ["http://x", "s3://", "s3:///x"] {
        assert!(matches!(S3::open(bad), Err(Error::Option(_))), "{bad}");
    }
}
