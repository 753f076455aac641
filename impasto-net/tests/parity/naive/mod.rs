//! Networks computed in f64 straight from the definitions, sharing no arithmetic with the engine.

mod back;
mod convolution;
mod norm;
mod shaking;

pub use back::{Derivatives, backward, derivatives};
pub use convolution::{Kernel, source};
pub use shaking::Shaking;

use impasto_net::{
    network::{InputConvention, Network, Op, Pool, Pooling},
    weights::Weights,
};
use norm::Norm;

/// A map in f64, channels innermost.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    pub data: Vec<f64>,
}

impl Field {
    pub fn zero(height: usize, width: usize, channels: usize) -> Field {
        Field { height, width, channels, data: vec![0.0; height * width * channels] }
    }

    pub fn like(other: &Field) -> Field {
        Field::zero(other.height, other.width, other.channels)
    }

    /// All channels at a position.
    pub fn at(&self, row: usize, column: usize) -> &[f64] {
        let first = (row * self.width + column) * self.channels;
        &self.data[first..first + self.channels]
    }

    /// All channels at a position, to be changed.
    pub fn at_mut(&mut self, row: usize, column: usize) -> &mut [f64] {
        let first = (row * self.width + column) * self.channels;
        &mut self.data[first..first + self.channels]
    }

    pub fn largest(&self) -> f64 {
        self.data.iter().fold(0.0, |largest, x| x.abs().max(largest))
    }
}

/// All maps of a network.
pub struct Run {
    /// One a layer.
    pub maps: Vec<Field>,
    /// How near the nearest ReLU or maximum is to deciding otherwise, relative to the largest value of its input. Where
    /// this is not far above f32's rounding errors, gradients cannot be compared.
    pub margin: f64,
}

/// Runs all layers on a picture of `size` (height, width), interleaved RGB.
pub fn forward(network: &Network, weights: &Weights, size: (usize, usize), rgb: &[f32]) -> Run {
    shaken_forward(network, weights, size, rgb, &mut Shaking::none())
}

/// As [`forward`], with every value shaken.
pub fn shaken_forward(
    network: &Network,
    weights: &Weights,
    size: (usize, usize),
    rgb: &[f32],
    shaking: &mut Shaking,
) -> Run {
    let mut maps: Vec<Field> = Vec::new();
    let mut margin = f64::INFINITY;
    for layer in &network.layers {
        let mut map = match layer.op {
            Op::Input => image(&network.input, size, rgb),
            Op::Convolution(conv) => {
                Kernel::new(conv, weights, &layer.parameters).forward(&maps[layer.inputs[0]])
            }
            Op::Depthwise(conv) => {
                Kernel::depthwise(conv, weights, &layer.parameters).forward(&maps[layer.inputs[0]])
            }
            Op::ClippedRelu { ceiling } => {
                let x = &maps[layer.inputs[0]];
                let ceiling = ceiling as f64;
                let kink = |x: &f64| x.abs().min((x - ceiling).abs());
                // Exact zeros come from an earlier ReLU, and exact ceilings from one with the same.
                let nearest = x.data.iter().map(kink).filter(|x| *x != 0.0).fold(f64::INFINITY, f64::min);
                margin = margin.min(nearest / x.largest());
                Field { data: x.data.iter().map(|x| x.clamp(0.0, ceiling)).collect(), ..*x }
            }
            Op::Relu => {
                let x = &maps[layer.inputs[0]];
                // Exact zeros come from an earlier ReLU and are zeros in any arithmetic.
                let nearest = x.data.iter().filter(|x| **x != 0.0).fold(f64::INFINITY, |m, x| x.abs().min(m));
                margin = margin.min(nearest / x.largest());
                Field { data: x.data.iter().map(|x| x.max(0.0)).collect(), ..*x }
            }
            Op::Pool(pool) => {
                let x = &maps[layer.inputs[0]];
                if pool.pooling == Pooling::Max {
                    let copies = holds_copies(network, layer.inputs[0]);
                    margin = margin.min(narrowest(pool, x, copies) / x.largest());
                }
                pooled(pool, x)
            }
            Op::Concat => {
                let first = &maps[layer.inputs[0]];
                let channels = layer.inputs.iter().map(|&i| maps[i].channels).sum();
                let mut y = Field::zero(first.height, first.width, channels);
                for row in 0..y.height {
                    for column in 0..y.width {
                        let parts: Vec<&[f64]> =
                            layer.inputs.iter().map(|&i| maps[i].at(row, column)).collect();
                        y.at_mut(row, column).copy_from_slice(&parts.concat());
                    }
                }
                y
            }
            Op::Add => {
                let [a, b] = [0, 1].map(|i| &maps[layer.inputs[i]]);
                Field { data: a.data.iter().zip(&b.data).map(|(a, b)| a + b).collect(), ..*a }
            }
            Op::InstanceNorm { epsilon } => {
                Norm::new(epsilon, weights, &layer.parameters).forward(&maps[layer.inputs[0]])
            }
            Op::Upsample => {
                let x = &maps[layer.inputs[0]];
                let mut y = Field::zero(2 * x.height, 2 * x.width, x.channels);
                for row in 0..y.height {
                    for column in 0..y.width {
                        y.at_mut(row, column).copy_from_slice(x.at(row / 2, column / 2));
                    }
                }
                y
            }
            Op::Spread => {
                let x = &maps[layer.inputs[0]];
                let mut y = Field::zero(2 * x.height, 2 * x.width, x.channels);
                for row in 0..x.height {
                    for column in 0..x.width {
                        y.at_mut(2 * row, 2 * column).copy_from_slice(x.at(row, column));
                    }
                }
                y
            }
            Op::Squash { low, high } => {
                let x = &maps[layer.inputs[0]];
                let curve = |x: &f64| low as f64 + (high - low) as f64 / (1.0 + (-x).exp());
                Field { data: x.data.iter().map(curve).collect(), ..*x }
            }
            Op::Noise { .. } => unreachable!("noise has no other implementation to be compared with"),
            Op::Mean => {
                let x = &maps[layer.inputs[0]];
                let mut y = Field::zero(1, 1, x.channels);
                for (i, v) in x.data.iter().enumerate() {
                    y.data[i % x.channels] += v / (x.height * x.width) as f64;
                }
                y
            }
        };
        match layer.op {
            // Zeros of a ReLU stay zeros in any arithmetic.
            Op::Relu | Op::ClippedRelu { .. } | Op::Concat | Op::Add | Op::Upsample => {
                shaking.shake(&mut map.data)
            }
            Op::Pool(pool) if pool.pooling == Pooling::Max => shaking.shake(&mut map.data),
            _ => shaking.shake_sums(&mut map.data),
        }
        maps.push(map);
    }
    Run { maps, margin }
}

fn image(input: &InputConvention, (height, width): (usize, usize), rgb: &[f32]) -> Field {
    let mut map = Field::zero(height, width, 3);
    for (i, v) in map.data.iter_mut().enumerate() {
        let c = i % 3;
        let value = rgb[i - c + if input.bgr { 2 - c } else { c }] as f64;
        *v = (value * input.scale as f64 - input.mean[c] as f64) / input.std[c] as f64;
    }
    map
}

/// Values of channel `c` in the window at output `(row, column)`, row by row.
fn window(pool: Pool, x: &Field, row: usize, column: usize, c: usize) -> Vec<f64> {
    let side = pool.window;
    let at = |i| x.at(row * pool.stride + i / side, column * pool.stride + i % side)[c];
    (0..side * side).map(at).collect()
}

/// Place of the first largest value.
fn first_largest(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}

/// Size of a pool's output along an axis: as many whole windows as fit.
fn windows_along(pool: Pool, n: usize) -> usize {
    (0..n).filter(|i| i % pool.stride == 0 && i + pool.window <= n).count()
}

fn pooled(pool: Pool, x: &Field) -> Field {
    let mut y = Field::zero(windows_along(pool, x.height), windows_along(pool, x.width), x.channels);
    for row in 0..y.height {
        for column in 0..y.width {
            for c in 0..y.channels {
                let values = window(pool, x, row, column, c);
                y.at_mut(row, column)[c] = match pool.pooling {
                    Pooling::Max => values[first_largest(&values)],
                    Pooling::Average => values.iter().sum::<f64>() / values.len() as f64,
                };
            }
        }
    }
    y
}

/// Smallest lead of a window's largest value over the others. Equal zeros are a ReLU's, and equal values of maxima are
/// the same value twice (`copies`): they are equal in any arithmetic, and the first one wins.
fn narrowest(pool: Pool, x: &Field, copies: bool) -> f64 {
    let mut narrowest = f64::INFINITY;
    for row in 0..windows_along(pool, x.height) {
        for column in 0..windows_along(pool, x.width) {
            for c in 0..x.channels {
                let values = window(pool, x, row, column, c);
                let largest = values[first_largest(&values)];
                let mut rivals = values.clone();
                rivals.remove(first_largest(&values));
                for rival in rivals {
                    if rival != largest || !(copies || largest == 0.0) {
                        narrowest = narrowest.min(largest - rival);
                    }
                }
            }
        }
    }
    narrowest
}

/// Whether a layer's values were all selected by max pooling or repeated.
fn holds_copies(network: &Network, layer: usize) -> bool {
    let layer = &network.layers[layer];
    match layer.op {
        Op::Pool(pool) => pool.pooling == Pooling::Max,
        Op::Upsample | Op::Spread => true,
        Op::Relu | Op::ClippedRelu { .. } | Op::Concat => {
            layer.inputs.iter().all(|&i| holds_copies(network, i))
        }
        _ => false,
    }
}
