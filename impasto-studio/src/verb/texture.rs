//! `texture`: a texture like a picture's, or in one pass by a network.

use super::{Desk, Refused, Verb};
use crate::job::Lane;
use serde::Deserialize;

/// The network that makes textures in one pass.
const BUILT_IN: &str = "built-in";

/// Settings of `texture`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    picture: Option<String>,
    generator: Option<String>,
    size: Option<u32>,
    #[serde(default)]
    tileable: bool,
    seed: Option<u64>,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        self.picture.as_deref().into_iter().collect()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        match (&self.picture, self.generator.as_deref()) {
            (Some(picture), None) => {
                let picture = desk.picture("picture", picture, false)?;
                desk.words(&["texture", &picture, "-o", "result.png"]);
            }
            (None, Some(BUILT_IN)) => {
                desk.words(&["texture", "--generator", BUILT_IN, "-o", "result.png"]);
                desk.lane(Lane::Quick);
            }
            (None, Some(_)) => {
                return Err(Refused::new("there is no such generator").hint("use \"built-in\""));
            }
            _ => {
                let refused = Refused::new("neither or both of picture and generator");
                return Err(refused.hint("give a picture's id, or \"built-in\" as generator"));
            }
        }
        desk.size(self.size, false)?;
        if self.tileable {
            if self.generator.is_none() {
                return Err(Refused::new("tileable needs a generator").hint("give \"built-in\""));
            }
            desk.words(&["--tileable"]);
        }
        desk.flag("--seed", self.seed);
        Ok(())
    }
}
