//! `impasto worker`: work on the jobs of a studio that is elsewhere.

use super::studio::place;
use crate::device::DeviceChoice;
use crate::interrupt;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto_studio::{Limits, Work};
use std::path::PathBuf;
use std::time::Duration;

/// Work on the jobs of a studio on another machine
///
/// Takes jobs from the queue of `impasto studio --queue …`, paints them here, and puts what they make into its store; any
/// number of machines may do so. Ctrl-C gives back what is being painted: another worker goes on with it, from its last
/// state. So does a worker that loses the queue or is killed, after --lease.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The studio's PostgreSQL database
    #[arg(long, value_name = "postgres://…", env = "IMPASTO_QUEUE", hide_env_values = true)]
    queue: String,

    /// The studio's files: a folder that all machines share, or a bucket as s3://BUCKET/PREFIX
    #[arg(long, value_name = "DIR|s3://…", env = "IMPASTO_STORE")]
    store: String,

    /// Folder for jobs while they are worked on, one a worker [default: impasto-worker in the user's folder of data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Longest time in seconds that a job may run
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().job_time.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    job_time: u64,

    /// Seconds after which the jobs of a worker that is not heard of are others'
    #[arg(long, value_name = "SECONDS", default_value_t = impasto_studio::worker::LEASE.as_secs(),
          value_parser = clap::value_parser!(u64).range(2..=3600))]
    lease: u64,
}

const EXAMPLES: &str = "\
Examples:
  impasto worker --queue postgres://impasto@db.example/impasto --store /mnt/studio
  IMPASTO_QUEUE=postgres://… impasto worker --store s3://bucket/studio --data /var/tmp/impasto";

/// Works until Ctrl-C; jobs' networks run on `device`.
pub fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Outcome> {
    let data = match &arguments.data {
        Some(data) => data.clone(),
        None => place::data("impasto-worker")?,
    };
    let data =
        std::path::absolute(&data).with_context(|| format!("cannot use the folder {}", data.display()))?;
    let work = Work {
        queue: arguments.queue.clone(),
        store: arguments.store.clone(),
        data,
        program: std::env::current_exe().context("cannot tell where this program is")?,
        device: device.to_string(),
        longest: Duration::from_secs(arguments.job_time),
        lease: Duration::from_secs(arguments.lease),
    };
    interrupt::stop_gently();
    let ready = |name: &str| report::note(format_args!("{name} waits for jobs"));
    impasto_studio::work(work, ready, interrupt::requested)?;
    Ok(Outcome::Done)
}
