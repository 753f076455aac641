//! A worker by itself, for a studio elsewhere.

use crate::error::{Error, Result};
use crate::lock;
use crate::queue::{Postgres, Queue};
use crate::store;
use crate::worker::{self, Worker};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How a worker is set up.
#[derive(Clone, Debug)]
pub struct Work {
    /// The studio's queue, as [`Postgres::open`] takes it.
    pub queue: String,
    /// The studio's store, as [`store::open`] takes it.
    pub store: String,
    /// A folder of its own, made if it is missing.
    pub data: PathBuf,
    /// The program whose verbs jobs are.
    pub program: PathBuf,
    /// What its networks run on, as its flag `--device` says.
    pub device: String,
    /// Longest time that a job may run.
    pub longest: Duration,
    /// How long a job is its own unless it tells that it goes on.
    pub lease: Duration,
}

/// Works until `enough` says so or the system asks it to end; then gives back what it works on. `ready` is told its name when
/// it begins.
///
/// # Errors
/// If the folder is another worker's, or queue or store cannot be opened.
pub fn work(options: Work, ready: impl FnOnce(&str), enough: impl Fn() -> bool) -> Result<()> {
    let runtime = Runtime::new().map_err(Error::file("the runtime", "cannot be started"))?;
    runtime.block_on(async {
        let queue = Postgres::open(&options.queue).await?;
        let _lock = lock::lock(&options.data)?;
        let name = worker::name(&options.data)?;
        // No other process uses this folder, so whoever held jobs under this name is gone.
        queue.recover(Some(&name)).await?;
        let worker = Worker {
            queue: Arc::new(queue),
            store: store::open(&options.store)?,
            program: options.program,
            device: options.device,
            folder: options.data.join("work"),
            name,
            longest: options.longest,
            lease: options.lease,
        };
        ready(&worker.name);
        let (stop, stopped) = watch::channel(false);
        crate::until(Arc::new(worker).run(stopped), stop, enough).await;
        Ok(())
    })
}
