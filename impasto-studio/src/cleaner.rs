//! Room on the disk: what is used, and what is given up for more.

use crate::api::Failure;
use crate::error::Result;
use crate::log;
use crate::queue::{Expendable, Queue};
use crate::stop::stopped;
use crate::store::{Store, key};
use axum::http::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How often is looked whether there is too much, and whether a worker is gone.
const LOOK: Duration = Duration::from_secs(10);

/// Looks between which the store is not measured.
const MEASURE: u32 = 6;

/// What was touched within this time is not given up.
const SPARE: Duration = Duration::from_secs(600);

/// Keeps the store below its quota.
pub struct Cleaner {
    queue: Arc<dyn Queue>,
    store: Arc<dyn Store>,
    quota: u64,
    used: AtomicU64,
    /// Held while something is given up.
    cleaning: Mutex<()>,
}

impl Cleaner {
    /// A cleaner that has measured what is used.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn new(queue: Arc<dyn Queue>, store: Arc<dyn Store>, quota: u64) -> Result<Cleaner> {
        let used = AtomicU64::new(store.used().await?);
        Ok(Cleaner { queue, store, quota, used, cleaning: Mutex::new(()) })
    }

    /// Counts bytes that were added.
    pub fn count(&self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives up what can best be done without until there is room for so many bytes; 507 if there is not enough.
    pub async fn make_room(&self, bytes: u64) -> std::result::Result<(), Failure> {
        if self.is_room(bytes) || self.clean(bytes).await? {
            return Ok(());
        }
        let failure = Failure::new(StatusCode::INSUFFICIENT_STORAGE, "the studio's disk quota is used up");
        Err(failure.hint("delete jobs that are not needed, or start it with a larger --quota"))
    }

    fn is_room(&self, bytes: u64) -> bool {
        self.used.load(Ordering::Relaxed).saturating_add(bytes) <= self.quota
    }

    /// Gives up one thing after the other until there is room; whether there is.
    async fn clean(&self, bytes: u64) -> Result<bool> {
        let _alone = self.cleaning.lock().await;
        loop {
            self.used.store(self.store.used().await?, Ordering::Relaxed);
            if self.is_room(bytes) {
                return Ok(true);
            }
            let files = match self.queue.expendable(SPARE).await? {
                Some(Expendable::Job(id)) => key::job(&id),
                Some(Expendable::Picture(id)) => key::picture(&id),
                None => return Ok(false),
            };
            self.store.remove(&files).await?;
        }
    }

    /// Looks after the store and the queue until `stop` is true.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        for round in 0_u32.. {
            if tokio::time::timeout(LOOK, stopped(&mut stop)).await.is_ok() {
                return;
            }
            let looked = async {
                self.queue.recover(None).await?;
                if round % MEASURE == 0 {
                    self.used.store(self.store.used().await?, Ordering::Relaxed);
                }
                if !self.is_room(0) {
                    self.clean(0).await?;
                }
                Ok::<_, crate::Error>(())
            };
            if let Err(error) = looked.await {
                log::warn("looking after the data folder", &error);
            }
        }
    }
}
