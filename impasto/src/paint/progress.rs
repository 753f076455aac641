//! What a caller hears while a picture is painted.

use super::tether::Tether;
use crate::{Error, Term};
use impasto_image::Picture;
use serde::Serialize;

/// A painting after an evaluation of its objective.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Progress<'a> {
    /// Number of the scale, from 0.
    pub scale: usize,
    /// Scales in all.
    pub scales: usize,
    /// Columns at this scale.
    pub width: usize,
    /// Rows at this scale.
    pub height: usize,
    /// Evaluations made, over all scales, from 1.
    pub evaluation: usize,
    /// Evaluations planned, over all scales.
    pub evaluations: usize,
    /// The objective at this evaluation, which may be a trial that is not kept.
    pub loss: f64,
    /// The lowest objective of this scale.
    pub best: f64,
    /// Weighted terms of `loss`.
    pub terms: &'a [Term],
    /// Seconds since the painting began.
    pub seconds: f64,
    /// The picture that would be returned now, before the tether's pull: RGB × 255, interleaved.
    #[serde(skip)]
    pub(super) values: &'a [f32],
    #[serde(skip)]
    pub(super) tether: Option<&'a Tether>,
}

impl Progress<'_> {
    /// The picture as it stands, at this scale's size.
    pub fn picture(&self) -> Result<Picture, Error> {
        let mut rgb: Vec<f32> = self.values.iter().map(|&v| to_unit(v)).collect();
        if let Some(tether) = self.tether {
            tether.pull(&mut rgb);
        }
        Ok(Picture::new(self.width, self.height, rgb)?)
    }
}

/// From the optimiser's range to that of pictures.
pub(super) fn to_unit(value: f32) -> f32 {
    (value / 255.0).clamp(0.0, 1.0)
}
