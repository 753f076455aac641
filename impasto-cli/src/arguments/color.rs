//! Whose colours a painting has.

use crate::failure::Failure;
use clap::Args;
use impasto::{ColorSource, Coloring};
use impasto_image::color::Palette;
use std::path::Path;
use std::str::FromStr;

/// Flags that choose colours.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Colour")]
pub struct ColorArguments {
    /// Whose colours the result has: style, photo, luminance, or palette:FILE|COLOURS
    ///
    /// style: the painting's. photo: the painting is first given the photograph's mean colours and their spread, and the
    /// result the photograph's whole distribution of colours. luminance: only lightness is painted, and every pixel keeps
    /// the photograph's colour. palette: painting and result are moved towards the colours of FILE, which is a picture
    /// (all its colours, or eight if it has more than 256), a GIMP palette, or a text with one colour a line; or towards
    /// COLOURS such as #1b3a5f,navy,orange.
    ///
    /// Without the flag the colours are the painting's, too; but if `impasto prepare --palette` reduced it to a few, the
    /// result's are drawn to the nearest of these. style does without that. [default: style, or those few]
    #[arg(long, value_name = "SOURCE")]
    color: Option<Source>,

    /// How much of those colours: 0 for none, 1 for all [default: 1]
    #[arg(long, value_name = "X", value_parser = strength, allow_negative_numbers = true)]
    color_strength: Option<f32>,
}

/// A source as it is typed.
#[derive(Clone, Debug)]
enum Source {
    Style,
    Photo,
    Luminance,
    Palette(String),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.split_once(':')) {
            ("style", _) => Ok(Source::Style),
            ("photo", _) => Ok(Source::Photo),
            ("luminance", _) => Ok(Source::Luminance),
            (_, Some(("palette", name))) if !name.is_empty() => Ok(Source::Palette(name.into())),
            _ => Err("it must be style, photo, luminance, palette:FILE or palette:#1b3a5f,navy".into()),
        }
    }
}

impl ColorArguments {
    /// The palette's file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.color {
            Some(Source::Palette(name)) => Some(Path::new(name)).filter(|path| path.exists()),
            _ => None,
        }
    }

    /// `before` with what was chosen; a palette is read now.
    pub fn change(&self, before: Coloring) -> anyhow::Result<Coloring> {
        let from = match &self.color {
            None => before.from,
            Some(Source::Style) => ColorSource::Style,
            Some(Source::Photo) => ColorSource::Photo,
            Some(Source::Luminance) => ColorSource::Luminance,
            Some(Source::Palette(name)) => ColorSource::Palette(palette(name, "")?),
        };
        Ok(Coloring { from, strength: self.color_strength.unwrap_or(before.strength) })
    }
}

/// The palette of a file, or of colours on the command line; `told` begins the error of text that is neither.
///
/// A file may be damaged; what names none is the command line's fault.
pub fn palette(text: &str, told: &str) -> anyhow::Result<Palette> {
    let palette = Palette::named(text);
    if Path::new(text).exists() {
        return Ok(palette?);
    }
    Ok(palette.map_err(|error| {
        let failure = Failure::usage(format_args!("{told}{error}"));
        error.hint().into_iter().fold(failure, Failure::hint)
    })?)
}

/// A number from 0 to 1.
fn strength(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        Ok(_) => Err("it must be from 0 to 1".into()),
        Err(_) => Err("it is not a number".into()),
    }
}
