//! A few colours: from a text, a file or a picture.

mod cluster;
mod file;
mod fit;

use super::oklab::{self, Lab};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::picture::{Picture, to_u8};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

pub use fit::Fit;

pub(super) use cluster::{cells, cluster};

/// The most colours a palette can have.
pub const MOST: usize = 256;

/// Colours that are taken from a picture that has too many for a palette, unless told otherwise.
pub const FROM_PICTURE: usize = 8;

/// 1 to [`MOST`] different 8-bit sRGB colours, in the order they were given.
///
/// As text they are `#1b3a5f,#000080`, which also reads as a palette.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Palette(Vec<[u8; 3]>);

impl Palette {
    /// A palette of these colours, each once; `origin` stands for them in errors.
    pub fn new(colors: impl IntoIterator<Item = [u8; 3]>, origin: &str) -> Result<Self> {
        let failed = |reason| Error::Palette { origin: origin.to_owned(), reason };
        let mut seen = BTreeSet::new();
        let colors: Vec<_> = colors.into_iter().filter(|&color| seen.insert(color)).collect();
        match colors.len() {
            0 => Err(failed("it has no colours".into())),
            1..=MOST => Ok(Palette(colors)),
            count => Err(failed(format!("it has {count} colours, more than {MOST}"))),
        }
    }

    /// A file's palette: colours of a GIMP palette (.gpl), of a text with one colour a line, or of a [picture](Self::of).
    ///
    /// A line of text holds a CSS colour (`#1b3a5f`, `navy`, `rgb(27 58 95)`, `oklch(0.35 0.07 252)`) or three numbers from
    /// 0 to 255, and perhaps a name behind them; empty lines and those that begin with `//`, `;` or `# ` are passed over.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        file::open(path.as_ref(), &Limits::default())
    }

    /// What `text` names: the palette of a [file](Self::open), or else colours, as they [parse](Self::from_str).
    pub fn named(text: &str) -> Result<Self> {
        if Path::new(text).exists() {
            return Self::open(text);
        }
        text.parse().map_err(|error| match error {
            Error::Palette { origin, reason } => {
                Error::Palette { origin, reason: format!("there is no such file, and as colours: {reason}") }
            }
            error => error,
        })
    }

    /// A picture's different colours in 8 bits a channel, in order of lightness; if there are more than [`MOST`], then
    /// [`FROM_PICTURE`] that stand for them. Transparent pixels do not count.
    pub fn of(picture: &Picture) -> Result<Self> {
        let visible = |i: usize| picture.alpha().is_none_or(|alpha| alpha[i] > 0.0);
        let mut colors = BTreeSet::new();
        for (_, rgb) in picture.rgb().as_chunks().0.iter().enumerate().filter(|&(i, _)| visible(i)) {
            colors.insert(rgb.map(to_u8));
            if colors.len() > MOST {
                return Self::reduced(picture, FROM_PICTURE);
            }
        }
        let mut palette = Self::new(colors, "of a picture")?;
        palette.sort();
        Ok(palette)
    }

    /// At most `count` (1 to [`MOST`]) colours that stand for a picture's, in order of lightness: k-means in Oklab from
    /// k-means++ starts, weighted by alpha.
    pub fn reduced(picture: &Picture, count: usize) -> Result<Self> {
        let colors = cluster(picture, count.clamp(1, MOST)).into_iter();
        let mut palette =
            Self::new(colors.map(|c| super::gamut::to_srgb(c.color).map(to_u8)), "of a picture")?;
        palette.sort();
        Ok(palette)
    }

    /// The colours, sRGB-encoded.
    pub fn colors(&self) -> &[[u8; 3]] {
        &self.0
    }

    /// The colours in Oklab.
    pub fn lab(&self) -> Vec<Lab> {
        self.0.iter().map(|color| oklab::from_srgb(unit(*color))).collect()
    }

    /// The place of the colour nearest in Oklab.
    pub(super) fn nearest(lab: Lab, colors: &[Lab]) -> usize {
        let mut best = (f32::INFINITY, 0);
        for (i, color) in colors.iter().enumerate() {
            let distance = oklab::distance2(lab, *color);
            if distance < best.0 {
                best = (distance, i);
            }
        }
        best.1
    }

    fn sort(&mut self) {
        self.0.sort_by(|x, y| oklab::from_srgb(unit(*x))[0].total_cmp(&oklab::from_srgb(unit(*y))[0]));
    }
}

/// 8-bit samples in [0, 1].
pub(super) fn unit(color: [u8; 3]) -> [f32; 3] {
    color.map(|v| f32::from(v) / 255.0)
}

impl fmt::Display for Palette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, [r, g, b]) in self.0.iter().enumerate() {
            write!(f, "{}#{r:02x}{g:02x}{b:02x}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Palette {
    type Err = Error;

    /// Reads CSS colours with commas between them.
    fn from_str(text: &str) -> Result<Self> {
        let failed = |reason| Error::Palette { origin: text.to_owned(), reason };
        let colors =
            items(text).map(parse_color).collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
        Self::new(colors, text)
    }
}

/// The parts of a text between commas that stand in no parentheses.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    })
    .map(str::trim)
}

/// The 8-bit sRGB values of an opaque CSS colour such as `navy`, `#1b3a5f` or `rgb(27 58 95)`, or what is wrong with it.
pub fn parse_color(text: &str) -> std::result::Result<[u8; 3], String> {
    let color = csscolorparser::parse(text).map_err(|_| format!("{text:?} is no colour"))?;
    let [r, g, b, alpha] = color.to_rgba8();
    if alpha < 255 { Err(format!("{text:?} is transparent")) } else { Ok([r, g, b]) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{flat, painting};
    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        let palette: Palette = "#1b3a5f, navy,rgb(1, 2, 3),#FFF,navy".parse().expect("colours");
        assert_eq!(palette.to_string(), "#1b3a5f,#000080,#010203,#ffffff");
        assert_eq!(palette.to_string().parse::<Palette>().expect("colours"), palette);
        for (text, reason) in [
            ("", "\"\" is no colour"),
            ("navy,", "\"\" is no colour"),
            ("navy;red", "\"navy;red\" is no colour"),
            ("#12345", "\"#12345\" is no colour"),
            ("transparent", "transparent"),
            ("rgb(1,2", "no colour"),
        ] {
            let error = text.parse::<Palette>().expect_err(text);
            assert!(error.to_string().contains(reason) && error.hint().is_some(), "{error}");
        }
        let error = Palette::named("no-such-file.gpl").expect_err("no file").to_string();
        assert!(error.contains("no-such-file.gpl: there is no such file"), "{error}");
    }

    #[test]
    fn pictures_have_palettes() {
        assert_eq!(Palette::of(&flat(3, 3, [1.0, 0.0, 0.0])).expect("a palette").to_string(), "#ff0000");
        let many = Palette::of(&painting(60, 50)).expect("a palette");
        assert_eq!(many.colors().len(), FROM_PICTURE);
        let two = Picture::from_rgb8(2, 1, &[255, 255, 255, 0, 0, 0]).expect("a picture");
        assert_eq!(Palette::of(&two).expect("a palette").to_string(), "#000000,#ffffff");
        let one = two.with_alpha(vec![1.0, 0.0]).expect("alpha");
        assert_eq!(Palette::of(&one).expect("a palette").to_string(), "#ffffff");
        let none = one.with_alpha(vec![0.0, 0.0]).expect("alpha");
        assert!(Palette::of(&none).is_err() && Palette::reduced(&none, 3).is_err());
    }
}
