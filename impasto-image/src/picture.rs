//! A picture in memory.

use crate::error::{Error, Result};

/// An upright picture: interleaved sRGB-encoded red, green and blue in [0, 1], with optional straight alpha.
///
/// Row-major, top row first; `rgb` holds 3 · width · height values, `alpha` width · height. A picture decoded from
/// 8-bit samples without a colour conversion holds exactly `k as f32 / 255.0`, from 16-bit samples `k as f32 / 65535.0`.
/// Values outside [0, 1] are allowed while a picture is being worked on; saving clamps them.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<f32>,
    alpha: Option<Vec<f32>>,
}

impl Picture {
    /// An opaque picture from `rgb`, which must hold 3 · `width` · `height` values; neither side may be 0.
    pub fn new(width: usize, height: usize, rgb: Vec<f32>) -> Result<Self> {
        let wrong = |what: String| Error::Shape { width, height, what };
        if width == 0 || height == 0 {
            return Err(wrong("a side of 0".into()));
        }
        let expected = width.checked_mul(height).and_then(|n| n.checked_mul(3));
        if expected != Some(rgb.len()) {
            return Err(wrong(format!("{} colour values", rgb.len())));
        }
        Ok(Self { width, height, rgb, alpha: None })
    }

    /// The same picture with `alpha` (0 transparent, 1 opaque; width · height values, straight, not premultiplied).
    pub fn with_alpha(mut self, alpha: Vec<f32>) -> Result<Self> {
        if alpha.len() != self.width * self.height {
            let what = format!("{} alpha values", alpha.len());
            return Err(Error::Shape { width: self.width, height: self.height, what });
        }
        self.alpha = Some(alpha);
        Ok(self)
    }

    /// The same picture, opaque.
    pub fn without_alpha(mut self) -> Self {
        self.alpha = None;
        self
    }

    /// An opaque picture from 3 · `width` · `height` 8-bit samples, each exactly k / 255.
    pub fn from_rgb8(width: usize, height: usize, rgb: &[u8]) -> Result<Self> {
        Self::new(width, height, rgb.iter().map(|&k| f32::from(k) / 255.0).collect())
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Interleaved colours, 3 · width · height values.
    pub fn rgb(&self) -> &[f32] {
        &self.rgb
    }

    /// Interleaved colours, to be changed in place.
    pub fn rgb_mut(&mut self) -> &mut [f32] {
        &mut self.rgb
    }

    /// Gives up the picture for its colours.
    pub fn into_rgb(self) -> Vec<f32> {
        self.rgb
    }

    /// Straight alpha, width · height values, if the picture has any.
    pub fn alpha(&self) -> Option<&[f32]> {
        self.alpha.as_deref()
    }

    /// The colours as 8-bit samples, clamped and rounded to nearest.
    pub fn to_rgb8(&self) -> Vec<u8> {
        self.rgb.iter().map(|&v| to_u8(v)).collect()
    }

    /// Takes the picture apart: width, height, colours, alpha.
    pub fn into_parts(self) -> (usize, usize, Vec<f32>, Option<Vec<f32>>) {
        (self.width, self.height, self.rgb, self.alpha)
    }
}

/// Clamps to [0, 1]; NaN becomes 0.
pub(crate) fn unit(v: f32) -> f32 {
    if v.is_nan() { 0.0 } else { v.clamp(0.0, 1.0) }
}

/// Rounds [0, 1] to 0–255; NaN becomes 0.
pub(crate) fn to_u8(v: f32) -> u8 {
    (v.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Rounds [0, 1] to 0–65535; NaN becomes 0.
pub(crate) fn to_u16(v: f32) -> u16 {
    (v.clamp(0.0, 1.0) * 65535.0).round() as u16
}
