//! What rounding to f32 may do to a result, found by trying: every value is changed by about as much.

use crate::chain::noise;

/// Largest relative change of a value: two units in the last place of an f32.
const AMPLITUDE: f64 = 1.0 / (1 << 23) as f64;

/// A source of small relative changes.
pub struct Shaking {
    noise: Option<Box<dyn FnMut() -> f32 + Send + Sync>>,
}

impl Shaking {
    /// Changes nothing.
    pub fn none() -> Shaking {
        Shaking { noise: None }
    }

    /// Changes that depend on `seed`.
    pub fn seeded(seed: u64) -> Shaking {
        Shaking { noise: Some(Box::new(noise(seed))) }
    }

    /// Changes all values by as much as values of their usual size may err: they are sums whose terms may cancel.
    pub fn shake_sums(&mut self, values: &mut [f64]) {
        let square: f64 = values.iter().map(|v| v * v).sum();
        let usual = (square / values.len() as f64).sqrt();
        if let Some(noise) = &mut self.noise {
            values.iter_mut().for_each(|v| *v += AMPLITUDE * noise() as f64 * v.abs().max(usual));
        }
    }

    /// Changes all values, each by as much as it may err itself.
    pub fn shake(&mut self, values: &mut [f64]) {
        if let Some(noise) = &mut self.noise {
            values.iter_mut().for_each(|v| *v *= 1.0 + AMPLITUDE * noise() as f64);
        }
    }
}
