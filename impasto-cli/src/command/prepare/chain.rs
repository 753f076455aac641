//! The record of a prepared picture: the steps that made it, and those that made what it was made from.

use crate::input::Input;
use crate::record::{self, PROGRAM};
use serde_json::{Value, json};
use std::path::Path;

/// Preparations, the oldest first.
pub struct Chain(Vec<Value>);

impl Chain {
    /// The preparations that a picture file tells of. A picture that this program made otherwise counts as one, with its
    /// record; records that cannot be understood count for nothing.
    pub fn of(path: &Path) -> anyhow::Result<Chain> {
        // Pipes cannot be read twice.
        if !path.is_file() {
            return Ok(Chain(Vec::new()));
        }
        let earlier =
            impasto_image::record::read(path)?.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        Ok(Chain(match earlier {
            Some(Value::Object(mut record)) if record.get("program") == Some(&json!(PROGRAM)) => {
                match record.remove("prepared") {
                    Some(Value::Array(chain)) => chain,
                    _ => vec![json!({ "made-by": record })],
                }
            }
            _ => Vec::new(),
        }))
    }

    /// The chain with one more preparation.
    pub fn with(mut self, source: &Input, steps: &[Value], seed: u64, network: &str) -> Chain {
        self.0.push(json!({ "source": source.file(), "seed": seed, "network": network, "steps": steps }));
        self
    }

    /// The picture's record as JSON text; like all but paintings' it tells the command.
    pub fn to_json(&self) -> String {
        let mut record = record::of_command();
        record["prepared"] = self.0.clone().into();
        record.to_string()
    }
}
