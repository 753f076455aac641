//! Sizes.

use super::positive;
use clap::Args;
use impasto::{Size, StyleSize};
use std::str::FromStr;

/// `N` for the long side, `WxH` for both, 0 for "as it is".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize(pub Size);

impl FromStr for PictureSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.trim().parse::<usize>().map_err(|_| format!("{text:?} is not a whole number of pixels"))
        };
        let size = match text.split_once(['x', 'X', '×']) {
            None => long_side(number(text)?),
            Some((width, height)) => match (number(width)?, number(height)?) {
                (0, _) | (_, 0) => return Err("a side of 0 pixels is no picture".into()),
                (width, height) => Size::Exact { width, height },
            },
        };
        Ok(PictureSize(size))
    }
}

/// The size that `--size N` means.
pub fn long_side(pixels: usize) -> Size {
    if pixels == 0 { Size::Own } else { Size::LongSide(pixels) }
}

/// Size of the style picture: larger makes larger strokes.
#[derive(Clone, Copy, Debug, Args)]
pub struct StyleSizeArguments {
    /// Long side of the style picture in pixels, 0 for as it is [default: that of the result]
    #[arg(long, value_name = "PIXELS", conflicts_with = "style_scale")]
    pub style_size: Option<usize>,

    /// Long side of the style picture as a factor of the result's: 0.5 makes the strokes half as large
    #[arg(long, value_name = "X", value_parser = positive, allow_negative_numbers = true)]
    pub style_scale: Option<f64>,
}

impl StyleSizeArguments {
    /// Whether any was chosen.
    pub fn is_given(&self) -> bool {
        self.style_size.is_some() || self.style_scale.is_some()
    }

    /// The size chosen.
    pub fn resolve(&self) -> StyleSize {
        match (self.style_size, self.style_scale) {
            (Some(pixels), _) => StyleSize::LongSide(pixels),
            (None, Some(factor)) => StyleSize::Factor(factor),
            (None, None) => StyleSize::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let read = |text: &str| text.parse::<PictureSize>().map(|size| size.0);
        assert_eq!(read("0"), Ok(Size::Own));
        assert_eq!(read("300"), Ok(Size::LongSide(300)));
        assert_eq!(read("300x200"), Ok(Size::Exact { width: 300, height: 200 }));
        assert_eq!(read("300×200"), Ok(Size::Exact { width: 300, height: 200 }));
        for bad in ["", "x", "3x", "0x3", "-1", "1.5", "3x4x5", "99999999999999999999"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
