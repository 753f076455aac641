//! What is kept of a photograph's file in the file of the result.

use crate::input::FileRecord;
use crate::input::Input;
use crate::output::Destination;
use crate::report;
use impasto_image::{OutputFormat, Profile};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is kept of a photograph's file in the file of the result; part of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Handling {
    /// The colour profile.
    pub profile: ProfileChoice,
    /// Whether EXIF data are kept.
    pub metadata: bool,
    /// What transparent parts are laid on, red, green and blue from 0 to 255; none to keep alpha.
    pub background: Option<[u8; 3]>,
}

/// The colour profile of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileChoice {
    /// sRGB.
    #[default]
    Srgb,
    /// The photograph's own.
    Keep,
    /// One from a file.
    File(FileRecord),
}

impl Handling {
    /// Whether nothing of the photograph's file is asked for, as for pictures that are no version of a photograph.
    pub fn is_none(&self) -> bool {
        *self == Handling::default()
    }

    /// The destination of a version of `photo`, checked as far as it can be before the work. A profile's file is read
    /// from `moved`, if it is not where it was.
    pub fn apply(
        self,
        destination: Destination,
        photo: Option<&Input>,
        moved: Option<&Path>,
    ) -> anyhow::Result<Destination> {
        let metadata = photo.map(|photo| &photo.metadata);
        let shown = photo.map(|photo| photo.path.display().to_string()).unwrap_or_default();
        let mut options = destination.options().clone();
        options.background = self.background;
        options.profile = match &self.profile {
            ProfileChoice::Srgb => None,
            ProfileChoice::Keep => metadata.and_then(|metadata| metadata.profile.clone()),
            ProfileChoice::File(file) => Some(Profile::open(moved.unwrap_or(&file.path))?),
        };
        if self.profile == ProfileChoice::Keep && options.profile.is_none() {
            report::note(format_args!(
                "{shown} has no colour profile that RGB pictures can be written in: the result is sRGB"
            ));
        }
        if self.metadata && destination.format().has_exif() {
            options.exif = metadata.and_then(|metadata| metadata.exif.clone());
            if let Some(damage) = metadata.and_then(|metadata| metadata.damage.as_ref()) {
                let rest = if options.exif.is_some() { "the rest is" } else { "they are not" };
                report::warn(format_args!("{shown}: the EXIF data are damaged ({damage}); {rest} kept"));
            }
        }
        let alpha = photo.and_then(|photo| photo.picture.alpha());
        if self.background.is_none()
            && destination.format() == OutputFormat::Jpeg
            && alpha.is_some_and(|alpha| alpha.iter().any(|&alpha| alpha < 1.0))
        {
            report::warn(
                "JPEG holds no transparency: the result is laid on white; \
                 choose another colour with --background, or PNG, WebP or TIFF",
            );
        }
        destination.with_handling(self, options)
    }
}

/// A colour as `#rrggbb`, `#rgb` or one of a few names.
pub fn colour(text: &str) -> Result<[u8; 3], String> {
    let wrong = || format!("{text:?} is no colour: give white, black, grey, #rgb or #rrggbb");
    match text {
        "white" => return Ok([255; 3]),
        "black" => return Ok([0; 3]),
        "grey" | "gray" => return Ok([128; 3]),
        _ => {}
    }
    let digits = text.strip_prefix('#').unwrap_or(text);
    let digits: Option<Vec<u8>> =
        digits.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits.ok_or_else(wrong)?[..] {
        [r, g, b] => Ok([r, g, b].map(|digit| 17 * digit)),
        [r, s, g, h, b, c] => Ok([16 * r + s, 16 * g + h, 16 * b + c]),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::colour;

    #[test]
    fn colours_are_read() {
        for (text, expected) in [
            ("white", [255; 3]),
            ("#f80", [255, 136, 0]),
            ("#0a0B0c", [10, 11, 12]),
            ("336699", [51, 102, 153]),
        ] {
            assert_eq!(colour(text), Ok(expected), "{text}");
        }
        for text in ["", "#", "#12", "#12345", "#1234567", "pink!", "#ggg", "#ééé"] {
            assert!(colour(text).is_err(), "{text}");
        }
    }
}
