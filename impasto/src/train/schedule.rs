//! How large the steps of a training are.

use serde::{Deserialize, Serialize};

/// The learning rate over a training: it rises linearly over the first iterations, holds, and falls linearly to a
/// hundredth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Schedule {
    /// Number of iterations.
    pub iterations: usize,
    /// The rate it holds.
    pub rate: f64,
    /// Iterations of the rise.
    pub warmup: usize,
    /// Share of the iterations after which it falls, from 0 to 1.
    pub hold: f64,
}

impl Schedule {
    /// The rate of iteration `iteration`, counted from 0.
    pub fn rate_at(&self, iteration: usize) -> f64 {
        let rise = (iteration + 1) as f64 / self.warmup.max(1) as f64;
        let done = iteration as f64 / self.iterations.max(1) as f64;
        let left = (1.0 - done) / (1.0 - self.hold).max(1e-9);
        self.rate * rise.min(1.0) * left.clamp(0.01, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_holds_and_falls() {
        let schedule = Schedule { iterations: 100, rate: 2.0, warmup: 10, hold: 0.5 };
        assert_eq!(schedule.rate_at(0), 0.2);
        assert_eq!(schedule.rate_at(9), 2.0);
        assert_eq!(schedule.rate_at(50), 2.0);
        assert!((schedule.rate_at(75) - 1.0).abs() < 1e-12);
        assert_eq!(schedule.rate_at(1000), 0.02);
    }
}
