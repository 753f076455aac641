//! `atlas`: what every layer of a network sees in a picture.

use super::range::within;
use super::{Desk, Refused, Verb, words};
use serde::Deserialize;

/// Settings of `atlas`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    picture: String,
    #[serde(default)]
    layers: Vec<String>,
    planes: Option<u32>,
    net: Option<String>,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        vec![&self.picture]
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let picture = desk.picture("picture", &self.picture, false)?;
        desk.words(&["see", "atlas", &picture, "-o", "result.html", "--export", "tiles"]);
        desk.flag("--layers", words::layers("layers", &self.layers)?);
        desk.flag("--planes", within("planes", self.planes, 1..=512)?);
        if let Some(net) = &self.net {
            if !["vgg19", "squeezenet"].contains(&net.as_str()) {
                return Err(Refused::new("net is none of those there are").hint("use vgg19 or squeezenet"));
            }
            desk.flag("--net", Some(net));
        }
        Ok(())
    }
}
