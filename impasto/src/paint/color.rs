//! Whose colours a painting has.

use crate::Error;
use impasto_image::color::{
    Palette, draw_to, grey, match_histogram, match_lightness, match_moments, recolor, transfer_luminance,
};
use impasto_image::{Picture, resize};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Whose colours a painting has, and how much of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coloring {
    /// Where they come from.
    pub from: ColorSource,
    /// From 0, the style picture's colours, to 1, all of the source's.
    pub strength: f32,
}

/// Where a painting's colours come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColorSource {
    /// The style picture: nothing is done.
    Style,
    /// The content picture: the style is painted with its mean and covariance of colours, and the result gets its
    /// distribution of colours (Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving color in neural artistic style
    /// transfer", and a histogram match).
    Photo,
    /// The content picture, pixel by pixel: content and style are painted in grey, the style with the content's mean and
    /// variance of lightness, and the colours are put back (luminance-only transfer, in the same paper).
    Luminance,
    /// The style picture, whose few colours these are: nothing is done to it, and the result's colours are drawn to the
    /// nearest of them. Means and covariances do not know that a style has few colours.
    Kept(#[serde(with = "as_text")] Palette),
    /// A palette: both the style before and the result after painting are moved towards it.
    Palette(#[serde(with = "as_text")] Palette),
}

impl Coloring {
    /// The style picture's own colours.
    pub const STYLE: Coloring = Coloring { from: ColorSource::Style, strength: 1.0 };

    /// Whether it leaves all pictures as they are.
    fn is_none(&self) -> bool {
        // Undefined strengths are none.
        self.from == ColorSource::Style || self.strength.is_nan() || self.strength <= 0.0
    }

    /// The content picture as it is painted.
    pub(super) fn content<'a>(&self, content: &'a Picture) -> Cow<'a, Picture> {
        match self.from {
            ColorSource::Luminance if !self.is_none() => Cow::Owned(grey(content, self.strength)),
            _ => Cow::Borrowed(content),
        }
    }

    /// A style picture as it is painted.
    pub(super) fn style<'a>(
        &self,
        style: &'a Picture,
        content: Option<&Picture>,
    ) -> Result<Cow<'a, Picture>, Error> {
        if self.is_none() {
            return Ok(Cow::Borrowed(style));
        }
        let strength = self.strength;
        Ok(Cow::Owned(match &self.from {
            ColorSource::Style | ColorSource::Kept(_) => return Ok(Cow::Borrowed(style)),
            ColorSource::Photo => match_moments(style, needed(content)?, strength),
            ColorSource::Luminance => grey(&match_lightness(style, needed(content)?, strength), strength),
            ColorSource::Palette(palette) => recolor(style, palette, strength),
        }))
    }

    /// A result of any size with its final colours.
    ///
    /// # Errors
    /// Those of moving colours.
    pub fn result(&self, result: Picture, content: Option<&Picture>) -> Result<Picture, Error> {
        if self.is_none() {
            return Ok(result);
        }
        let strength = self.strength;
        let (width, height) = (result.width(), result.height());
        let photo = || -> Result<Picture, Error> { Ok(resize(needed(content)?, width, height)?) };
        Ok(match &self.from {
            ColorSource::Style => result,
            ColorSource::Photo => match_histogram(&result, &photo()?, strength),
            ColorSource::Luminance => transfer_luminance(&result, &photo()?, strength)?,
            ColorSource::Kept(palette) => draw_to(&result, palette, strength),
            ColorSource::Palette(palette) => recolor(&result, palette, strength),
        })
    }
}

impl Default for Coloring {
    fn default() -> Self {
        Self::STYLE
    }
}

fn needed(content: Option<&Picture>) -> Result<&Picture, Error> {
    content
        .ok_or(Error::MissingPicture { role: "content", purpose: "a painting in the photograph's colours" })
}

/// A palette as `#1b3a5f,#000080`.
mod as_text {
    use impasto_image::color::Palette;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(palette: &Palette, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(palette)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Palette, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_are_recorded_by_their_colours() {
        let from = ColorSource::Palette("navy,#fff".parse().expect("colours"));
        let coloring = Coloring { from, strength: 0.7 };
        let text = serde_json::to_string(&coloring).expect("JSON");
        assert!(text.contains(r##""palette":"#000080,#ffffff""##), "{text}");
        assert_eq!(serde_json::from_str::<Coloring>(&text).expect("a colouring"), coloring);
        let kept = ColorSource::Kept("navy,#fff".parse().expect("colours"));
        for from in [ColorSource::Style, ColorSource::Photo, ColorSource::Luminance, kept] {
            let coloring = Coloring { from, strength: 1.0 };
            let text = serde_json::to_string(&coloring).expect("JSON");
            assert_eq!(serde_json::from_str::<Coloring>(&text).expect("a colouring"), coloring);
        }
        let bad = text.replace("#000080", "blu");
        assert!(serde_json::from_str::<Coloring>(&bad).is_err());
    }

    #[test]
    fn nothing_is_done_without_strength_or_for_the_style_s_colours() {
        let picture = Picture::new(2, 1, vec![0.1, 0.9, 0.3, 0.4, 0.2, 0.6]).expect("a picture");
        for coloring in [
            Coloring::STYLE,
            Coloring { from: ColorSource::Photo, strength: 0.0 },
            Coloring { from: ColorSource::Luminance, strength: f32::NAN },
        ] {
            assert!(matches!(coloring.content(&picture), Cow::Borrowed(_)));
            assert!(matches!(coloring.style(&picture, None), Ok(Cow::Borrowed(_))));
            assert_eq!(coloring.result(picture.clone(), None).expect("a picture"), picture);
        }
        let kept = ColorSource::Kept("navy,#fff".parse().expect("colours"));
        let kept = Coloring { from: kept, strength: 1.0 };
        assert!(matches!(kept.style(&picture, None), Ok(Cow::Borrowed(_))));
        assert_ne!(kept.result(picture.clone(), None).expect("a picture"), picture);
        let photo = Coloring { from: ColorSource::Photo, strength: 1.0 };
        assert!(matches!(photo.style(&picture, None), Err(Error::MissingPicture { role: "content", .. })));
    }
}
