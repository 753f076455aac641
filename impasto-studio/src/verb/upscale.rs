//! `upscale`: a photograph two, four or eight times as large.

use super::{Desk, Refused, Verb};
use serde::Deserialize;

/// Settings of `upscale`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    photo: String,
    factor: Option<u32>,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        vec![&self.photo]
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let factor = self.factor.unwrap_or(4);
        if ![2, 4, 8].contains(&factor) {
            return Err(Refused::new(format_args!("factor is {factor}")).hint("it must be 2, 4 or 8"));
        }
        let facts = desk.facts("photo", &self.photo)?;
        let (width, height) = (u64::from(facts.width * factor), u64::from(facts.height * factor));
        if width * height > desk.limits.pixels {
            let refused = Refused::new(format_args!("{width}×{height} pixels are too many"));
            return Err(refused.hint(format_args!("stay below {} pixels", desk.limits.pixels)));
        }
        let photo = desk.picture("photo", &self.photo, false)?;
        desk.words(&["upscale", &photo, "-o", "result.png"]);
        desk.flag("--factor", self.factor);
        Ok(())
    }
}
