//! Ranges of a recipe's values.

use super::Recipe;
use crate::{Error, LayerWeight};

/// Scales that a recipe may ask for, and the factor between them that keeps their number as low from any first size.
const MOST_SCALES: usize = 256;
const SMALLEST_FACTOR: f64 = 1.05;

impl Recipe {
    /// Fails at the first value that is out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        let fail = |key, value: &dyn std::fmt::Display, remedy| {
            Err(Error::RecipeValue { origin: self.origin.clone(), key, value: value.to_string(), remedy })
        };
        if self.iterations == 0 {
            return fail("iterations", &self.iterations, "use at least 1");
        }
        if let Some(strength) = self.strength.filter(|s| !(*s > 0.0 && *s <= 1.0)) {
            return fail(
                "strength",
                &strength,
                "use a number above 0, which is the photograph, up to 1, the style alone",
            );
        }
        for (key, weight) in [
            ("content.weight", self.content.weight),
            ("style.weight", self.style.weight),
            ("tv.weight", self.tv.weight),
        ] {
            if !weight.is_finite() || weight < 0.0 {
                return fail(key, &weight, "use a finite number from 0 up; 0 leaves the term out");
            }
        }
        LayerWeight::check_unique(&self.content.layers)?;
        LayerWeight::check_unique(&self.style.layers)?;
        if let Some(rate) = self.optimizer.rate
            && !(rate.is_finite() && rate > 0.0)
        {
            return fail("optimizer.rate", &rate, "use a finite number above 0");
        }
        if self.optimizer.history == Some(0) {
            return fail("optimizer.history", &0, "use at least 1");
        }
        let scales = &self.scales;
        if !(scales.factor.is_finite() && scales.factor >= SMALLEST_FACTOR) {
            return fail("scales.factor", &scales.factor, "use a number from 1.05 up, such as 2");
        }
        if !(scales.falloff.is_finite() && scales.falloff > 0.0) {
            return fail("scales.falloff", &scales.falloff, "use a number above 0, such as 0.65");
        }
        if scales.count == Some(0) {
            return fail("scales.count", &0, "use at least 1");
        }
        if let Some(count) = scales.count.filter(|&count| count > MOST_SCALES) {
            return fail("scales.count", &count, "use at most 256; three or four are usual");
        }
        Ok(())
    }
}
