//! What a layer computes.

use serde::{Deserialize, Serialize};

/// How a map is continued beyond its border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// Zeros, the published convention of VGG and SqueezeNet.
    #[default]
    Zero,
    /// The border value repeated.
    Replicate,
    /// Mirrored about the border position, which is not repeated.
    Reflect,
    /// Wrapped around: the map tiles the plane.
    Circular,
}

impl Padding {
    /// The position inside `0..n` that stands for position `i` of the continued map; `None` means zero.
    pub fn index(self, i: isize, n: usize) -> Option<usize> {
        let last = n as isize - 1;
        if (0..=last).contains(&i) {
            return Some(i as usize);
        }
        match self {
            Padding::Zero => None,
            Padding::Replicate => Some(i.clamp(0, last) as usize),
            Padding::Circular => Some(i.rem_euclid(n as isize) as usize),
            Padding::Reflect if last == 0 => Some(0),
            Padding::Reflect => {
                let folded = i.rem_euclid(2 * last);
                Some(folded.min(2 * last - folded) as usize)
            }
        }
    }
}

/// Kind of pooling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// Largest value of the window.
    #[default]
    Max,
    /// Mean of the window.
    Average,
}

/// A square convolution (a cross-correlation, as everywhere in this field).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Planes it produces.
    pub outputs: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// Rows added above and columns added at the left.
    pub before: usize,
    /// Rows added below and columns added at the right.
    pub after: usize,
    /// What the added rows and columns hold.
    pub padding: Padding,
}

impl Convolution {
    /// Stride one, odd kernel, output as large as the input.
    pub fn same(outputs: usize, kernel: usize, padding: Padding) -> Self {
        Convolution { outputs, kernel, stride: 1, before: kernel / 2, after: kernel / 2, padding }
    }

    /// Length of the output along an axis of `n` positions; zero if the kernel does not fit.
    pub fn output_len(&self, n: usize) -> usize {
        (n + self.before + self.after + self.stride).saturating_sub(self.kernel) / self.stride
    }
}

/// A square pooling window without padding; incomplete windows at the far border are dropped ("floor").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Maximum or average.
    pub pooling: Pooling,
    /// Side of the window, at most 16: a maximum's place is remembered in a byte.
    pub window: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
}

impl Pool {
    /// Length of the output along an axis of `n` positions; zero if the window does not fit.
    pub fn output_len(&self, n: usize) -> usize {
        (n + self.stride).saturating_sub(self.window) / self.stride
    }
}

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// The picture in the network's own convention; every network's first layer.
    Input,
    /// Convolution; its parameters are `P.weight` (`[outputs, inputs, kernel, kernel]`) and `P.bias`, with P from
    /// [`Layer::parameters`](super::Layer::parameters).
    Convolution(Convolution),
    /// Convolution of every plane with a kernel of its own: as many outputs as inputs; its parameters are `P.weight`
    /// (`[outputs, 1, kernel, kernel]`) and `P.bias` (Howard et al., "MobileNets", 2017).
    Depthwise(Convolution),
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), ceiling); with a ceiling of 6 known as ReLU6.
    ClippedRelu {
        /// Largest value, above 0.
        ceiling: f32,
    },
    /// Spatial pooling.
    Pool(Pool),
    /// Planes of all inputs one after another.
    Concat,
    /// Sum of two inputs of one size.
    Add,
    /// Every plane standardised by its own mean and biased variance over the positions, `(x − mean) / √(variance + ε)`,
    /// times `P.weight` plus `P.bias` (Ulyanov et al., "Instance Normalization", 2016).
    InstanceNorm {
        /// ε, which keeps flat planes finite.
        epsilon: f32,
    },
    /// Twice as high and wide, every value repeated 2×2 (nearest neighbour).
    Upsample,
    /// Twice as high and wide, every value followed by zeros: with a convolution behind it a transposed convolution of
    /// stride 2.
    Spread,
    /// Mean of every plane over all positions: one position remains.
    Mean,
    /// Every value brought into a range by the logistic curve: `low + (high − low) / (1 + e⁻ˣ)`; with `[−a, a]` it is
    /// `a · tanh(x / 2)`.
    Squash {
        /// What it nears far below zero.
        low: f32,
        /// What it nears far above zero.
        high: f32,
    },
    /// Noise of [0, 1), uniform and white, whatever the input holds: it gives the size only. Every stream and every seed
    /// ([`Plan::set_seed`](crate::Plan::set_seed)) has its own.
    Noise {
        /// Planes of noise.
        planes: usize,
        /// The input's length along an axis divided by that of the noise, which is rounded up.
        shrink: usize,
        /// Tells layers' noise apart.
        stream: u32,
    },
}

impl Op {
    /// Distance between neighbouring windows; 1 for what has none.
    pub fn stride(self) -> usize {
        match self {
            Op::Convolution(Convolution { stride, .. })
            | Op::Depthwise(Convolution { stride, .. })
            | Op::Pool(Pool { stride, .. }) => stride,
            _ => 1,
        }
    }

    /// Whether it rectifies, and the largest value that it lets pass.
    pub(crate) fn ceiling(self) -> Option<f32> {
        match self {
            Op::Relu => Some(f32::INFINITY),
            Op::ClippedRelu { ceiling } => Some(ceiling),
            _ => None,
        }
    }

    /// Length of the output along an axis of `n` positions; zero if nothing fits.
    pub fn output_len(self, n: usize) -> usize {
        match self {
            Op::Convolution(conv) | Op::Depthwise(conv) => conv.output_len(n),
            Op::Pool(pool) => pool.output_len(n),
            Op::Upsample | Op::Spread => 2 * n,
            Op::Mean => n.min(1),
            Op::Noise { shrink, .. } => n.div_ceil(shrink.max(1)),
            Op::Input
            | Op::Relu
            | Op::ClippedRelu { .. }
            | Op::Concat
            | Op::Add
            | Op::InstanceNorm { .. }
            | Op::Squash { .. } => n,
        }
    }
}
