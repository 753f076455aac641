//! Oklab, a space in which equal distances look about equally different (Björn Ottosson 2020, "A perceptual color space
//! for image processing").
//!
//! A colour is `[L, a, b]`: lightness from 0 (black) to 1 (white), green to red, blue to yellow; both of the latter are 0
//! for greys and within ±0.33 for sRGB.

use crate::color::map::CHUNK;
use crate::color::srgb;
use crate::picture::Picture;
use rayon::prelude::*;

/// A colour in Oklab.
pub type Lab = [f32; 3];

/// Linear sRGB to cone responses; the published matrix, computed from sRGB's primaries to full precision.
const TO_CONES: [[f32; 3]; 3] = [
    [0.412_221_46, 0.536_332_55, 0.051_445_995],
    [0.211_903_5, 0.680_699_5, 0.107_396_96],
    [0.088_302_46, 0.281_718_85, 0.629_978_7],
];

/// Cube roots of cone responses to Oklab.
const TO_LAB: [[f32; 3]; 3] = [
    [0.210_454_26, 0.793_617_8, -0.004_072_047],
    [1.977_998_5, -2.428_592_2, 0.450_593_7],
    [0.025_904_037, 0.782_771_77, -0.808_675_77],
];

/// The inverse of [`TO_LAB`].
const FROM_LAB: [[f32; 3]; 3] = [
    [1.0, 0.396_337_78, 0.215_803_76],
    [1.0, -0.105_561_346, -0.063_854_17],
    [1.0, -0.089_484_18, -1.291_485_5],
];

/// The inverse of [`TO_CONES`].
const FROM_CONES: [[f32; 3]; 3] = [
    [4.076_741_7, -3.307_711_6, 0.230_969_93],
    [-1.268_438, 2.609_757_4, -0.341_319_4],
    [-0.004_196_086_3, -0.703_418_6, 1.707_614_7],
];

fn times(matrix: &[[f32; 3]; 3], v: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// From linear-light sRGB, which may lie outside of [0, 1].
pub fn from_linear(rgb: [f32; 3]) -> Lab {
    times(&TO_LAB, times(&TO_CONES, rgb).map(f32::cbrt))
}

/// To linear-light sRGB; colours beyond its gamut have values outside of [0, 1].
pub fn to_linear(lab: Lab) -> [f32; 3] {
    times(&FROM_CONES, times(&FROM_LAB, lab).map(|v| v * v * v))
}

/// From encoded sRGB, as a [`Picture`] holds it.
pub fn from_srgb(rgb: [f32; 3]) -> Lab {
    from_linear(rgb.map(srgb::decode))
}

/// The colours of a picture's pixels.
pub fn colors(picture: &Picture) -> Vec<Lab> {
    let mut colors = vec![[0.0; 3]; picture.width() * picture.height()];
    colors.par_chunks_mut(CHUNK).zip(picture.rgb().par_chunks(3 * CHUNK)).for_each(|(to, from)| {
        for (to, from) in to.iter_mut().zip(from.as_chunks().0) {
            *to = from_srgb(*from);
        }
    });
    colors
}

/// The square of how different two colours look: differences in a and b count twice, as in the distance OK2 of CSS colour
/// tools, because Oklab's unit of lightness is the larger.
pub(crate) fn distance2(x: Lab, y: Lab) -> f32 {
    let [l, a, b] = [x[0] - y[0], 2.0 * (x[1] - y[1]), 2.0 * (x[2] - y[2])];
    l * l + a * a + b * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{gamut, testing::painting};

    #[test]
    fn published_colours_are_met_and_all_come_back() {
        // White, red, green and blue, from the definition in f64.
        for (rgb, lab) in [
            ([1.0, 1.0, 1.0], [1.0, 0.0, 0.0]),
            ([1.0, 0.0, 0.0], [0.627_955, 0.224_863, 0.125_846]),
            ([0.0, 1.0, 0.0], [0.866_440, -0.233_888, 0.179_498]),
            ([0.0, 0.0, 1.0], [0.452_014, -0.032_457, -0.311_528]),
        ] {
            assert!(distance2(from_srgb(rgb), lab).sqrt() < 1e-5, "{rgb:?}: {:?}", from_srgb(rgb));
        }
        let picture = painting(40, 30);
        for (lab, rgb) in colors(&picture).iter().zip(picture.rgb().chunks_exact(3)) {
            let back = gamut::to_srgb(*lab);
            assert!(back.iter().zip(rgb).all(|(x, y)| (x - y).abs() < 1e-5), "{rgb:?} {back:?}");
        }
    }
}
