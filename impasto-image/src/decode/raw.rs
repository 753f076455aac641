//! Samples as a file stores them, before colour conversion.

use image::metadata::Orientation;

use crate::picture::{to_u8, to_u16, unit};

/// What the channels of a pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Amounts of ink: 0 none, 1 full.
    Cmyk,
}

impl Layout {
    /// Channels a pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Colour channels a pixel, which come first.
    pub fn colours(self) -> usize {
        match self {
            Self::Grey | Self::GreyAlpha => 1,
            Self::Rgb | Self::Rgba => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Interleaved samples at the precision of the file.
#[derive(Debug, Clone)]
pub(crate) enum Samples {
    U8(Vec<u8>),
    U16(Vec<u16>),
    F32(Vec<f32>),
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::F32(v) => v.len(),
        }
    }

    /// Sample `i` scaled to [0, 1]; the division is exact to the last bit, as other programs do it.
    pub fn get(&self, i: usize) -> f32 {
        match self {
            Self::U8(v) => f32::from(v[i]) / 255.0,
            Self::U16(v) => f32::from(v[i]) / 65535.0,
            // A file may hold anything here, but a picture holds [0, 1].
            Self::F32(v) => unit(v[i]),
        }
    }

    /// `values` in [0, 1] at this precision.
    pub fn requantised(&self, values: &[f32]) -> Self {
        match self {
            Self::U8(_) => Self::U8(values.iter().map(|&v| to_u8(v)).collect()),
            Self::U16(_) => Self::U16(values.iter().map(|&v| to_u16(v)).collect()),
            Self::F32(_) => Self::F32(values.to_vec()),
        }
    }

    /// Bits of a sample.
    pub fn bits(&self) -> u8 {
        match self {
            Self::U8(_) => 8,
            Self::U16(_) => 16,
            Self::F32(_) => 32,
        }
    }
}

/// A decoded file: samples, what they mean, and how the picture is to be turned.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub width: usize,
    pub height: usize,
    pub layout: Layout,
    pub samples: Samples,
    pub icc: Option<Vec<u8>>,
    /// The EXIF block, where the file is not itself made like one.
    pub exif: Option<Vec<u8>>,
    pub orientation: Orientation,
    /// Whether the file holds further frames, which were not decoded.
    pub animated: bool,
}
