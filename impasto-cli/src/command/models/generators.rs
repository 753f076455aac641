//! The generators that are built in.

use impasto_net::Generator;
use impasto_net::generator::BUILT_IN;
use serde_json::{Value, json};
use std::fmt::Write;

/// What [`list`] is asked for by.
pub const NAME: &str = "styles";

/// All built-in generators with their styles and how they were trained.
pub fn list() -> anyhow::Result<(Value, String)> {
    let (mut generators, mut text) = (Vec::new(), String::new());
    for name in BUILT_IN {
        let generator = Generator::built_in(name)?;
        let styles: Vec<&str> = generator.painted().collect();
        let remark = |key: &str| generator.remarks().get(key).map_or("unknown", String::as_str);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{name}\n  styles      {}\n  parameters  {}\n  trained by  {}\n  iterations  {}\n\n",
            styles.join(", "),
            generator.len(),
            remark("command"),
            remark("iterations"),
        );
        generators.push(json!({
            "name": name,
            "styles": styles,
            "architecture": generator.architecture(),
            "parameters": generator.len(),
            "remarks": generator.remarks(),
        }));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok((generators.into(), text))
}
