//! How the parts of a studio hear that it stops.

use tokio::sync::watch;

/// Returns when `stop` is true, or whoever could make it so is gone.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|&stop| stop).await;
}
