//! Networks built layer by layer, and numbers to fill them with.

use impasto_net::{
    network::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling},
    weights::{Array, Weights},
};
use std::collections::BTreeMap;

/// A convention in which every part shows: order, scale, mean and deviation.
pub const INPUT: InputConvention =
    InputConvention { bgr: true, scale: 2.0, mean: [0.8, 1.0, 1.1], std: [0.5, 0.8, 1.25] };

/// Numbers in −1..1 that depend on `seed` only (SplitMix64).
pub fn noise(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// `len` numbers in −1..1.
pub fn noise_of(seed: u64, len: usize) -> Vec<f32> {
    let mut noise = noise(seed);
    (0..len).map(|_| noise()).collect()
}

/// Weights that keep values near one from layer to layer, and biases that are never zero.
pub fn weights_for(network: &Network, seed: u64) -> Weights {
    let channels = network.channels();
    let mut noise = noise(seed);
    let mut arrays = BTreeMap::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let planes = channels[index];
        let mut add = |part: &str, shape: Vec<usize>, value: &mut dyn FnMut() -> f32| {
            let data = (0..shape.iter().product()).map(|_| value()).collect();
            arrays.insert(format!("{}.{part}", layer.parameters), Array { shape, data });
        };
        match layer.op {
            Op::Convolution(conv) => {
                let shape = vec![planes, channels[layer.inputs[0]], conv.kernel, conv.kernel];
                let scale = (4.0 / shape[1..].iter().product::<usize>() as f32).sqrt();
                add("weight", shape, &mut || noise() * scale);
                add("bias", vec![planes], &mut || (noise() + 1.01) * 0.1);
            }
            Op::Depthwise(conv) => {
                let scale = 2.0 / conv.kernel as f32;
                add("weight", vec![planes, 1, conv.kernel, conv.kernel], &mut || noise() * scale);
                add("bias", vec![planes], &mut || (noise() + 1.01) * 0.1);
            }
            Op::InstanceNorm { .. } => {
                add("weight", vec![planes], &mut || 1.0 + 0.5 * noise());
                add("bias", vec![planes], &mut || 0.5 * noise());
            }
            _ => {}
        }
    }
    Weights::new(arrays, BTreeMap::new())
}

/// Appends layers one after another, each named after its number: `1`, `2` and so on; 0 is the picture.
pub struct Chain {
    pub network: Network,
}

impl Chain {
    pub fn new() -> Chain {
        Chain { network: Network::new("test", INPUT) }
    }

    /// The last layer's index.
    pub fn last(&self) -> usize {
        self.network.layers.len() - 1
    }

    /// Appends a layer that reads `inputs`.
    pub fn from(&mut self, inputs: &[usize], op: Op) -> usize {
        let name = (self.last() + 1).to_string();
        self.network.push(&name, op, inputs)
    }

    /// Appends a layer that reads the last one.
    pub fn then(&mut self, op: Op) -> usize {
        self.from(&[self.last()], op)
    }
}

/// A convolution that keeps the size.
pub fn same(outputs: usize, kernel: usize) -> Op {
    Op::Convolution(Convolution::same(outputs, kernel, Padding::Zero))
}

pub fn max(window: usize, stride: usize) -> Op {
    Op::Pool(Pool { pooling: Pooling::Max, window, stride })
}

pub fn average(window: usize, stride: usize) -> Op {
    Op::Pool(Pool { pooling: Pooling::Average, window, stride })
}

/// A ReLU with a ceiling that many values reach.
pub fn clipped() -> Op {
    Op::ClippedRelu { ceiling: 0.75 }
}

/// An instance norm whose ε shows.
pub fn norm() -> Op {
    Op::InstanceNorm { epsilon: 1e-3 }
}
