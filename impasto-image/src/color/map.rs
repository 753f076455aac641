//! A function of a colour, applied to every pixel.

use super::gamut;
use super::oklab::{self, Lab};
use crate::picture::Picture;
use rayon::prelude::*;

/// Pixels handed to one task; fixed, so that the thread count changes nothing.
pub(crate) const CHUNK: usize = 1 << 14;

/// `picture` with every colour moved from itself (strength 0) to `f` of it and its place (strength 1).
pub(super) fn map(picture: &Picture, strength: f32, f: impl Fn(usize, Lab) -> Lab + Sync) -> Picture {
    let mut result = picture.clone();
    let strength = strength.clamp(0.0, 1.0);
    // Undefined strengths are none.
    if strength > 0.0 {
        result.rgb_mut().par_chunks_mut(3 * CHUNK).enumerate().for_each(|(chunk, rgb)| {
            for (i, rgb) in rgb.as_chunks_mut().0.iter_mut().enumerate() {
                let lab = oklab::from_srgb(*rgb);
                let goal = f(chunk * CHUNK + i, lab);
                *rgb = gamut::to_srgb(std::array::from_fn(|c| lab[c] + strength * (goal[c] - lab[c])));
            }
        });
    }
    result
}
