//! `dream`: a photograph changed until the network sees more in it.

use super::{Desk, Refused, Verb, words};
use serde::Deserialize;

/// Settings of `dream`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    photo: String,
    layer: Option<String>,
    size: Option<u32>,
    /// At each size.
    iterations: Option<u32>,
    seed: Option<u64>,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        vec![&self.photo]
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let photo = desk.picture("photo", &self.photo, false)?;
        desk.words(&["see", "dream", &photo, "-o", "result.png"]);
        desk.flag("--layer", words::layers("layer", self.layer.as_slice())?);
        desk.size(self.size, false)?;
        desk.iterations(self.iterations)?;
        desk.flag("--seed", self.seed);
        Ok(())
    }
}
