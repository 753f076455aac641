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
