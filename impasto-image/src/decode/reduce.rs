//! Samples made fewer before anything else is done with them, for pictures that are only looked at.

use std::array;
use std::sync::LazyLock;

use rayon::prelude::*;

use super::{Layout, Raw, Samples};
use crate::color::srgb;

/// Every 8-bit value in linear light.
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| array::from_fn(|v| srgb::decode(v as f32 / 255.0)));

impl Raw {
    /// The same with one pixel for every square of `factor`×`factor`: their mean in linear light, where sRGB's curve stands for
    /// that of any profile. Squares over the right and lower border are cut. Only 8-bit grey and RGB can be reduced; others,
    /// which are rare or have alpha, stay as they are.
    pub(crate) fn reduced(self, factor: usize) -> Raw {
        let channels = self.layout.channels();
        let (Samples::U8(samples), Layout::Grey | Layout::Rgb, 2..) = (&self.samples, self.layout, factor)
        else {
            return self;
        };
        let (width, height) = (self.width.div_ceil(factor), self.height.div_ceil(factor));
        let mut reduced = vec![0.0_f32; width * height * channels];
        let row = self.width * channels;
        reduced.par_chunks_mut(width * channels).enumerate().for_each(|(y, out)| {
            let rows = &samples[y * factor * row..((y + 1) * factor).min(self.height) * row];
            for line in rows.chunks_exact(row) {
                for (square, out) in line.chunks(factor * channels).zip(out.chunks_exact_mut(channels)) {
                    for pixel in square.chunks_exact(channels) {
                        for (out, &v) in out.iter_mut().zip(pixel) {
                            *out += LINEAR[usize::from(v)];
                        }
                    }
                }
            }
            let lines = rows.len() / row;
            for (x, out) in out.chunks_exact_mut(channels).enumerate() {
                let columns = factor.min(self.width - x * factor);
                out.iter_mut().for_each(|v| *v = srgb::encode(*v / (lines * columns) as f32).min(1.0));
            }
        });
        Raw { width, height, samples: Samples::F32(reduced), ..self }
    }
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    #[test]
    fn squares_are_averaged_in_linear_light() {
        let raw = |layout, samples: Vec<u8>| Raw {
            width: 3,
            height: samples.len() / 3 / if layout == Layout::Rgb { 3 } else { 1 },
            layout,
            samples: Samples::U8(samples),
            icc: None,
            exif: None,
            orientation: Orientation::NoTransforms,
            animated: false,
        };
        let grey = raw(Layout::Grey, vec![0, 255, 7, 255, 0, 7, 9, 9, 200]).reduced(2);
        assert_eq!((grey.width, grey.height), (2, 2));
        let expected = [srgb::encode(0.5), 7.0 / 255.0, 9.0 / 255.0, 200.0 / 255.0];
        for (at, expected) in expected.into_iter().enumerate() {
            assert!((grey.samples.get(at) - expected).abs() < 1e-6, "{at}");
        }
        let colors = raw(Layout::Rgb, vec![10, 20, 30, 10, 20, 30, 1, 2, 3]).reduced(2);
        assert!((colors.samples.get(1) - 20.0 / 255.0).abs() < 1e-6);
        assert!((colors.samples.get(5) - 3.0 / 255.0).abs() < 1e-6);
        assert_eq!(raw(Layout::Grey, vec![1, 2, 3]).reduced(1).width, 3);
    }
}
