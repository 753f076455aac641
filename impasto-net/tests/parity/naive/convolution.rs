//! Convolution and its adjoint by the definition.

use super::Field;
use impasto_net::{
    network::{Convolution, Padding},
    weights::Weights,
};

/// A convolution with its parameters.
pub struct Kernel {
    conv: Convolution,
    inputs: usize,
    /// `[k][k][inputs][outputs]` for the way there, `[k][k][outputs][inputs]` for the way back.
    there: Vec<f64>,
    back: Vec<f64>,
    bias: Vec<f64>,
}

impl Kernel {
    pub fn new(conv: Convolution, weights: &Weights, name: &str) -> Kernel {
        let weight = weights.get(&format!("{name}.weight")).unwrap();
        let bias = weights.get(&format!("{name}.bias")).unwrap();
        let (outputs, inputs, taps) = (weight.shape[0], weight.shape[1], conv.kernel * conv.kernel);
        let (mut there, mut back) = (vec![0.0; weight.data.len()], vec![0.0; weight.data.len()]);
        for (at, &w) in weight.data.iter().enumerate() {
            let (o, i, t) = (at / taps / inputs, at / taps % inputs, at % taps);
            there[(t * inputs + i) * outputs + o] = w as f64;
            back[(t * outputs + o) * inputs + i] = w as f64;
        }
        Kernel { conv, inputs, there, back, bias: bias.data.iter().map(|&b| b as f64).collect() }
    }

    /// Of a depthwise convolution: the convolution whose kernels between different planes are zero.
    pub fn depthwise(conv: Convolution, weights: &Weights, name: &str) -> Kernel {
        let mut weight = weights.get(&format!("{name}.weight")).unwrap().clone();
        let (planes, taps) = (weight.shape[0], conv.kernel * conv.kernel);
        let own = std::mem::replace(&mut weight.data, vec![0.0; planes * planes * taps]);
        weight.shape[1] = planes;
        for (plane, kernel) in own.chunks(taps).enumerate() {
            weight.data[(plane * planes + plane) * taps..][..taps].copy_from_slice(kernel);
        }
        let bias = weights.get(&format!("{name}.bias")).unwrap().clone();
        let arrays = [("w.weight".to_owned(), weight), ("w.bias".to_owned(), bias)];
        Kernel::new(conv, &Weights::new(arrays.into(), Default::default()), "w")
    }

    /// As [`Kernel::by_parameters`], by a depthwise convolution's weight (`[planes][k][k]`) and bias.
    pub fn by_own_parameters(&self, x: &Field, dy: &Field) -> [Vec<f64>; 2] {
        let [weight, bias] = self.by_parameters(x, dy);
        let taps = self.conv.kernel * self.conv.kernel;
        let own = |plane: usize| &weight[(plane * self.inputs + plane) * taps..][..taps];
        [(0..self.inputs).flat_map(own).copied().collect(), bias]
    }

    pub fn forward(&self, x: &Field) -> Field {
        let outputs = self.bias.len();
        let mut y = Field::zero(self.windows_along(x.height), self.windows_along(x.width), outputs);
        for row in 0..y.height {
            for column in 0..y.width {
                y.at_mut(row, column).copy_from_slice(&self.bias);
                for (tap, (r, c)) in self.sources((x.height, x.width), row, column) {
                    for (i, &value) in x.at(r, c).iter().enumerate() {
                        let w = &self.there[(tap * self.inputs + i) * outputs..][..outputs];
                        y.at_mut(row, column).iter_mut().zip(w).for_each(|(y, w)| *y += w * value);
                    }
                }
            }
        }
        y
    }

    /// Adds the vector-Jacobian product with `dy` to `dx`.
    pub fn backward(&self, dy: &Field, dx: &mut Field) {
        let outputs = self.bias.len();
        for row in 0..dy.height {
            for column in 0..dy.width {
                for (tap, (r, c)) in self.sources((dx.height, dx.width), row, column) {
                    for (o, &value) in dy.at(row, column).iter().enumerate() {
                        let w = &self.back[(tap * outputs + o) * self.inputs..][..self.inputs];
                        dx.at_mut(r, c).iter_mut().zip(w).for_each(|(dx, w)| *dx += w * value);
                    }
                }
            }
        }
    }

    /// Derivatives by weight (`[outputs][inputs][k][k]`) and bias, given the input and the output's cotangent.
    pub fn by_parameters(&self, x: &Field, dy: &Field) -> [Vec<f64>; 2] {
        let (outputs, taps) = (self.bias.len(), self.conv.kernel * self.conv.kernel);
        let (mut weight, mut bias) = (vec![0.0; self.there.len()], vec![0.0; outputs]);
        for row in 0..dy.height {
            for column in 0..dy.width {
                let dy = dy.at(row, column);
                bias.iter_mut().zip(dy).for_each(|(sum, g)| *sum += g);
                for (tap, (r, c)) in self.sources((x.height, x.width), row, column) {
                    for (o, &g) in dy.iter().enumerate() {
                        for (i, &x) in x.at(r, c).iter().enumerate() {
                            weight[(o * self.inputs + i) * taps + tap] += g * x;
                        }
                    }
                }
            }
        }
        [weight, bias]
    }

    /// Kernel values that meet the map at an output position, each with the input position that it meets.
    fn sources(
        &self,
        (height, width): (usize, usize),
        row: usize,
        column: usize,
    ) -> impl Iterator<Item = (usize, (usize, usize))> {
        let Convolution { kernel, stride, before, padding, .. } = self.conv;
        let along =
            move |i: usize, tap: usize, n| source(padding, (i * stride + tap) as i64 - before as i64, n);
        (0..kernel * kernel).filter_map(move |tap| {
            Some((tap, (along(row, tap / kernel, height)?, along(column, tap % kernel, width)?)))
        })
    }

    /// Size of the output along an axis: as many whole kernels as fit the padded map.
    fn windows_along(&self, n: usize) -> usize {
        let padded = n + self.conv.before + self.conv.after;
        (0..padded).filter(|i| i % self.conv.stride == 0 && i + self.conv.kernel <= padded).count()
    }
}

/// The position inside `0..n` that position `i` of the continued axis shows, found by walking.
pub fn source(padding: Padding, i: i64, n: usize) -> Option<usize> {
    // Beyond the border, the walk from the border outwards visits these positions in turn.
    let last = n as i64 - 1;
    let (border, beyond) = if i < 0 { (0, -i) } else { (last, i - last) };
    if (0..=last).contains(&i) {
        return Some(i as usize);
    }
    let mut at = border;
    let mut step = match padding {
        Padding::Zero => return None,
        Padding::Replicate => 0,
        // Reflected, the walk turns back at the border; wrapped, it re-enters at the other side.
        Padding::Reflect => -i.signum(),
        Padding::Circular => i.signum(),
    };
    for _ in 0..beyond {
        match padding {
            Padding::Circular => at = (at + step + n as i64) % n as i64,
            _ if n == 1 => {}
            _ => {
                if !(0..=last).contains(&(at + step)) {
                    step = -step;
                }
                at += step;
            }
        }
    }
    Some(at as usize)
}
