//! `prepare`: a style picture made ready. Things are taken out first, of the picture as it was uploaded; then it is cut and
//! turned, and its colours are changed last.

use super::range::within;
use super::{Desk, Refused, Verb, words};
use crate::job::Lane;
use serde::Deserialize;

/// Settings of `prepare`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    picture: String,
    /// Id of a mask.
    erase: Option<String>,
    /// Left, top, width and height as shares of the picture.
    crop: Option<[f64; 4]>,
    flip: Option<Flip>,
    rotate: Option<u32>,
    brightness: Option<f64>,
    contrast: Option<f64>,
    saturation: Option<f64>,
    palette: Option<Palette>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Flip {
    Horizontal,
    Vertical,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Palette {
    /// So many colours.
    Count(u32),
    /// Colours, or a picture's id.
    Named(String),
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        let palette = match &self.palette {
            Some(Palette::Named(id)) => Some(id.as_str()),
            _ => None,
        };
        [Some(self.picture.as_str()), self.erase.as_deref(), palette].into_iter().flatten().collect()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let picture = desk.picture("picture", &self.picture, false)?;
        desk.words(&["prepare", &picture, "-o", "result.png"]);
        if let Some(mask) = &self.erase {
            let mask = desk.picture("erase", mask, false)?;
            desk.flag("--erase", Some(mask));
        }
        if let Some(crop) = self.crop {
            desk.flag("--crop", Some(area(crop)?));
        }
        desk.flag(
            "--flip",
            self.flip.map(|flip| match flip {
                Flip::Horizontal => "horizontal",
                Flip::Vertical => "vertical",
            }),
        );
        if let Some(degrees) = self.rotate {
            if ![90, 180, 270].contains(&degrees) {
                return Err(
                    Refused::new(format_args!("rotate is {degrees}")).hint("it must be 90, 180 or 270")
                );
            }
            desk.flag("--rotate", Some(degrees));
        }
        desk.flag("--brightness", within("brightness", self.brightness, -1.0..=1.0)?);
        desk.flag("--contrast", within("contrast", self.contrast, 0.0..=10.0)?);
        desk.flag("--saturation", within("saturation", self.saturation, 0.0..=10.0)?);
        let palette = match &self.palette {
            None => None,
            Some(Palette::Count(count)) => {
                within("palette", Some(*count), 2..=256)?.map(|count| count.to_string())
            }
            Some(Palette::Named(id)) if words::is_id(id) => Some(desk.picture("palette", id, false)?),
            Some(Palette::Named(colors)) => Some(words::colors("palette", colors)?.to_owned()),
        };
        desk.flag("--palette", palette);
        desk.lane(Lane::Quick);
        Ok(())
    }
}

/// A part of a picture as the command line takes it.
fn area(crop: [f64; 4]) -> Result<String, Refused> {
    let [x, y, width, height] = crop;
    let inside = |start: f64, length: f64| start >= 0.0 && length > 0.0 && start + length <= 1.0 + 1e-9;
    if !(inside(x, width) && inside(y, height)) {
        let refused = Refused::new(format_args!("crop is {crop:?}"));
        return Err(refused.hint("give left, top, width and height as shares of the picture, 0 to 1"));
    }
    let percent = |share: f64| format!("{}%", (share * 1e6).round() / 1e4);
    Ok(crop.map(percent).join(","))
}
