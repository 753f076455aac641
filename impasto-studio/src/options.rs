//! How a studio is set up: every limit is here, with its default.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

/// How a studio is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the queue and of all files; made if it is missing.
    pub data: PathBuf,
    /// The queue that it shares with others, as [`Postgres::open`](crate::queue::Postgres::open) takes it; an SQLite file of
    /// its own in `data` without.
    pub queue: Option<String>,
    /// The store that it shares with others, as [`store::open`](crate::store::open) takes it; a folder of its own in `data`
    /// without.
    pub store: Option<String>,
    /// Address to listen at. Anything beyond loopback needs a [`token`](Options::token).
    pub address: IpAddr,
    /// Port to listen at; 0 for any that is free.
    pub port: u16,
    /// Further names that the server may be called by in URLs, without port.
    pub hosts: Vec<String>,
    /// What a client has to know; nothing is asked for without.
    pub token: Option<String>,
    /// The program whose verbs jobs are.
    pub program: PathBuf,
    /// What its networks run on, as its flag `--device` says.
    pub device: String,
    /// Names of the styles that networks of the program have learnt.
    pub styles: Vec<String>,
    /// Names of the classes that the program can imagine.
    pub classes: Vec<String>,
    /// Whether jobs are worked on here; without, the server only takes them.
    pub works: bool,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds on what clients can make the studio do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of an upload.
    pub upload: u64,
    /// Most pixels of a picture, or of a clip's frame.
    pub pixels: u64,
    /// Longest time that an upload may take.
    pub upload_time: Duration,
    /// Fewest bytes a second at which an upload may arrive, after its first five seconds.
    pub upload_rate: u64,
    /// Uploads a minute that one client may begin.
    pub uploads: u32,
    /// Connections at a time.
    pub connections: usize,
    /// Unfinished jobs of one client.
    pub jobs: usize,
    /// Longest time that a job may run.
    pub job_time: Duration,
    /// Most bytes of all files.
    pub quota: u64,
    /// Longest side in pixels that a job may ask for.
    pub side: u32,
    /// Most iterations that a job may ask for.
    pub iterations: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            upload: 1 << 30,
            pixels: 100_000_000,
            upload_time: Duration::from_secs(600),
            upload_rate: 10 << 10,
            uploads: 60,
            connections: 256,
            jobs: 64,
            job_time: Duration::from_secs(24 * 3600),
            quota: 20 << 30,
            side: 8192,
            iterations: 10_000,
        }
    }
}

impl Options {
    /// A studio on this machine alone, with its data in `data` and `program` for its jobs.
    pub fn new(data: impl Into<PathBuf>, program: impl Into<PathBuf>) -> Options {
        Options {
            data: data.into(),
            queue: None,
            store: None,
            address: Ipv4Addr::LOCALHOST.into(),
            port: 7700,
            hosts: Vec::new(),
            token: None,
            program: program.into(),
            device: "auto".into(),
            styles: Vec::new(),
            classes: Vec::new(),
            works: true,
            limits: Limits::default(),
        }
    }
}
