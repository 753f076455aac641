//! Ctrl-C: the first one asks a painting to stop and save, the second one ends the program.

use crate::report;
use anyhow::Context;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, process, thread};

static REQUESTS: AtomicUsize = AtomicUsize::new(0);
static CAN_STOP: AtomicBool = AtomicBool::new(false);

/// The variable in which the studio tells its children who their parent is.
const PARENT: &str = "IMPASTO_PARENT";

/// How often a child looks whether its parent is still there.
const LOOK: Duration = Duration::from_millis(500);

/// Installs the handler; to be called once.
pub fn install() -> anyhow::Result<()> {
    #[cfg(unix)]
    watch_parent();
    ctrlc::set_handler(press).context("cannot handle Ctrl-C")
}

/// What Ctrl-C does.
fn press() {
    let before = REQUESTS.fetch_add(1, Ordering::SeqCst);
    if before > 0 || !CAN_STOP.load(Ordering::SeqCst) {
        // Outputs take their names only when complete, so nothing half-written can be left under them.
        process::exit(report::INTERRUPTED.into());
    }
    report::note("stopping; what there is so far will be saved (Ctrl-C again ends at once)");
}

/// Presses Ctrl-C when the studio that started this program is gone: nobody would look at what it makes.
#[cfg(unix)]
fn watch_parent() {
    let Some(parent) = env::var(PARENT).ok().and_then(|id| id.parse::<u32>().ok()) else { return };
    thread::spawn(move || {
        while std::os::unix::process::parent_id() == parent {
            thread::sleep(LOOK);
        }
        press();
    });
}

/// From now on the first Ctrl-C only makes [`requested`] true.
pub fn stop_gently() {
    CAN_STOP.store(true, Ordering::SeqCst);
}

/// Whether the user has asked to stop.
pub fn requested() -> bool {
    REQUESTS.load(Ordering::SeqCst) > 0
}
