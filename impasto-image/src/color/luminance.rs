//! One picture's lightness with another's colours.

use super::map::map;
use super::oklab;
use super::statistics::Statistics;
use crate::error::{Error, Result};
use crate::picture::Picture;

/// Most that [`match_lightness`] stretches contrast: more would show little but noise.
const MOST_CONTRAST: f64 = 8.0;

/// The lightness of `picture` with the colours, Oklab's a and b, of `colors`, which must have the same size.
///
/// Colours are kept exactly where sRGB has them at that lightness, and lose chroma elsewhere. It is the luminance-only
/// transfer of Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving color in neural artistic style transfer", in Oklab
/// instead of YIQ, so that painted shadows and lights keep their hue.
pub fn transfer_luminance(picture: &Picture, colors: &Picture, strength: f32) -> Result<Picture> {
    let (width, height) = (picture.width(), picture.height());
    if (width, height) != (colors.width(), colors.height()) {
        let what = format!("the colours of one of {}×{}", colors.width(), colors.height());
        return Err(Error::Shape { width, height, what });
    }
    let (pixels, _) = colors.rgb().as_chunks();
    Ok(map(picture, strength, |i, [l, ..]| {
        let [_, a, b] = oklab::from_srgb(pixels[i]);
        [l, a, b]
    }))
}

/// `picture` in greys of the same lightness.
pub fn grey(picture: &Picture, strength: f32) -> Picture {
    map(picture, strength, |_, [l, ..]| [l, 0.0, 0.0])
}

/// `picture` with the mean and variance of lightness of `target`; colours keep a and b where sRGB has them.
///
/// Contrast is raised eightfold at most; where either picture is transparent throughout, nothing changes.
pub fn match_lightness(picture: &Picture, target: &Picture, strength: f32) -> Picture {
    let (Some(own), Some(wanted)) = (Statistics::of(picture), Statistics::of(target)) else {
        return picture.clone();
    };
    let spread = own.covariance[0][0].max(0.0).sqrt();
    let gain = (wanted.covariance[0][0].max(0.0).sqrt() / spread.max(f64::MIN_POSITIVE)).min(MOST_CONTRAST);
    map(picture, strength, |_, [l, a, b]| {
        [(wanted.mean[0] + gain * (f64::from(l) - own.mean[0])) as f32, a, b]
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{flat, painting, photo};
    use super::*;

    #[test]
    fn lightness_is_one_picture_s_and_colour_the_other_s() {
        let (picture, colors) = (painting(40, 30), photo(40, 30));
        let mixed = transfer_luminance(&picture, &colors, 1.0).expect("equal sizes");
        let mut exact = 0;
        let [mixed, picture, colors] = [&mixed, &picture, &colors].map(oklab::colors);
        for ((m, p), c) in mixed.iter().zip(&picture).zip(&colors) {
            assert!((m[0] - p[0]).abs() < 1e-4, "lightness {} became {}", p[0], m[0]);
            if super::super::gamut::contains([p[0], c[1], c[2]]) {
                exact += 1;
                assert!((m[1] - c[1]).abs() < 1e-4 && (m[2] - c[2]).abs() < 1e-4, "{m:?} {c:?}");
            } else {
                assert!(m[1].hypot(m[2]) < c[1].hypot(c[2]) + 1e-4, "{m:?} {c:?}");
                assert!((m[1] * c[2] - m[2] * c[1]).abs() < 1e-4, "{m:?} and {c:?} differ in hue");
            }
        }
        assert!(exact > 600, "only {exact} of 1200 colours fit");
    }

    #[test]
    fn lightness_is_matched_and_sizes_must_agree() {
        let (picture, target) = (painting(40, 30), photo(25, 31));
        let matched = match_lightness(&picture, &target, 1.0);
        let (got, wanted) =
            (Statistics::of(&matched).expect("pixels"), Statistics::of(&target).expect("pixels"));
        assert!((got.mean[0] - wanted.mean[0]).abs() < 1e-4);
        assert!((got.covariance[0][0] - wanted.covariance[0][0]).abs() < 1e-4);
        let wrong = transfer_luminance(&picture, &target, 1.0).expect_err("other sizes").to_string();
        assert!(wrong.contains("40×30") && wrong.contains("25×31"), "{wrong}");
        let grey = grey(&picture, 1.0);
        assert!(grey.rgb().chunks_exact(3).all(|c| (c[0] - c[2]).abs() < 1e-5));
        // A flat picture becomes the mean, not noise.
        let mean = oklab::colors(&match_lightness(&flat(3, 2, [0.2, 0.4, 0.6]), &target, 1.0));
        assert!(mean.iter().all(|c| (f64::from(c[0]) - wanted.mean[0]).abs() < 1e-4));
    }
}
