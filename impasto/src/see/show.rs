//! Values that are no colours, as pictures.
//!
//! Every picture is stretched for itself, because values of different layers and units differ by orders of magnitude; the
//! number that became full contrast is given back, to be printed.

use colorous::{CIVIDIS, Gradient};
use impasto_image::LUMA;
use rayon::prelude::*;

/// Part of the values whose contrast is kept: the few beyond are cut off, so that one pixel does not make the rest dim.
const KEPT: f64 = 0.995;

/// Colours for values from 0 up: told apart by the colour-blind too, lighter for larger in black and white.
const COLOURS: Gradient = CIVIDIS;

/// The size below which `KEPT` of the values that are not zero lie; 1 if there are none.
pub fn full_contrast(values: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = values.iter().map(|v| v.abs()).filter(|&v| v > 0.0).collect();
    if sizes.is_empty() {
        return 1.0;
    }
    let rank = ((sizes.len() - 1) as f64 * KEPT) as usize;
    *sizes.select_nth_unstable_by(rank, f32::total_cmp).1
}

/// Smallest and largest value.
pub fn range(values: &[f32]) -> (f32, f32) {
    values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), &v| (least.min(v), most.max(v)))
}

/// Signed RGB values around grey: zero is 0.5, ± `full` are 1 and 0.
pub fn signed(values: &[f32], full: f32) -> Vec<f32> {
    values.par_iter().map(|v| (0.5 + 0.5 * v / full).clamp(0.0, 1.0)).collect()
}

/// What is above zero, from black to `full`.
pub fn positive(values: &[f32], full: f32) -> Vec<f32> {
    values.par_iter().map(|v| (v / full).clamp(0.0, 1.0)).collect()
}

/// What is below zero, from black to `full`.
pub fn negative(values: &[f32], full: f32) -> Vec<f32> {
    values.par_iter().map(|v| (-v / full).clamp(0.0, 1.0)).collect()
}

/// For every pixel the largest size of its three values (Simonyan et al. 2013).
pub fn magnitude(rgb: &[f32]) -> Vec<f32> {
    rgb.as_chunks::<3>().0.iter().map(|pixel| pixel.iter().fold(0.0, |most, v| v.abs().max(most))).collect()
}

/// One value a pixel from 0 to `full` as colours.
pub fn coloured(values: &[f32], full: f32) -> Vec<f32> {
    values.par_iter().flat_map_iter(|v| colour(v / full)).collect()
}

/// One value a pixel as colours over a photo in shades of grey: none where it is 0, nothing else where it is `full`.
pub fn overlaid(values: &[f32], full: f32, photo: &[f32]) -> Vec<f32> {
    let pixels = values.par_iter().zip(photo.par_chunks_exact(3));
    pixels
        .flat_map_iter(|(v, rgb)| {
            let grey = LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2];
            // Small values should be seen, too.
            let share = (v / full).clamp(0.0, 1.0).sqrt();
            colour(v / full).map(|c| 0.8 * grey * (1.0 - share) + c * share)
        })
        .collect()
}

/// The colour of a value in [0, 1].
fn colour(value: f32) -> [f32; 3] {
    let colour = COLOURS.eval_continuous(f64::from(value.clamp(0.0, 1.0)));
    [colour.r, colour.g, colour.b].map(|c| f32::from(c) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_grey_and_extremes_are_cut_off() {
        let mut values = vec![1.0; 999];
        values.push(-1000.0);
        let full = full_contrast(&values);
        assert_eq!(full, 1.0);
        assert_eq!(signed(&[0.0, 1.0, -1.0, -1000.0], full), [0.5, 1.0, 0.0, 0.0]);
        assert_eq!(full_contrast(&[0.0; 4]), 1.0);
    }

    #[test]
    fn parts_and_magnitudes() {
        let values = [0.5, -2.0, 0.0];
        assert_eq!(positive(&values, 1.0), [0.5, 0.0, 0.0]);
        assert_eq!(negative(&values, 4.0), [0.0, 0.5, 0.0]);
        assert_eq!(magnitude(&values), [2.0]);
        let colours = coloured(&[0.0, 1.0], 1.0);
        assert!(colours[..3].iter().sum::<f32>() < colours[3..].iter().sum());
        assert_eq!(overlaid(&[0.0], 1.0, &[1.0, 1.0, 1.0]), [0.8; 3]);
    }
}
