//! Colours that sRGB does not have, brought into its gamut along lines of equal hue and lightness.

use super::oklab::{self, Lab};
use super::srgb;

/// How far outside of [0, 1] a linear value may lie from rounding alone.
const ROUNDING: f32 = 2e-6;

/// Steps of bisection: chroma to 2⁻²⁰ of itself, below what 16 bits resolve.
const STEPS: usize = 20;

/// Whether sRGB has the colour.
pub fn contains(lab: Lab) -> bool {
    oklab::to_linear(lab).iter().all(|v| (-ROUNDING..=1.0 + ROUNDING).contains(v))
}

/// The colour with the same hue and lightness that sRGB has and whose chroma is nearest; lightness is first clamped to
/// [0, 1].
pub fn clip(lab: Lab) -> Lab {
    let [l, a, b] = lab;
    let l = if l.is_nan() { 0.0 } else { l.clamp(0.0, 1.0) };
    if contains([l, a, b]) {
        return [l, a, b];
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if contains([l, a * middle, b * middle]) { low = middle } else { high = middle }
    }
    // No multiple of an undefined chroma is defined.
    if low == 0.0 { [l, 0.0, 0.0] } else { [l, a * low, b * low] }
}

/// The colour, [clipped](clip), as encoded sRGB in [0, 1].
pub fn to_srgb(lab: Lab) -> [f32; 3] {
    oklab::to_linear(clip(lab)).map(|v| srgb::encode(v.clamp(0.0, 1.0)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hue_and_lightness_are_kept() {
        for step in 0..360 {
            let hue = (step as f32).to_radians();
            for l in [0.1, 0.4, 0.7, 0.95] {
                let wished = [l, 0.4 * hue.cos(), 0.4 * hue.sin()];
                let [got, a, b] = oklab::from_srgb(to_srgb(wished));
                assert!((got - l).abs() < 1e-4, "lightness {l} became {got}");
                let chroma = a.hypot(b);
                assert!(chroma > 0.005 && chroma < 0.4, "{wished:?} became chroma {chroma}");
                let off = (a * hue.sin() - b * hue.cos()) / chroma;
                assert!(off.abs() < 5e-3, "hue {step} at lightness {l} is off by {off}");
            }
        }
    }

    #[test]
    fn no_colour_is_too_strange() {
        for lab in [[2.0, 0.3, 0.0], [1.0, 9.0, -9.0]] {
            assert!(to_srgb(lab).iter().all(|&v| v > 0.999), "{lab:?}");
        }
        assert!(to_srgb([-1.0, 0.1, 0.1]).iter().all(|&v| v < 1e-3));
        let strange = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        for x in strange {
            for lab in [[x, 0.0, 0.0], [0.5, x, 0.0], [0.5, 0.0, x]] {
                assert!(to_srgb(lab).iter().all(|v| (0.0..=1.0).contains(v)), "{lab:?}");
            }
        }
    }
}
