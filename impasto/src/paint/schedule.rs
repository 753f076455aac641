//! Sizes and evaluations from coarse to fine.

use crate::Recipe;
use impasto_image::fit_long_side;
use serde::{Deserialize, Serialize};

/// Short side in pixels below which no scale is added: the deepest layers would have next to no positions.
const SHORTEST: usize = 32;

/// A size at which the picture is painted for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Evaluations of the objective, at least 1.
    pub evaluations: usize,
}

/// The scales of a painting of `width × height` pixels, smallest first, the last at full size.
///
/// Sizes grow by equal factors as near to the recipe's as leads from its first size to the full one; evaluations fall
/// by the recipe's `falloff` from scale to scale and sum to its `iterations`.
pub fn schedule(width: usize, height: usize, recipe: &Recipe) -> Vec<Scale> {
    let long = width.max(height);
    let settings = &recipe.scales;
    // No scale may be so small that the short side vanishes.
    let narrowest = (SHORTEST * long).div_ceil(width.min(height).max(1)).min(long);
    let sizes: Vec<usize> = match settings.count {
        Some(count) => (0..count)
            .rev()
            .map(|k| (long as f64 / settings.factor.powi(k as i32)).round() as usize)
            .collect(),
        None if settings.first == 0 || settings.first >= long => vec![long],
        None => {
            let growth = long as f64 / settings.first as f64;
            let steps = (growth.ln() / settings.factor.ln()).round() as i32;
            (0..=steps)
                .map(|k| {
                    if k == steps {
                        long
                    } else {
                        (settings.first as f64 * growth.powf(f64::from(k) / f64::from(steps))).round()
                            as usize
                    }
                })
                .collect()
        }
    };
    let mut sizes: Vec<usize> = sizes.into_iter().filter(|&size| size >= narrowest || size == long).collect();
    sizes.dedup();
    let spare = sizes.len().saturating_sub(recipe.iterations.max(1));
    sizes.drain(..spare);
    let evaluations = shares(recipe.iterations.max(1), sizes.len(), settings.falloff);
    sizes
        .into_iter()
        .zip(evaluations)
        .map(|(size, evaluations)| {
            let (width, height) =
                if size == long { (width, height) } else { fit_long_side(width, height, size) };
            Scale { width, height, evaluations }
        })
        .collect()
}

/// Splits `total` into `parts` of at least 1, each about `falloff` times the one before.
pub(super) fn shares(total: usize, parts: usize, falloff: f64) -> Vec<usize> {
    let whole: f64 = (0..parts).map(|k| falloff.powi(k as i32)).sum();
    let mut left = total;
    (0..parts)
        .map(|k| {
            let others = parts - k - 1;
            let share = (total as f64 * falloff.powi(k as i32) / whole).round() as usize;
            let share = if others == 0 { left } else { share.clamp(1, left - others) };
            left -= share;
            share
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(width: usize, height: usize, recipe: &Recipe) -> Vec<(usize, usize, usize)> {
        schedule(width, height, recipe).iter().map(|s| (s.width, s.height, s.evaluations)).collect()
    }

    #[test]
    fn sizes_double_and_evaluations_fall() {
        let recipe = Recipe { iterations: 125, ..Recipe::default() };
        assert_eq!(sizes(512, 256, &recipe), [(128, 64, 60), (256, 128, 39), (512, 256, 26)]);
        assert_eq!(sizes(100, 90, &recipe), [(100, 90, 125)]);
        assert_eq!(sizes(128, 128, &recipe), [(128, 128, 125)]);
    }

    #[test]
    fn narrow_pictures_and_small_budgets_have_fewer_scales() {
        let mut recipe = Recipe { iterations: 2, ..Recipe::default() };
        assert_eq!(sizes(512, 512, &recipe), [(256, 256, 1), (512, 512, 1)]);
        recipe.iterations = 10;
        assert_eq!(sizes(1024, 40, &recipe), [(1024, 40, 10)]);
        recipe.scales.count = Some(2);
        assert_eq!(sizes(600, 400, &recipe), [(300, 200, 6), (600, 400, 4)]);
        recipe.scales.count = Some(40);
        assert!(sizes(600, 400, &recipe).iter().map(|s| s.2).sum::<usize>() == 10);
    }
}
