//! From the caller's picture to a network's convention and back.

use crate::{jobs, network::InputConvention};

/// Pixels to a job.
const BLOCK: usize = 4096;

impl InputConvention {
    /// Converts RGB in [0, 1] to the network's convention, pixel by pixel.
    pub(super) fn apply(&self, rgb: &[f32], out: &mut [f32]) {
        assert_eq!(rgb.len(), out.len());
        if *self == InputConvention::UNCHANGED {
            return jobs::each_chunk(out, 3 * BLOCK, |block, out| {
                out.copy_from_slice(&rgb[block * 3 * BLOCK..][..out.len()]);
            });
        }
        jobs::each_chunk(out, 3 * BLOCK, |block, out| {
            let rgb = &rgb[block * 3 * BLOCK..];
            for (out, rgb) in out.chunks_exact_mut(3).zip(rgb.chunks_exact(3)) {
                for c in 0..3 {
                    let value = rgb[if self.bgr { 2 - c } else { c }];
                    out[c] = (value * self.scale - self.mean[c]) / self.std[c];
                }
            }
        });
    }

    /// Converts a cotangent in the network's convention to one in RGB [0, 1].
    pub(super) fn apply_vjp(&self, cotangent: &[f32], rgb: &mut [f32]) {
        assert_eq!(rgb.len(), cotangent.len());
        jobs::each_chunk(rgb, 3 * BLOCK, |block, rgb| {
            let cotangent = &cotangent[block * 3 * BLOCK..];
            for (rgb, cotangent) in rgb.chunks_exact_mut(3).zip(cotangent.chunks_exact(3)) {
                for c in 0..3 {
                    rgb[if self.bgr { 2 - c } else { c }] = cotangent[c] * self.scale / self.std[c];
                }
            }
        });
    }
}
