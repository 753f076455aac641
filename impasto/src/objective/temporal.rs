//! Temporal consistency: pixels close to those of a given picture, each as far as that can be trusted.

use crate::{Error, vector::CHUNK};
use impasto_image::{Mask, Picture};
use rayon::prelude::*;

/// The short-term temporal term of Ruder, Dosovitskiy & Brox 2016, "Artistic Style Transfer for Videos":
/// weight · 1/D Σ c (x − w)² with D three times the number of all pixels, trusted or not. It acts on RGB values × 255, as total
/// variation does.
#[derive(Clone, Debug, PartialEq)]
pub struct Temporal {
    /// w: interleaved RGB values in [0, 1].
    target: Vec<f32>,
    /// c: a value a pixel, in [0, 1].
    trust: Vec<f32>,
    weight: f64,
}

impl Temporal {
    /// The term that draws to the colours of `picture`, whose alpha does not count, where `trust` says.
    ///
    /// # Errors
    /// [`Error::OtherSize`] if the two differ in size.
    pub fn new(picture: &Picture, trust: &Mask, weight: f64) -> Result<Self, Error> {
        let (size, wanted) = ((trust.width(), trust.height()), (picture.width(), picture.height()));
        if size != wanted {
            return Err(Error::OtherSize { what: "the trust in the painting before", size, wanted });
        }
        Ok(Temporal { target: picture.rgb().to_vec(), trust: trust.values().to_vec(), weight })
    }

    /// The weighted value for interleaved RGB values in [0, 1], as many as the picture's; adds its derivative by those
    /// values to `gradient`.
    pub fn add(&self, rgb: &[f32], gradient: &mut [f32]) -> f64 {
        debug_assert_eq!(rgb.len(), self.target.len());
        let factor = self.weight * 255.0 * 255.0 / self.target.len() as f64;
        let chunks = gradient.par_chunks_mut(3 * CHUNK).zip(rgb.par_chunks(3 * CHUNK));
        let wanted = self.target.par_chunks(3 * CHUNK).zip(self.trust.par_chunks(CHUNK));
        let partial: Vec<f64> = chunks
            .zip(wanted)
            .map(|((gradient, rgb), (target, trust))| {
                let mut sum = 0.0;
                let pixels = rgb.as_chunks::<3>().0.iter().zip(target.as_chunks::<3>().0);
                let gradient = gradient.as_chunks_mut::<3>().0;
                for ((gradient, (x, w)), &trust) in gradient.iter_mut().zip(pixels).zip(trust) {
                    for (channel, g) in gradient.iter_mut().enumerate() {
                        let difference = f64::from(x[channel]) - f64::from(w[channel]);
                        let pull = f64::from(trust) * difference;
                        sum += pull * difference;
                        *g += (2.0 * factor * pull) as f32;
                    }
                }
                sum
            })
            .collect();
        factor * partial.iter().sum::<f64>()
    }
}
