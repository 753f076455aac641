//! The hole that a mask makes: somewhat larger than what was painted over.

use impasto_image::{Mask, Rectangle};

/// Values below it are noise, such as JPEG leaves in black.
const NOISE: f32 = 0.05;

/// Pixels by which the mask grows: blurred edges and JPEG's halos reach that far.
const GROWTH: f32 = 3.0;

/// Pixels over which the hole fades out beyond that.
const FADE: f32 = 3.0;

/// The mask, grown by [`GROWTH`] pixels and faded out over [`FADE`] more.
pub(super) fn grown(mask: &Mask) -> Mask {
    let (width, height) = (mask.width(), mask.height());
    let reach = (GROWTH + FADE) as usize;
    let profile = |distance: f32| ((GROWTH + FADE - distance) / FADE).clamp(0.0, 1.0);
    let mut values = vec![0.0f32; width * height];
    for (i, &value) in mask.values().iter().enumerate().filter(|(_, value)| **value >= NOISE) {
        let (x, y) = (i % width, i / width);
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for column in x.saturating_sub(reach)..(x + reach + 1).min(width) {
                let distance = (column as f32 - x as f32).hypot(row as f32 - y as f32);
                let here = &mut values[row * width + column];
                *here = here.max(value * profile(distance));
            }
        }
    }
    // The size is the mask's own.
    Mask::new(width, height, values).unwrap_or_else(|_| mask.clone())
}

/// What is at most so many rows and columns from the hole, hole included.
pub(super) fn near(hole: &Mask, distance: usize) -> Mask {
    let (width, height) = (hole.width(), hole.height());
    let mut rows = vec![0.0; width * height];
    for i in (0..rows.len()).filter(|&i| hole.values()[i] > 0.0) {
        let (x, row) = (i % width, i / width * width);
        rows[row + x.saturating_sub(distance)..row + (x + distance + 1).min(width)].fill(1.0);
    }
    let mut values = vec![0.0; width * height];
    for i in (0..rows.len()).filter(|&i| rows[i] > 0.0) {
        let (x, y) = (i % width, i / width);
        (y.saturating_sub(distance)..(y + distance + 1).min(height))
            .for_each(|y| values[y * width + x] = 1.0);
    }
    // The size is the hole's own.
    Mask::new(width, height, values).unwrap_or_else(|_| hole.clone())
}

/// The smallest rectangle that holds all of a mask above 0; none if there is nothing.
pub(super) fn bounds(mask: &Mask) -> Option<Rectangle> {
    let width = mask.width();
    let places = || (0..mask.values().len()).filter(|&i| mask.values()[i] > 0.0);
    let (left, right) = (places().map(|i| i % width).min()?, places().map(|i| i % width).max()?);
    let (top, bottom) = (places().next()? / width, places().next_back()? / width);
    Some(Rectangle { left, top, width: right - left + 1, height: bottom - top + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_a_disc_and_noise_nothing() {
        let mut values = vec![0.0; 30 * 20];
        values[10 * 30 + 12] = 1.0;
        values[5 * 30 + 25] = 0.03;
        let hole = grown(&Mask::new(30, 20, values).expect("a mask"));
        assert_eq!(hole.values()[10 * 30 + 15], 1.0);
        assert!((hole.values()[14 * 30 + 12] - 2.0 / 3.0).abs() < 1e-6);
        let expected = Rectangle { left: 7, top: 5, width: 11, height: 11 };
        assert_eq!(bounds(&hole), Some(expected));
        assert_eq!(bounds(&Mask::new(2, 1, vec![0.0; 2]).expect("a mask")), None);
    }
}
