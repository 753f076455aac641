//! Instance norm and its derivatives by the definition, one plane at a time.

use super::{Field, Shaking};
use impasto_net::weights::Weights;

/// An instance norm with its parameters.
pub struct Norm {
    epsilon: f64,
    scale: Vec<f64>,
    shift: Vec<f64>,
}

/// A plane's values standardised, and 1 / √(variance + ε).
struct Plane {
    standard: Vec<f64>,
    reciprocal: f64,
}

impl Norm {
    pub fn new(epsilon: f32, weights: &Weights, name: &str) -> Norm {
        let values = |part: &str| -> Vec<f64> {
            weights.get(&format!("{name}.{part}")).unwrap().data.iter().map(|&v| v as f64).collect()
        };
        Norm { epsilon: epsilon as f64, scale: values("weight"), shift: values("bias") }
    }

    fn plane(&self, x: &Field, c: usize) -> Plane {
        let values: Vec<f64> = x.data.iter().skip(c).step_by(x.channels).copied().collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let reciprocal = 1.0 / (variance + self.epsilon).sqrt();
        Plane { standard: values.iter().map(|v| (v - mean) * reciprocal).collect(), reciprocal }
    }

    pub fn forward(&self, x: &Field) -> Field {
        let mut y = Field::like(x);
        for c in 0..x.channels {
            let standard = self.plane(x, c).standard;
            for (y, v) in y.data.iter_mut().skip(c).step_by(x.channels).zip(standard) {
                *y = v * self.scale[c] + self.shift[c];
            }
        }
        y
    }

    /// Adds the vector-Jacobian product with `dy` at `x` to `dx`: through the value itself, the mean and the variance. The
    /// terms, which may cancel, are shaken.
    pub fn backward(&self, x: &Field, dy: &Field, dx: &mut Field, shaking: &mut Shaking) {
        let n = (x.height * x.width) as f64;
        for c in 0..x.channels {
            let Plane { standard, reciprocal } = self.plane(x, c);
            let dy: Vec<f64> =
                dy.data.iter().skip(c).step_by(x.channels).map(|g| g * self.scale[c]).collect();
            let by_mean = -reciprocal * dy.iter().sum::<f64>();
            let along: f64 = dy.iter().zip(&standard).map(|(g, v)| g * v).sum();
            // standard = (x − mean) · reciprocal, and d reciprocal / d variance = −reciprocal³ / 2.
            let by_variance = -0.5 * reciprocal.powi(2) * along;
            let mut sums = [by_mean, by_variance];
            shaking.shake(&mut sums);
            let [by_mean, by_variance] = sums;
            for (i, dx) in dx.data.iter_mut().skip(c).step_by(x.channels).enumerate() {
                let from_mean = standard[i] / reciprocal;
                let mut by_value = [dy[i] * reciprocal];
                shaking.shake(&mut by_value);
                *dx += by_value[0] + by_mean / n + by_variance * 2.0 * from_mean / n;
            }
        }
    }

    /// Derivatives by scale and shift.
    pub fn by_parameters(&self, x: &Field, dy: &Field) -> [Vec<f64>; 2] {
        let (mut scale, mut shift) = (vec![0.0; x.channels], vec![0.0; x.channels]);
        for c in 0..x.channels {
            for (g, v) in dy.data.iter().skip(c).step_by(x.channels).zip(self.plane(x, c).standard) {
                scale[c] += g * v;
                shift[c] += g;
            }
        }
        [scale, shift]
    }
}
