//! `apply`: a photograph through a network, in one pass.

use super::range::within;
use super::{Desk, Refused, Verb};
use crate::job::Lane;
use serde::Deserialize;

/// Settings of `apply`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    photo: String,
    style: String,
    strength: Option<f64>,
    color: Option<String>,
    size: Option<u32>,
    #[serde(default)]
    preview: bool,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        let palette = self.color.as_deref().and_then(|color| color.strip_prefix("palette:"));
        [Some(self.photo.as_str()), Some(self.style.as_str()), palette].into_iter().flatten().collect()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let format = &desk.facts("photo", &self.photo)?.format;
        let photo = desk.picture("photo", &self.photo, self.preview)?;
        let style = desk.style("style", &self.style)?;
        // A JPEG has lost something already, and is written in a tenth of the time.
        let output = if self.preview || format == "jpg" { "result.jpg" } else { "result.png" };
        desk.words(&["apply", &photo, "--style", &style, "-o", output]);
        desk.flag("--strength", within("strength", self.strength, 0.0..=1.0)?);
        desk.size(self.size, true)?;
        desk.color(self.color.as_deref())?;
        desk.lane(Lane::Quick);
        Ok(())
    }
}
