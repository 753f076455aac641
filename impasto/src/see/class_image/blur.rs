//! Gaussian blur.

/// Deviations beyond which the Gaussian counts as zero.
const REACH: f32 = 4.0;

/// Blurs interleaved RGB values of a picture `width` pixels wide with a Gaussian of deviation `sigma` pixels, its border
/// reflected.
pub fn blur(rgb: &mut [f32], width: usize, sigma: f32) {
    let height = rgb.len() / (3 * width);
    let radius = (REACH * sigma).ceil() as isize;
    let bell: Vec<f32> = (-radius..=radius).map(|d| (-0.5 * (d as f32 / sigma).powi(2)).exp()).collect();
    let total: f32 = bell.iter().sum();
    // Positions along one line: `count` pixels, `stride` values apart.
    let mut line = Vec::new();
    let mut along = |rgb: &mut [f32], start: usize, count: usize, stride: usize| {
        line.clear();
        line.extend((0..count).map(|i| rgb[start + i * stride]));
        for i in 0..count {
            let sum: f32 = bell
                .iter()
                .zip(-radius..)
                .map(|(weight, d)| weight * line[reflected(i as isize + d, count)])
                .sum();
            rgb[start + i * stride] = sum / total;
        }
    };
    (0..height).for_each(|y| (0..3).for_each(|c| along(rgb, 3 * y * width + c, width, 3)));
    (0..3 * width).for_each(|x| along(rgb, x, height, 3 * width));
}

/// Position `at` of a line of `count` that is reflected at its ends, ends repeated.
fn reflected(at: isize, count: usize) -> usize {
    let around = at.rem_euclid(2 * count as isize) as usize;
    around.min(2 * count - 1 - around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_pictures_stay_and_points_spread() {
        let mut flat = vec![0.3; 3 * 5 * 4];
        blur(&mut flat, 5, 1.0);
        assert!(flat.iter().all(|v| (v - 0.3).abs() < 1e-6));
        let mut point = vec![0.0; 3 * 21 * 21];
        point[3 * (10 * 21 + 10)] = 1.0;
        blur(&mut point, 21, 1.0);
        assert!((point[3 * (10 * 21 + 10)] - 0.159).abs() < 1e-3);
        assert!((point.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }

    #[test]
    fn lines_are_reflected() {
        assert_eq!([-3, -1, 0, 2, 3, 5].map(|at| reflected(at, 3)), [2, 0, 0, 2, 2, 0]);
    }
}
