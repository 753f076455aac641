//! Server-sent events: what changed, as it changes.

use super::Failure;
use crate::job::Revision;
use crate::log;
use crate::queue::{Changes, Queue};
use crate::server::App;
use crate::stop::stopped;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long nothing may happen before it is looked whether something did.
const LOOK: Duration = Duration::from_secs(2);

/// How long changes are gathered.
const GATHER: Duration = Duration::from_millis(50);

/// How long a browser that was cut off waits before it asks again.
const RETRY: Duration = Duration::from_millis(1000);

/// From where on.
#[derive(Debug, Deserialize)]
pub struct After {
    after: Option<Revision>,
}

/// All changes after a revision, which a browser that comes back names in `Last-Event-ID`; without any, from now on.
pub async fn events(
    State(app): State<Arc<App>>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let now = app.queue.revision().await?;
    // A revision that is still to come is another studio's: what is known of that one is worth nothing.
    let after = last.or(after).map_or(now, |after| if after > now { 0 } else { after });
    let listener = Listener { queue: app.queue.clone(), after, stop: app.stop.clone() };
    let hello = Event::default().retry(RETRY).id(after.to_string()).event("hello").data("{}");
    let batches = stream::unfold(listener, |mut listener| async move {
        let batch = listener.next().await?;
        Some((stream::iter(batch), listener))
    });
    let all = stream::iter([hello]).chain(batches.flatten()).map(Ok);
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Someone who wants to know what changes.
struct Listener {
    queue: Arc<dyn Queue>,
    after: Revision,
    stop: watch::Receiver<bool>,
}

impl Listener {
    /// The next changes; none when the studio stops.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            tokio::select! {
                () = self.queue.wait(self.after, LOOK) => {}
                () = stopped(&mut self.stop) => return None,
            }
            tokio::time::sleep(GATHER).await;
            match self.queue.changes(self.after).await {
                Ok(changes) if changes.revision > self.after => {
                    self.after = changes.revision;
                    return Some(told(&changes));
                }
                Ok(_) => {}
                Err(error) => {
                    log::warn("events", &error);
                    return None;
                }
            }
        }
    }
}

/// Changes as events. Only the last has an id: who was cut off in between hears all again.
fn told(changes: &Changes) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    events.extend(
        changes.points.iter().map(|(job, points)| event("points", &json!({ "job": job, "points": points }))),
    );
    events.extend(changes.jobs.iter().map(|job| event("job", job)));
    events.extend(changes.gone.iter().map(|id| event("gone", &json!({ "id": id }))));
    let last = events.pop().unwrap_or_else(|| Event::default().event("hello").data("{}"));
    events.push(last.id(changes.revision.to_string()));
    events
}

/// An event that carries a value.
fn event(name: &str, value: &impl Serialize) -> Event {
    // Jobs have nothing that JSON could not hold.
    Event::default().event(name).data(serde_json::to_string(value).unwrap_or_else(|_| "null".into()))
}
