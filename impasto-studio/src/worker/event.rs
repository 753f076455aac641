//! What a child tells on standard error, line by line.

use crate::job::Reason;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest text of a note.
const LONGEST: usize = 2000;

/// A line of a child.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// How far it is.
    Progress(Map<String, Value>),
    /// A file is complete.
    Made {
        /// Its path in the child's folder.
        file: String,
        /// What it is.
        kind: String,
        /// What is told of it.
        #[serde(default)]
        facts: Value,
    },
    /// Something to know.
    Note {
        /// The text.
        text: String,
    },
    /// Something that was worked around.
    Warning {
        /// The text.
        text: String,
    },
    /// Why it failed.
    Error(Reason),
}

impl Event {
    /// The event of a line; a line that is none is a note, an empty one nothing.
    pub fn of(line: &str) -> Option<Event> {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        Some(serde_json::from_str(line).unwrap_or_else(|_| {
            let text = line.chars().take(LONGEST).collect();
            Event::Note { text }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_are_events_or_notes() {
        let Some(Event::Progress(values)) =
            Event::of(r#"{"event":"progress","done":120,"of":300,"loss":0.6}"#)
        else {
            panic!("progress");
        };
        assert_eq!(values["done"], 120);
        assert!(!values.contains_key("event"));
        let made = r#"{"event":"made","file":"out-0050.png","kind":"snapshot","facts":{"evaluation":50}}"#;
        let expected = Event::Made {
            file: "out-0050.png".into(),
            kind: "snapshot".into(),
            facts: json!({"evaluation": 50}),
        };
        assert_eq!(Event::of(made), Some(expected));
        let failed = r#"{"event":"error","text":"no","causes":["why"],"hint":"do"}"#;
        let reason = Reason { text: "no".into(), causes: vec!["why".into()], hint: Some("do".into()) };
        assert_eq!(Event::of(failed), Some(Event::Error(reason)));
        assert_eq!(Event::of("  "), None);
        for line in ["plain", "{\"event\":\"other\"}", "{}", "[1]", "{\"event\":\"made\"}"] {
            assert_eq!(Event::of(line), Some(Event::Note { text: line.into() }), "{line}");
        }
    }
}
