//! `class`: a picture that a network takes for a class.

use super::range::within;
use super::{Desk, Refused, Verb, words};
use serde::Deserialize;

/// Settings of `class`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    class: Class,
    iterations: Option<u32>,
    size: Option<u32>,
    seed: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Class {
    Number(u32),
    Name(String),
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        Vec::new()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let class = match &self.class {
            &Class::Number(number) => {
                within("class", Some(number), 0..=999)?.map_or(String::new(), |number| number.to_string())
            }
            Class::Name(name) => words::words("class", name)?.to_owned(),
        };
        desk.words(&["see", "class", &class, "-o", "result.png"]);
        desk.iterations(self.iterations)?;
        desk.flag("--size", within("size", self.size, 32..=desk.limits.side.min(1024))?);
        desk.flag("--seed", self.seed);
        Ok(())
    }
}
