//! Pixels that may not go far from the photograph.

use super::Request;
use crate::Error;
use impasto_image::resize;
use impasto_net::engine::terms::Tethering;

/// The photograph at a scale, and the share of the way from it that each pixel may go.
#[derive(Debug)]
pub(crate) struct Tether {
    /// RGB values in [0, 1], interleaved.
    photograph: Vec<f32>,
    /// A share a pixel, in [0, 1].
    freedom: Vec<f32>,
}

impl Tether {
    /// The tether of a request for a picture of `size` (width, height), if it has a mask of strength.
    pub(super) fn new(request: &Request<'_>, (width, height): (usize, usize)) -> Result<Option<Self>, Error> {
        let Some(mask) = request.strength_mask else { return Ok(None) };
        let purpose = "the mask of strength";
        let content = request.content.ok_or(Error::MissingPicture { role: "content", purpose })?;
        if mask.share() <= 0.0 {
            return Err(Error::EmptyMask { what: "strength".into() });
        }
        let freedom = mask.resized(width, height)?.values().to_vec();
        Ok(Some(Tether { photograph: resize(content, width, height)?.into_rgb(), freedom }))
    }

    /// What a device needs to know of it.
    pub(super) fn term(&self) -> Tethering {
        Tethering { photograph: self.photograph.clone(), freedom: self.freedom.clone() }
    }

    /// Brings RGB values in [0, 1] back to where they may be: the photograph plus the share of the way to them.
    pub(super) fn pull(&self, rgb: &mut [f32]) {
        let pixels = rgb.chunks_exact_mut(3).zip(self.photograph.chunks_exact(3));
        for ((pixel, photograph), share) in pixels.zip(&self.freedom) {
            pixel.iter_mut().zip(photograph).for_each(|(value, p)| *value = p + share * (*value - p));
        }
    }

    /// From the derivative by pulled values to that by the values before.
    pub(super) fn pull_back(&self, gradient: &mut [f32]) {
        for (pixel, share) in gradient.chunks_exact_mut(3).zip(&self.freedom) {
            pixel.iter_mut().for_each(|g| *g *= share);
        }
    }
}
