//! What nobody should send: every request gets an answer that fits, nothing is written beyond the data folder, and the server
//! goes on.
#![cfg(unix)]

mod http;

use http::client::Client;
use http::studio::{Running, painting};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const OCTETS: &str = "Content-Type: application/octet-stream";

/// All files of a folder with their lengths, but for those of the studio's data.
fn files(folder: &Path, data: &Path, found: &mut BTreeMap<PathBuf, u64>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match () {
            () if path == data => {}
            () if path.is_dir() => files(&path, data, found),
            () => drop(found.insert(path.clone(), fs::metadata(&path).expect("a file").len())),
        }
    }
}

fn outside(studio: &Running) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    files(studio.folder.path(), &studio.data(), &mut found);
    found
}

/// Asserts that a request is answered with one of these.
fn refused(client: Client, method: &str, path: &str, headers: &[&str], body: &[u8], statuses: &[u16]) {
    let answer = client.send(method, path, headers, body);
    let shown: String = path.chars().take(120).collect();
    assert!(
        statuses.contains(&answer.status),
        "{method} {shown} {headers:?}: {} {}",
        answer.status,
        answer.text()
    );
    if answer.header("content-type") == "application/json" {
        assert!(!answer.text().contains("/uploads/"), "a path is told: {}", answer.text());
    }
}

#[test]
fn broken_pictures_are_refused() {
    let studio = Running::start(|options| options.limits.pixels = 1_000_000);
    let (client, before) = (studio.client, outside(&studio));
    let whole = painting();
    // Cut at every hundredth part; what is too short for a header is no picture at all.
    for part in 0..100 {
        let cut = &whole[..whole.len() * part / 100];
        refused(
            client,
            "POST",
            "/api/pictures?name=cut.jpg",
            &[OCTETS],
            cut,
            if part == 0 { &[415] } else { &[422] },
        );
    }
    // A byte is wrong: either it shows, or it is only a wrong pixel.
    for place in 0..50 {
        let mut wrong = whole.clone();
        wrong[place * 37] ^= 0x55;
        refused(client, "POST", "/api/pictures", &[OCTETS], &wrong, &[201, 413, 415, 422]);
    }
    // A few bytes that claim to be very much.
    let png = |width: u32, height: u32| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend(b"\x08\x02\0\0\0\0\0\0\0");
        bytes
    };
    let gif =
        |side: u16| [b"GIF89a".as_slice(), &side.to_le_bytes(), &side.to_le_bytes(), b"\0\0\0"].concat();
    let mut bombs =
        vec![png(50_000, 50_000), png(u32::MAX, u32::MAX), png(0, 0), png(1_000_000, 1), gif(u16::MAX)];
    let mut bmp =
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\x01\0\x18\0".to_vec();
    bmp.resize(54, 0);
    bombs.push(bmp);
    for bomb in bombs {
        refused(client, "POST", "/api/pictures?name=bomb", &[OCTETS], &bomb, &[413, 422]);
    }
    for other in [
        &b"#!/bin/sh\nrm -rf /"[..],
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\0\0\0\x18ftypheic",
        b"\0",
    ] {
        refused(client, "POST", "/api/pictures?name=photo.jpg", &[OCTETS], other, &[415]);
    }
    for clip in [
        &b"\0\0\0\x18ftypisom and nothing"[..],
        b"\x1a\x45\xdf\xa3 webm",
        b"RIFF\0\0\0\0AVI LIST",
        b"YUV4MPEG2 W0 H0 F25:1\nFRAME\n",
    ] {
        refused(client, "POST", "/api/pictures?name=clip.mp4", &[OCTETS], clip, &[413, 415, 422]);
    }
    assert_eq!(outside(&studio), before);
    let uploads = fs::read_dir(studio.data().join("uploads")).expect("a folder").count();
    assert_eq!(uploads, 0, "nothing is left of what was refused");
    assert_eq!(client.get("/api/health").status, 200);
}

#[test]
fn names_lead_nowhere() {
    let studio = Running::start(|_| {});
    let (client, before) = (studio.client, outside(&studio));
    let climbs = [
        "..",
        "../..",
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2e%2e%2fstudio.sqlite",
        "..%5c..%5cwindows",
        "....//....//etc/passwd",
        "%252e%252e%252f",
        "/etc/passwd",
        "//etc/passwd",
        "%00",
        "a%00.png",
        ".",
        "%2e",
        "~",
        "%ff%fe",
        "result.png%2f..",
        "..%c0%af..",
    ];
    let job = {
        let picture = client.picture("a.jpg", &painting());
        client.job("apply", json!({ "photo": picture, "style": "cafe-terrace" }))
    };
    client.wait(&job, "done", |job| job["state"] == "done");
    for climb in climbs {
        for path in [
            format!("/{climb}"),
            format!("/api/pictures/{climb}"),
            format!("/api/pictures/{climb}/original"),
            format!("/api/jobs/{climb}"),
            format!("/api/jobs/{job}/files/{climb}"),
            format!("/api/jobs/{climb}/files/result.png"),
        ] {
            let answer = client.get(&path);
            assert!([400, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        }
        refused(client, "DELETE", &format!("/api/jobs/{climb}"), &[], &[], &[400, 404, 405]);
        // As a name, it is only what comes after the last folder.
        let answer = client.send("POST", &format!("/api/pictures?name={climb}"), &[OCTETS], &painting());
        assert!([201, 400].contains(&answer.status), "{climb}: {}", answer.text());
        if answer.status == 201 {
            let name = answer.json()["name"].as_str().expect("a name").to_owned();
            assert!(!name.contains(['/', '\\', '\0']) && name != "..", "{name:?}");
        }
    }
    assert_eq!(outside(&studio), before);
    assert!(client.get(&format!("/api/jobs/{job}/files/result.png")).status == 200, "it is still there");
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let studio = Running::start(|options| {
        options.limits.upload = 200_000;
        options.limits.uploads = 30;
    });
    let (client, before) = (studio.client, outside(&studio));
    let json = "Content-Type: application/json";
    for body in [
        "",
        "{",
        "null",
        "[]",
        "1",
        "\"x\"",
        "{}",
        "{\"verb\":\"apply\"}",
        "{\"verb\":\"apply\",\"settings\":{}}",
        "{\"verb\":\"rm\",\"settings\":{}}",
        "{\"verb\":\"class\",\"settings\":{\"class\":1},\"more\":1}",
        "{\"verb\":\"class\",\"settings\":{\"class\":1},\"priority\":1e99}",
        "{\"verb\":\"class\",\"settings\":{\"class\":1},\"priority\":11}",
        "{\"verb\":\"class\",\"settings\":{\"class\":1e999}}",
        "\u{feff}{}",
        "{\"verb\":\"class\",\"settings\":{\"class\":\"--force\"}}",
        "{\"verb\":\"paint\",\"settings\":{\"from\":\"../../x\"}}",
    ] {
        refused(client, "POST", "/api/jobs", &[json], body.as_bytes(), &[400, 422]);
    }
    refused(client, "POST", "/api/jobs", &[json], "[".repeat(100_000).as_bytes(), &[400]);
    refused(client, "POST", "/api/jobs", &[json], &vec![b' '; 300_000], &[413]);
    refused(client, "POST", "/api/jobs", &["Content-Type: text/plain"], b"{}", &[415]);
    refused(
        client,
        "POST",
        "/api/pictures",
        &["Content-Type: multipart/form-data; boundary=x"],
        b"--x",
        &[415],
    );
    for header in ["Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"] {
        refused(client, "POST", "/api/jobs", &[json, header], b"{}", &[403]);
        refused(client, "DELETE", "/api/jobs/x", &[header], b"", &[403]);
    }
    for host in ["Host: evil.example", "Host: localhost", "Host: ", "Host: 127.0.0.1:1"] {
        refused(client, "GET", "/", &[host], b"", &[421]);
        refused(client, "GET", "/api/health", &[host], b"", &[421]);
    }
    for query in ["before=-1", "before=x", "limit=x", "limit=-1", "before=99999999999999999999999"] {
        refused(client, "GET", &format!("/api/jobs?{query}"), &[], b"", &[400]);
    }
    refused(client, "GET", "/api/events?after=x", &[], b"", &[400]);
    refused(client, "GET", &format!("/{}", "a".repeat(100_000)), &[], b"", &[400, 414, 431]);
    // Too long, told and untold.
    refused(client, "POST", "/api/pictures", &[OCTETS], &vec![0; 200_001], &[413]);
    refused(client, "POST", "/api/pictures", &[OCTETS, "Content-Length: 99999999999999"], b"x", &[413]);
    refused(
        client,
        "POST",
        "/api/pictures",
        &[OCTETS, "Content-Length: 99999999999999999999999"],
        b"x",
        &[400],
    );
    let piece = [b"ffff\r\n".as_slice(), &[7; 0xffff], b"\r\n"].concat().repeat(4);
    refused(
        client,
        "POST",
        "/api/pictures",
        &[OCTETS, "Transfer-Encoding: chunked", "Content-Length: 0"],
        &piece,
        &[400, 413],
    );
    for raw in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost : b\r\n\r\n",
    ] {
        let answer = client.raw(raw).map_or(400, |answer| answer.status);
        assert!([400, 421, 505].contains(&answer), "{raw:?}: {answer}");
    }
    // So many a minute are taken.
    let statuses: Vec<u16> = (0..40).map(|_| client.upload("x", b"x").status).collect();
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(outside(&studio), before);
    assert_eq!(client.json("/api/jobs")["jobs"], Value::Array(Vec::new()));
}

#[test]
fn slow_senders_are_cut_off_and_keep_nobody_waiting() {
    let studio = Running::start(|options| {
        options.limits.upload_time = Duration::from_millis(600);
        options.limits.connections = 20;
    });
    let client = studio.client;
    let head = format!(
        "POST /api/pictures HTTP/1.1\r\nHost: {}\r\n{OCTETS}\r\nContent-Length: 100000\r\n\r\n\x7f",
        client.0
    );
    let mut slow: Vec<_> = (0..10).map(|_| client.connect().expect("a connection")).collect();
    slow.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).expect("a part"));
    // Meanwhile others are answered.
    assert_eq!(client.get("/api/health").status, 200);
    for stream in slow {
        let answer = http::client::answer(&mut std::io::BufReader::new(stream)).expect("an answer");
        assert_eq!(answer.status, 408);
    }
    // One that goes away in the middle leaves nothing.
    client.connect().expect("a connection").write_all(head.as_bytes()).expect("a part");
    assert_eq!(client.upload("a.jpg", &painting()).status, 201);
    for _ in 0..100 {
        if fs::read_dir(studio.data().join("uploads")).expect("a folder").count() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("parts of uploads are left");
}
