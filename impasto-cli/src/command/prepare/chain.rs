//! The record of a prepared picture: the steps that made it, and those that made what it was made from.

use crate::input::Input;
use crate::record::{self, PROGRAM};
use impasto_image::color::Palette;
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

    /// The few colours that the picture was reduced to, unless they were dithered, which is to show others, or a later step
    /// changed them. Steps that move pixels leave them, and so does erasing, which paints after what has them.
    pub fn palette(&self) -> Option<Palette> {
        let mut palette = None;
        for part in &self.0 {
            // What was made otherwise has no steps, and any colours.
            let Some(steps) = part["steps"].as_array() else {
                palette = None;
                continue;
            };
            for step in steps {
                match step["step"].as_str() {
                    Some("size" | "crop" | "flip" | "rotate" | "erase") => {}
                    Some("palette") if step["dither"] == false => {
                        palette = step["colors"].as_str().and_then(|colors| colors.parse().ok());
                    }
                    _ => palette = None,
                }
            }
        }
        palette
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_hold_until_a_step_changes_colours() {
        let palette = json!({ "step": "palette", "colors": "#000080,#ffffff", "dither": false });
        let dithered = json!({ "step": "palette", "colors": "#000080,#ffffff", "dither": true });
        let [size, erase, contrast, later] =
            ["size", "erase", "contrast", "a step of a later version"].map(|step| json!({ "step": step }));
        let chain = |parts: &[&[&Value]]| {
            Chain(parts.iter().map(|steps| json!({ "source": "x", "steps": steps })).collect())
        };
        for (parts, holds) in [
            (&[&[&contrast, &palette][..]][..], true),
            (&[&[&palette, &size], &[&erase]], true),
            (&[&[&palette], &[&contrast]], false),
            (&[&[&palette, &later]], false),
            (&[&[&palette, &dithered]], false),
            (&[&[&dithered, &palette]], true),
            (&[&[&size]], false),
            (&[], false),
        ] {
            let found = chain(parts).palette().map(|palette| palette.to_string());
            assert_eq!(found.as_deref(), holds.then_some("#000080,#ffffff"), "{parts:?}");
        }
        let repainted = Chain(vec![json!({ "steps": [palette] }), json!({ "made-by": {} })]);
        assert_eq!(repainted.palette(), None);
    }
}
