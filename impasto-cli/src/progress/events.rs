//! Progress as events for programs.

use crate::report;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// Time between events: ten a second are enough for any bar.
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);

/// Tells how far something has come, now and then, and in the end.
#[derive(Default)]
pub struct Events {
    last: Option<Instant>,
    /// What was not told, because it came too early.
    untold: Option<Value>,
}

impl Events {
    /// What tells of progress, if that is wanted.
    pub fn wanted() -> Option<Events> {
        (report::tells_events() && !report::is_quiet()).then(Events::default)
    }

    /// `done` of `all` is done, which may be unknown, and will be in so many seconds; a text for people, and more facts.
    pub fn show(&mut self, done: usize, all: Option<usize>, left: Option<f64>, text: &str, more: Value) {
        let left = left.map(|left| (left * 10.0).round() / 10.0);
        let mut event = json!({ "event": "progress", "done": done, "of": all, "left": left, "text": text });
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend::<Map<_, _>>(more);
        }
        self.untold = Some(event);
        if self.last.is_none_or(|last| last.elapsed() >= BETWEEN_EVENTS) {
            self.finish();
        }
    }

    /// Tells what was left out, if it was the last.
    pub fn finish(&mut self) {
        if let Some(event) = self.untold.take() {
            self.last = Some(Instant::now());
            report::event(&event);
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_left_out_but_never_the_last() {
        let mut events = Events::default();
        events.show(1, Some(3), Some(2.0), "one", json!({}));
        assert!(events.untold.is_none());
        events.last = Some(Instant::now() + Duration::from_secs(60));
        events.show(2, Some(3), Some(0.949), "two", json!({ "loss": 1.5 }));
        let untold = events.untold.as_ref().map(ToString::to_string);
        let expected = r#"{"event":"progress","done":2,"of":3,"left":0.9,"text":"two","loss":1.5}"#;
        assert_eq!(untold.as_deref(), Some(expected));
        events.finish();
        assert!(events.untold.is_none());
    }
}
