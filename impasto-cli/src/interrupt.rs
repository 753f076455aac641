//! Ctrl-C: the first one asks a painting to stop and save, the second one ends the program.

use crate::report;
use anyhow::Context;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static REQUESTS: AtomicUsize = AtomicUsize::new(0);
static CAN_STOP: AtomicBool = AtomicBool::new(false);

/// Installs the handler; to be called once.
pub fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        let before = REQUESTS.fetch_add(1, Ordering::SeqCst);
        if before > 0 || !CAN_STOP.load(Ordering::SeqCst) {
            // Outputs take their names only when complete, so nothing half-written can be left under them.
            process::exit(report::INTERRUPTED.into());
        }
        report::note("stopping; what there is so far will be saved (Ctrl-C again ends at once)");
    })
    .context("cannot handle Ctrl-C")
}

/// From now on the first Ctrl-C only makes [`requested`] true.
pub fn stop_gently() {
    CAN_STOP.store(true, Ordering::SeqCst);
}

/// Whether the user has asked to stop.
pub fn requested() -> bool {
    REQUESTS.load(Ordering::SeqCst) > 0
}
