//! Rotations that cover all rotations evenly.

use std::f64::consts::TAU;

/// The positive root of x⁴ = x + 1, whose powers make the evenest additive sequence in three dimensions.
const ROOT: f64 = 1.220_744_084_605_759_5;

/// Three axes at right angles, as rows: the `turn`-th of a fixed sequence that begins with the coordinates' own.
///
/// An additive recurrence gives points of the unit cube, and those give quaternions (Shoemake 1992, "Uniform random
/// rotations").
pub(super) fn rotation(turn: usize) -> [[f32; 3]; 3] {
    let [u, v, w] = [1, 2, 3].map(|power| (turn as f64 * ROOT.powi(-power)).fract());
    let ((sv, cv), (sw, cw)) = ((TAU * v).sin_cos(), (TAU * w).sin_cos());
    let (low, high) = ((1.0 - u).sqrt(), u.sqrt());
    let [w, x, y, z] = [low * cv, low * sv, high * sw, high * cw];
    [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)],
        [2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)],
        [2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)],
    ]
    .map(|row| row.map(|v| v as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_rotations() {
        assert_eq!(rotation(0), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        for turn in 0..40 {
            let m = rotation(turn);
            for i in 0..3 {
                for j in 0..3 {
                    let dot: f32 = (0..3).map(|k| m[i][k] * m[j][k]).sum();
                    let wanted = if i == j { 1.0 } else { 0.0 };
                    assert!((dot - wanted).abs() < 1e-6, "turn {turn}: {m:?}");
                }
            }
        }
    }
}
