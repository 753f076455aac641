//! A client of HTTP/1.1 that sends just what it is told to, however wrong that is.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A server to talk to.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub SocketAddr);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[allow(dead_code, reason = "not every test needs all")]
impl Client {
    /// Sends bytes as they are; the answer.
    pub fn raw(self, bytes: &[u8]) -> io::Result<Answer> {
        let mut stream = self.connect()?;
        // A server that has refused already reads no further.
        let _ = stream.write_all(bytes);
        answer(&mut BufReader::new(stream))
    }

    pub fn connect(self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.0)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(stream)
    }

    /// Sends a request with headers (`Name: value`) and a body.
    pub fn send(self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let Client(address) = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        let named = |name: &str| headers.iter().any(|header| header.to_ascii_lowercase().starts_with(name));
        if !named("host:") {
            head += &format!("Host: {address}\r\n");
        }
        if !body.is_empty() && !named("content-length:") {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += &headers.iter().map(|header| format!("{header}\r\n")).collect::<String>();
        let bytes = [head.as_bytes(), b"\r\n", body].concat();
        self.raw(&bytes).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn get(self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    /// What a GET must give, as JSON.
    pub fn json(self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    pub fn post(self, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send("POST", path, &["Content-Type: application/json"], text.as_bytes())
    }

    /// Uploads a file.
    pub fn upload(self, name: &str, bytes: &[u8]) -> Answer {
        let path = format!("/api/pictures?name={name}");
        self.send("POST", &path, &["Content-Type: application/octet-stream"], bytes)
    }

    /// Uploads a file that must be taken; its id.
    pub fn picture(self, name: &str, bytes: &[u8]) -> String {
        let answer = self.upload(name, bytes);
        assert_eq!(answer.status, 201, "{name}: {}", answer.text());
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Asks for a job that must be taken; its id.
    pub fn job(self, verb: &str, settings: Value) -> String {
        let answer = self.post("/api/jobs", &serde_json::json!({ "verb": verb, "settings": settings }));
        assert_eq!(answer.status, 201, "{verb}: {}", answer.text());
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Waits until a job is as it shall be, as long as anything happens to it: long jobs stand back for all other work, so
    /// that their time tells nothing.
    pub fn wait(self, job: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let (mut revision, mut still) = (Value::Null, 0);
        while still < 2400 {
            let found = self.json(&format!("/api/jobs/{job}"));
            if is(&found) {
                return found;
            }
            let over = ["done", "failed", "cancelled"].iter().any(|&state| found["state"] == state);
            assert!(!over, "not {what}: {found:#}");
            still = if found["revision"] == revision { still + 1 } else { 0 };
            revision = found["revision"].clone();
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("never {what}: {:#}", self.json(&format!("/api/jobs/{job}")));
    }
}

#[allow(dead_code, reason = "not every test needs all")]
impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Reads an answer.
pub fn answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no answer: {line:?}")))?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if answer.header("transfer-encoding") == "chunked" {
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            let start = answer.body.len();
            answer.body.resize(start + length, 0);
            stream.read_exact(&mut answer.body[start..])?;
            line.clear();
            stream.read_line(&mut line)?;
            if length == 0 {
                return Ok(answer);
            }
        }
    }
    match answer.header("content-length").parse() {
        Ok(length) => {
            answer.body.resize(length, 0);
            stream.read_exact(&mut answer.body)?;
        }
        Err(_) => drop(stream.read_to_end(&mut answer.body)?),
    }
    Ok(answer)
}
