//! Masks: how much every pixel of a picture counts.

use fast_image_resize::FilterType;
use fast_image_resize::pixels::F32;

use crate::error::{Error, Result};
use crate::picture::{Picture, unit};
use crate::resize::scale;

/// Rec. 709's weights of red, green and blue in luma.
pub const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// A value in [0, 1] for every pixel: 0 leaves the pixel out, 1 counts it wholly.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Mask {
    /// A mask of `width · height` values, row-major, clamped to [0, 1]; neither side may be 0.
    pub fn new(width: usize, height: usize, mut values: Vec<f32>) -> Result<Self> {
        if width == 0 || height == 0 || width.checked_mul(height) != Some(values.len()) {
            let what = format!("{} values of a mask", values.len());
            return Err(Error::Shape { width, height, what });
        }
        values.iter_mut().for_each(|v| *v = unit(*v));
        Ok(Self { width, height, values })
    }

    /// What a picture that was painted as a mask means: white counts, black and transparent do not. The value is the luma
    /// as stored (Rec. 709) times alpha.
    pub fn from_picture(picture: &Picture) -> Self {
        let luma = |c: &[f32]| c.iter().zip(LUMA).map(|(v, weight)| unit(*v) * weight).sum::<f32>();
        let mut values: Vec<f32> = picture.rgb().chunks_exact(3).map(luma).collect();
        if let Some(alpha) = picture.alpha() {
            values.iter_mut().zip(alpha).for_each(|(v, a)| *v *= unit(*a));
        }
        // The weights' sum is a rounding error away from 1.
        values.iter_mut().for_each(|v| *v = if *v > 1.0 - 1e-6 { 1.0 } else { *v });
        Self { width: picture.width(), height: picture.height(), values }
    }

    /// The alpha of a picture, if it has any.
    pub fn from_alpha(picture: &Picture) -> Option<Self> {
        let values = picture.alpha()?.iter().map(|a| unit(*a)).collect();
        Some(Self { width: picture.width(), height: picture.height(), values })
    }

    /// The part of `picture` that counts where `asked` (none for all of it) is to count and what is transparent is not, for
    /// the picture at `width`×`height`; none for all of it.
    pub fn of_counted(
        picture: &Picture,
        asked: Option<&Mask>,
        width: usize,
        height: usize,
    ) -> Result<Option<Self>> {
        let asked = asked.map(|mask| mask.resized(width, height)).transpose()?;
        let visible = Self::from_alpha(picture).map(|alpha| alpha.resized(width, height)).transpose()?;
        match (asked, visible) {
            (Some(asked), Some(visible)) => asked.times(&visible).map(Some),
            (asked, visible) => Ok(asked.or(visible)),
        }
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The values, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Mean of the values: the share of the picture that counts.
    pub fn share(&self) -> f64 {
        self.values.iter().map(|&v| f64::from(v)).sum::<f64>() / self.values.len() as f64
    }

    /// 1 − every value.
    pub fn inverted(&self) -> Self {
        Self { values: self.values.iter().map(|v| 1.0 - v).collect(), ..*self }
    }

    /// The product with `other`, which is resampled if its size differs.
    pub fn times(&self, other: &Mask) -> Result<Self> {
        let other = other.resized(self.width, self.height)?;
        let values = self.values.iter().zip(&other.values).map(|(a, b)| a * b).collect();
        Ok(Self { values, ..*self })
    }

    /// Resampled to `width`×`height` with an antialiased triangle filter, which never leaves [0, 1].
    pub fn resized(&self, width: usize, height: usize) -> Result<Self> {
        if (width, height) == (self.width, self.height) {
            return Ok(self.clone());
        }
        let (from, to) = ((self.width, self.height), (width, height));
        let values = scale::<F32>(&self.values, from, to, FilterType::Bilinear)?;
        Self::new(width, height, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_counts_and_black_or_transparent_does_not() {
        let rgb = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5];
        let picture = Picture::new(4, 1, rgb.to_vec()).unwrap().with_alpha(vec![1.0, 1.0, 0.0, 0.5]).unwrap();
        let mask = Mask::from_picture(&picture);
        assert_eq!(mask.values()[..3], [1.0, 0.0, 0.0]);
        assert!((mask.values()[3] - 0.25).abs() < 1e-6);
        assert_eq!(Mask::from_alpha(&picture).unwrap().values(), [1.0, 1.0, 0.0, 0.5]);
        assert_eq!(Mask::from_alpha(&picture.without_alpha()), None);
    }

    #[test]
    fn resampling_keeps_the_share_and_the_range() {
        let values = (0..64 * 48).map(|i| if i % 64 < 32 { 1.0 } else { 0.0 }).collect();
        let mask = Mask::new(64, 48, values).unwrap();
        for (width, height) in [(16, 12), (7, 5), (130, 97), (1, 1)] {
            let small = mask.resized(width, height).unwrap();
            assert!((small.share() - 0.5).abs() < 0.02, "{width}×{height}: {}", small.share());
            assert!(small.values().iter().all(|v| (0.0..=1.0).contains(v)));
        }
        assert_eq!(mask.times(&mask.inverted()).unwrap().share(), 0.0);
        assert!(Mask::new(2, 2, vec![0.0; 3]).is_err());
    }
}
