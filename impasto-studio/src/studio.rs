//! A studio: queue, store, worker and server, put together.

use crate::api::hang;
use crate::cleaner::Cleaner;
use crate::error::{Error, Result};
use crate::guard::{Hosts, Rate, Token};
use crate::lock;
use crate::log;
use crate::options::Options;
use crate::queue::{Postgres, Queue, Sqlite};
use crate::server::{App, listen, router};
use crate::store::{self, Folder};
use crate::worker::{self, LEASE, Worker};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Uploads that are looked at at a time.
const LOOKS: usize = 2;

/// A studio that is ready.
pub struct Studio {
    app: Arc<App>,
    worker: Option<Arc<Worker>>,
    listener: TcpListener,
    address: SocketAddr,
    most: usize,
    stop: watch::Sender<bool>,
    /// Locked for as long as the studio lives.
    _lock: File,
}

impl Studio {
    /// Opens the data folder and binds the address.
    ///
    /// # Errors
    /// If options make no sense, the folder or the address cannot be used, or another studio uses the folder.
    pub async fn open(options: Options) -> Result<Studio> {
        if !options.address.is_loopback() && options.token.is_none() {
            return Err(Error::Open(options.address));
        }
        if options.token.as_ref().is_some_and(|token| token.len() < 8) {
            return Err(Error::Option("a token of less than 8 characters is guessed easily".into()));
        }
        let temporary = options.data.join("uploads");
        let lock = lock::lock(&options.data)?;
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(Error::file(&temporary, "cannot be removed"))?;
        }
        fs::create_dir_all(&temporary).map_err(Error::file(&temporary, "cannot be made"))?;
        let queue: Arc<dyn Queue> = match &options.queue {
            Some(url) => Arc::new(Postgres::open(url).await?),
            None => Arc::new(Sqlite::open(&options.data.join("studio.sqlite"))?),
        };
        let store = match &options.store {
            Some(place) => store::open(place)?,
            None => Arc::new(Folder::open(options.data.join("files"))?),
        };
        let gallery = hang(&options.styles, &*queue, &*store, &temporary, &options.limits).await?;
        let cleaner = Arc::new(Cleaner::new(queue.clone(), store.clone(), options.limits.quota).await?);

        let wanted = SocketAddr::new(options.address, options.port);
        let failed = |source| Error::Listen { address: wanted.to_string(), source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let worker = match options.works {
            true => {
                let worker = Worker {
                    queue: queue.clone(),
                    store: store.clone(),
                    program: options.program.clone(),
                    device: options.device.clone(),
                    folder: options.data.join("work"),
                    name: worker::name(&options.data)?,
                    longest: options.limits.job_time,
                    lease: LEASE,
                };
                // No other process uses this folder, so whoever held jobs under this name is gone.
                queue.recover(Some(&worker.name)).await?;
                Some(Arc::new(worker))
            }
            false => None,
        };
        let app = App {
            queue,
            store,
            cleaner,
            styles: options.styles,
            classes: options.classes,
            device: options.device,
            gallery,
            limits: options.limits,
            hosts: Hosts::of(address, &options.hosts),
            token: options.token.as_deref().map(Token::new),
            uploads: Rate::new(options.limits.uploads),
            looks: Semaphore::new(LOOKS),
            temporary,
            ffmpeg: is_there("ffmpeg"),
            stop: stopped,
        };
        let most = options.limits.connections;
        Ok(Studio { app: Arc::new(app), worker, listener, address, most, stop, _lock: lock })
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it: it stops when true is sent.
    pub fn stop(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Serves and works until it is stopped; then its jobs are interrupted so that they go on at the next start.
    pub async fn run(self) {
        let stop = &self.app.stop;
        let server = listen(self.listener, router(self.app.clone()), self.most, stop.clone());
        let cleaner = tokio::spawn(self.app.cleaner.clone().run(stop.clone()));
        let worker = self.worker.map(|worker| tokio::spawn(worker.run(stop.clone())));
        server.await;
        for task in worker.into_iter().chain([cleaner]) {
            if let Err(error) = task.await {
                log::warn("a part of the studio", &error);
            }
        }
    }
}

/// Whether a program is installed.
fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
