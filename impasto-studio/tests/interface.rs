//! The interface: answers are as its description says.
#![cfg(unix)]

mod http;

use http::client::{Answer, Client};
use http::schema::Schemas;
use http::studio::{Running, painting};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};

/// The description.
struct Described {
    client: Client,
    document: Value,
}

impl Described {
    fn of(client: Client) -> Described {
        Described { client, document: client.json("/api/openapi.json") }
    }

    /// Sends a request; the answer, checked against what is described for `path`.
    fn ask(
        &self,
        method: &str,
        path: &str,
        values: &[(&str, &str)],
        body: Option<&Value>,
        status: u16,
    ) -> Answer {
        let filled = values
            .iter()
            .fold(path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let operation =
            &self.document["paths"][path.split('?').next().expect("a path")][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not described");
        if let Some(body) = body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if (200..300).contains(&status) {
                self.check(schema, body, &format!("{method} {path}"));
            }
        }
        let text = body.map_or(String::new(), Value::to_string);
        let answer = self.client.send(method, &filled, &["Content-Type: application/json"], text.as_bytes());
        assert_eq!(answer.status, status, "{method} {filled}: {}", answer.text());
        let described = &operation["responses"][status.to_string()];
        assert!(described.is_object(), "{method} {path}: {status} is not described");
        let schema = &described["content"]["application/json"]["schema"];
        if schema.is_object() {
            self.check(schema, &answer.json(), &format!("{method} {filled}"));
        }
        answer
    }

    fn check(&self, schema: &Value, value: &Value, what: &str) {
        let mut wrong = Vec::new();
        Schemas(&self.document).check(schema, value, what, &mut wrong);
        assert!(wrong.is_empty(), "{what}: {wrong:?} in {value:#}");
    }
}

#[test]
fn every_answer_is_described() {
    let studio = Running::start(|_| {});
    let client = studio.client;
    let api = Described::of(client);
    for path in
        ["/api/health", "/api/settings", "/api/openapi.json", "/api/styles", "/api/classes", "/api/jobs"]
    {
        api.ask("GET", path, &[], None, 200);
    }
    let uploaded = client.upload("a%2Fb%20c.jpg", &painting());
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());
    api.check(&json!({ "$ref": "#/components/schemas/Picture" }), &uploaded.json(), "an upload");
    let picture = uploaded.json()["id"].as_str().expect("an id").to_owned();
    // It is the gallery's own, whose name it keeps.
    assert_eq!(uploaded.json()["shipped"], true);
    let styles = client.json("/api/styles");
    assert_eq!(
        styles[0],
        json!({ "name": "cafe-terrace", "title": styles[0]["title"], "picture": picture, "network": true })
    );
    assert_eq!(styles[1]["network"], false);
    let id = [("id", picture.as_str())];
    api.ask("GET", "/api/pictures/{id}", &id, None, 200);
    assert_eq!(api.ask("GET", "/api/pictures/{id}/original", &id, None, 200).body, painting());
    for small in ["preview", "thumbnail"] {
        let answer = api.ask("GET", &format!("/api/pictures/{{id}}/{small}"), &id, None, 200);
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert!(answer.body.starts_with(b"\xff\xd8\xff"));
    }
    let part = client.send("GET", &format!("/api/pictures/{picture}/original"), &["Range: bytes=2-5"], &[]);
    assert_eq!((part.status, part.body.as_slice()), (206, &painting()[2..6]));
    let part =
        client.send("GET", &format!("/api/pictures/{picture}/original"), &["Range: bytes=99999999-"], &[]);
    assert_eq!(part.status, 416);

    let body = json!({ "verb": "paint", "settings": { "photo": picture, "styles": [{ "style": picture }] } });
    let job =
        api.ask("POST", "/api/jobs", &[], Some(&body), 201).json()["id"].as_str().expect("an id").to_owned();
    let id = [("id", job.as_str()), ("name", "result.png")];
    let done = client.wait(&job, "done", |job| job["state"] == "done");
    api.ask("GET", "/api/jobs/{id}", &id, None, 200);
    assert_eq!(done["progress"]["left"], 0.5);
    assert_eq!(done["notes"], json!(["begun"]));
    let files: Vec<&str> =
        done["files"].as_array().expect("files").iter().filter_map(|file| file["name"].as_str()).collect();
    assert_eq!(files, ["0003.png", "result.png"], "and nothing from elsewhere");
    let points = api.ask("GET", "/api/jobs/{id}/points", &id, None, 200).json();
    assert_eq!(points["points"][2], json!({ "n": 3, "done": 3, "of": 3, "loss": 0.3, "best": 0.1 }));
    let points = api.ask("GET", "/api/jobs/{id}/points?after=2", &id, None, 200).json();
    assert_eq!(points["points"].as_array().map(Vec::len), Some(1));
    let file = client.get(&format!("/api/jobs/{job}/files/result.png?download=1"));
    assert_eq!((file.status, file.body.as_slice()), (200, &b"the result"[..]));
    assert_eq!(file.header("content-disposition"), "attachment; filename*=UTF-8''impasto-1-result.png");
    assert!(file.header("content-security-policy").starts_with("sandbox"));
    api.ask("GET", "/api/jobs", &[], None, 200);
    for wish in ["pause", "continue", "stop", "cancel"] {
        api.ask("POST", &format!("/api/jobs/{{id}}/{wish}"), &id, None, 409);
    }
    api.ask("DELETE", "/api/jobs/{id}", &id, None, 204);
    for path in ["/api/jobs/{id}", "/api/jobs/{id}/points", "/api/jobs/{id}/files/{name}"] {
        api.ask("GET", path, &id, None, 404);
    }
    api.ask("DELETE", "/api/jobs/{id}", &id, None, 404);
    api.ask("GET", "/api/pictures/{id}", &id, None, 404);
    let cat = json!({ "verb": "apply", "settings": { "photo": picture, "style": "no such" } });
    api.ask("POST", "/api/jobs", &[], Some(&cat), 422);
    api.ask("POST", "/api/jobs", &[], Some(&json!({ "verb": 1 })), 400);
}

#[test]
fn what_was_made_is_shown_small_and_used_again() {
    let studio = Running::start(|_| {});
    let client = studio.client;
    let api = Described::of(client);
    let picture = client.picture("a.jpg", &painting());
    let job = client.job("upscale", json!({ "photo": picture }));
    client.wait(&job, "done", |job| job["state"] == "done");
    let file = [("id", job.as_str()), ("name", "result.png")];
    for _ in ["made", "kept"] {
        let small = api.ask("GET", "/api/jobs/{id}/files/{name}?thumbnail=1", &file, None, 200);
        assert_eq!(small.header("content-type"), "image/jpeg");
        assert!(small.body.starts_with(b"\xff\xd8\xff") && small.body.len() < painting().len());
    }
    let again =
        api.ask("POST", &format!("/api/pictures?name=b.png&job={job}&file=result.png"), &[], None, 201);
    assert_eq!(again.json()["id"], json!(picture), "the same bytes are the same picture");
    for (query, status) in [
        (format!("job={job}"), 400),
        (format!("job={job}&file=other.png"), 404),
        (format!("job={job}&file=..%2F..%2Fstudio.sqlite"), 404),
        ("job=none&file=result.png".into(), 404),
    ] {
        api.ask("POST", &format!("/api/pictures?{query}"), &[], None, status);
    }
    let job = client.job("paint", json!({ "photo": picture, "styles": [{ "style": picture }] }));
    client.wait(&job, "done", |job| job["state"] == "done");
    let file = [("id", job.as_str()), ("name", "result.png")];
    let damaged = client.get(&format!("/api/jobs/{job}/files/result.png?thumbnail=1"));
    assert_eq!(damaged.status, 415, "{}", damaged.text());
    api.ask("POST", "/api/jobs/{id}/priority", &file, Some(&json!({ "priority": 3 })), 409);
}

#[test]
fn whose_turn_comes_first_can_be_changed() {
    let studio = Running::start(|_| {});
    let client = studio.client;
    let api = Described::of(client);
    let picture = client.picture("a.jpg", &painting());
    let settings = |iterations: u32| json!({ "photo": picture, "styles": [{ "style": picture }], "iterations": iterations });
    let first = client.job("paint", settings(999));
    client.wait(&first, "running", |job| job["state"] == "running");
    let (second, third) = (client.job("paint", settings(3)), client.job("paint", settings(3)));
    let id = [("id", third.as_str())];
    let changed = api.ask("POST", "/api/jobs/{id}/priority", &id, Some(&json!({ "priority": 10 })), 200);
    assert_eq!(changed.json()["priority"], 10);
    for (body, status) in
        [(json!({ "priority": 11 }), 400), (json!({}), 400), (json!({ "priority": "x" }), 400)]
    {
        api.ask("POST", "/api/jobs/{id}/priority", &id, Some(&body), status);
    }
    api.ask("POST", "/api/jobs/{id}/priority", &[("id", "none")], Some(&json!({ "priority": 1 })), 404);
    client.post(&format!("/api/jobs/{first}/cancel"), &Value::Null);
    let ended = |job: &str| client.wait(job, "done", |job| job["state"] == "done")["finished"].to_string();
    assert!(ended(&third) < ended(&second));
}

#[test]
fn a_job_obeys_and_fails_with_reasons() {
    let studio = Running::start(|options| options.limits.jobs = 2);
    let client = studio.client;
    let picture = client.picture("a.jpg", &painting());
    let settings = |more: Value| {
        let mut settings = json!({ "photo": picture, "styles": [{ "style": picture }] });
        settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        settings
    };
    let wish = |job: &str, wish: &str| client.post(&format!("/api/jobs/{job}/{wish}"), &Value::Null).status;
    let job = client.job("paint", settings(json!({ "iterations": 999 })));
    let is_painted = |job: &Value| job["files"].as_array().is_some_and(|files| !files.is_empty());
    client.wait(&job, "painted", is_painted);
    let second = client.job("paint", settings(json!({ "iterations": 999 })));
    let third = json!({ "verb": "paint", "settings": settings(json!({})) });
    assert_eq!(client.post("/api/jobs", &third).status, 429);
    assert_eq!(client.send("DELETE", &format!("/api/jobs/{job}"), &[], &[]).status, 409);
    assert_eq!(wish(&job, "pause"), 202);
    client.wait(&job, "paused", |job| job["state"] == "paused");
    client.wait(&second, "next", |job| job["state"] == "running");
    assert_eq!(wish(&second, "cancel"), 202);
    client.wait(&second, "cancelled", |job| job["state"] == "cancelled");
    assert_eq!(wish(&job, "continue"), 202);
    client.wait(&job, "going on", |job| job["state"] == "running");
    assert_eq!(wish(&job, "stop"), 202);
    let stopped = client.wait(&job, "stopped", |job| job["state"] == "done");
    assert_eq!(stopped["stopped"], true);

    let job = client.job("paint", settings(json!({ "mute": ["relu9_9"] })));
    let failed = client.wait(&job, "failed", |job| job["state"] == "failed");
    let reason = json!({ "text": "no layer relu9_9", "causes": ["because"], "hint": "name another" });
    assert_eq!(failed["error"], reason);
}

#[test]
fn events_tell_what_was_missed_and_what_comes() {
    let studio = Running::start(|_| {});
    let client = studio.client;
    let picture = client.picture("a.jpg", &painting());
    let job = client.job("apply", json!({ "photo": picture, "style": "cafe-terrace" }));
    client.wait(&job, "done", |job| job["state"] == "done");
    let mut stream = client.connect().expect("a connection");
    let request = format!("GET /api/events?after=0 HTTP/1.1\r\nHost: {}\r\n\r\n", client.0);
    stream.write_all(request.as_bytes()).expect("a request");
    let mut lines = BufReader::new(stream).lines().map(|line| line.expect("a line"));
    let mut next = |event: &str| -> Value {
        let wanted = format!("event: {event}");
        lines.find(|line| *line == wanted).expect("an event");
        let data = lines.find(|line| line.starts_with("data: ")).expect("data");
        serde_json::from_str(&data[6..]).expect("JSON")
    };
    assert_eq!(next("hello"), json!({}));
    assert_eq!(next("points")["points"].as_array().map(Vec::len), Some(3));
    assert_eq!(next("job")["state"], "done");
    let second = client.job("apply", json!({ "photo": picture, "style": "cafe-terrace" }));
    let mut heard = next("job");
    while heard["state"] != "done" {
        assert_eq!(heard["id"], json!(second));
        heard = next("job");
    }
    client.send("DELETE", &format!("/api/jobs/{second}"), &[], &[]);
    assert_eq!(next("gone"), json!({ "id": second }));
}

#[test]
fn pages_are_served_and_kept() {
    let studio = Running::start(|_| {});
    let client = studio.client;
    let page = client.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cross-origin-opener-policy", "same-origin")]
    {
        assert_eq!(page.header(name), value);
    }
    let tag = page.header("etag").to_owned();
    let again = client.send("GET", "/", &[&format!("If-None-Match: {tag}")], &[]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(client.get("/no-such-page").status, 404);
    assert_eq!(client.get("/api/no-such").status, 404);
    assert_eq!(client.send("PUT", "/", &[], &[]).status, 405);
    assert_eq!(client.send("POST", "/api/health", &[], &[]).status, 405);
}

#[test]
fn a_token_is_asked_for() {
    let studio = Running::start(|options| options.token = Some("a long secret".into()));
    let client = studio.client;
    assert_eq!(client.get("/api/jobs").status, 401);
    assert_eq!(client.get("/").status, 401);
    assert_eq!(client.get("/api/health").status, 200);
    assert_eq!(client.send("GET", "/api/jobs", &["Authorization: Bearer a long secret"], &[]).status, 200);
    assert_eq!(client.get("/?token=wrong").status, 401);
    let opened = client.send("GET", "/?token=a%20long%20secret", &[], &[]);
    assert_eq!((opened.status, opened.header("location")), (303, "/"));
    let cookie = opened.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    assert_eq!(client.send("GET", "/api/jobs", &[&format!("Cookie: {cookie}")], &[]).status, 200);
}

#[test]
fn without_room_uploads_are_refused() {
    let studio = Running::start(|options| options.limits.quota = 4_000_000);
    let bitmap = |seed: u8| {
        // 24 bits, 800 × 400.
        let mut bytes =
            b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\x03\0\0\x90\x01\0\0\x01\0\x18\0".to_vec();
        bytes.resize(54, 0);
        bytes.extend((0..960_000_u32).map(|place| (place as u8).wrapping_mul(seed)));
        bytes
    };
    let mut statuses: Vec<u16> =
        (1..8).map(|seed| studio.client.upload("a.bmp", &bitmap(seed)).status).collect();
    statuses.dedup();
    // What was uploaded just now is not given up.
    assert_eq!(statuses, [201, 507]);
}
