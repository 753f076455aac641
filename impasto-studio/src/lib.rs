//! The web application: paint, look and steer in a browser.
//!
//! A job is a command line: settings are checked, become the arguments of a verb, and are run as a child process of the same
//! program. See `docs/studio.md`.
//!
//! | | |
//! |---|---|
//! | [`Studio`], [`Options`] | everything put together, and its limits |
//! | `server`, `api`, `guard` | requests and answers, and who may ask |
//! | [`verb`] | settings → command lines |
//! | [`queue`] | [`Queue`](queue::Queue): jobs, leases, revisions; SQLite, PostgreSQL |
//! | [`store`] | [`Store`](store::Store): keys → bytes; a folder, S3 |
//! | [`work`] | a worker by itself, for a studio elsewhere |
//! | [`worker`] | takes jobs, runs children, tells how it goes |

mod api;
mod cleaner;
mod error;
mod guard;
mod id;
pub mod job;
mod lock;
mod log;
mod options;
pub mod picture;
pub mod queue;
mod server;
mod stop;
pub mod store;
mod studio;
pub mod time;
pub mod verb;
mod work;
pub mod worker;

pub use error::{Error, Result};
pub use options::{Limits, Options};
pub use studio::Studio;
pub use work::{Work, work};

use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How often is looked whether the studio shall stop.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a studio until `enough` says so or the system asks it to end; `ready` is told the address when it can be used.
///
/// # Errors
/// Those of [`Studio::open`].
pub fn run(
    options: Options,
    ready: impl FnOnce(std::net::SocketAddr),
    enough: impl Fn() -> bool,
) -> Result<()> {
    let runtime = Runtime::new().map_err(Error::file("the runtime", "cannot be started"))?;
    runtime.block_on(async {
        let studio = Studio::open(options).await?;
        ready(studio.address());
        let stop = studio.stop();
        until(studio.run(), stop, enough).await;
        Ok(())
    })
}

/// Does `work`, which ends when it is told to `stop`: as soon as `enough` says so, or the system asks the program to end.
async fn until(work: impl Future<Output = ()>, stop: watch::Sender<bool>, enough: impl Fn() -> bool) {
    let look = async {
        tokio::select! {
            () = ended() => {}
            () = async { while !enough() { tokio::time::sleep(LOOK).await } } => {}
        }
        let _ = stop.send(true);
        // The work ends in its own time.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = work => {}
        () = look => {}
    }
}

/// Returns when the system asks the program to end.
async fn ended() {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        signal.recv().await;
        return;
    }
    std::future::pending().await
}
