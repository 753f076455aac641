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
//! | [`queue`] | [`Queue`](queue::Queue): jobs, leases, revisions; SQLite |
//! | [`store`] | [`Store`](store::Store): keys → bytes; a folder |
//! | [`worker`] | takes jobs, runs children, tells how it goes |

mod api;
mod cleaner;
mod error;
mod guard;
pub mod job;
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
pub mod worker;

pub use error::{Error, Result};
pub use options::{Limits, Options};
pub use studio::Studio;

use std::time::Duration;
use tokio::runtime::Runtime;

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
        let watch = async {
            tokio::select! {
                () = ended() => {}
                () = async { while !enough() { tokio::time::sleep(LOOK).await } } => {}
            }
            let _ = stop.send(true);
            // The studio ends in its own time.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = studio.run() => {}
            () = watch => {}
        }
        Ok(())
    })
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
