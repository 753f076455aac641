//! Convolution to so few planes that those of two neighbouring outputs fit into one vector.
//!
//! A map of `c` planes is seen as one half as wide of `2c`, which lies in memory the same way: the convolution to it has
//! kernels as wide as two neighbours' together and twice the stride. Of a map enlarged ×2, two neighbours see the same
//! inputs in another sum: a 3×3 convolution is one of 2×3 of the small map, for even and for odd rows.

use super::{
    axis::Axis,
    bank::Bank,
    correlation::Source,
    dense::{self, Dense, Part},
};
use crate::{
    cpu::{finish::Finish, isa::Isa},
    device::{Activation, ConvolutionAt, Relu, Shape},
    network::{Convolution, Padding},
};

/// Planes of which two outputs' fill the longest vector at most.
const FEW: usize = 8;
/// Planes up to which taps fill vectors better, see [`form`](super::form).
const FEWER: usize = super::FEW;

/// Such a convolution.
pub struct Paired {
    banks: Vec<Bank>,
    dense: Dense,
    input: Shape,
    padding: Padding,
    /// The output seen as half as wide.
    output: Shape,
    /// Twice.
    bias: Vec<f32>,
}

impl Paired {
    /// For a convolution that it serves.
    pub fn new(at: &ConvolutionAt<'_>) -> Option<Self> {
        let Convolution { outputs, kernel, stride, before, after, .. } = at.convolution;
        if at.depthwise || outputs > FEW || !at.output.width.is_multiple_of(2) {
            return None;
        }
        match at.upsampled {
            true => ([kernel, stride, before, after] == [3, 1, 1, 1]).then(|| Self::enlarged(at)),
            false => (outputs > FEWER && kernel > 1).then(|| Self::plain(at)),
        }
    }

    fn plain(at: &ConvolutionAt<'_>) -> Self {
        let conv = at.convolution;
        let (k, stride, inputs, outputs) = (conv.kernel, conv.stride, at.input.channels, conv.outputs);
        let bank = Bank::new(k, (k + stride) * inputs, 2 * outputs, |r, d, c| {
            let (place, second) = (d / inputs, c / outputs);
            match place.checked_sub(second * stride).filter(|tap| *tap < k) {
                Some(tap) => at.weight[((c % outputs * inputs + d % inputs) * k + r) * k + tap],
                None => 0.0,
            }
        });
        let rows = Axis::forward(&conv, at.input.height, at.output.height);
        let one = Axis::forward(&conv, at.input.width, at.output.width / 2);
        let columns = Axis { kernel: k + stride, stride: 2 * stride, ..one };
        Self::of(at, vec![bank], vec![Part { rows, columns, bank: 0 }], conv.padding)
    }

    fn enlarged(at: &ConvolutionAt<'_>) -> Self {
        let (inputs, outputs) = (at.input.channels, at.convolution.outputs);
        // Taps 0, 1, 2 of an output at an even place meet the inputs −1, 0, 0 from its own on; at an odd one 0, 0, 1.
        let meets = |odd: usize, tap: usize| (odd + tap).div_ceil(2);
        let bank = |odd: usize| {
            Bank::new(2, 3 * inputs, 2 * outputs, |r, d, c| {
                let kernel = &at.weight[(c % outputs * inputs + d % inputs) * 9..][..9];
                let met =
                    |tap: &usize| meets(odd, tap / 3) == r + odd && meets(c / outputs, tap % 3) == d / inputs;
                (0..9).filter(met).map(|tap| kernel[tap]).sum()
            })
        };
        let axis = |kernel, before, input, first, step| Axis {
            len: input,
            kernel,
            stride: 1,
            before,
            input,
            first,
            step,
        };
        let part = |odd: usize| Part {
            rows: axis(2, 1 - odd as isize, at.input.height, odd, 2),
            columns: axis(3, 1, at.input.width, 0, 1),
            bank: odd,
        };
        // One position beyond an enlarged map, reflection shows the border value again.
        let padding = match at.convolution.padding {
            Padding::Reflect => Padding::Replicate,
            padding => padding,
        };
        Self::of(at, vec![bank(0), bank(1)], vec![part(0), part(1)], padding)
    }

    fn of(at: &ConvolutionAt<'_>, banks: Vec<Bank>, parts: Vec<Part>, padding: Padding) -> Self {
        let Shape { height, width, channels } = at.output;
        let output = Shape { height, width: width / 2, channels: 2 * channels };
        let bias = at.bias.repeat(2);
        Paired { banks, dense: Dense { parts }, input: at.input, padding, output, bias }
    }

    /// Whether it can do what is to be done to the result: masks are laid out otherwise, and a place among other planes is
    /// none for two outputs.
    pub fn serves(after: &Activation<'_>) -> bool {
        after.among.is_none() && !matches!(after.relu, Relu::Note(_))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.banks.iter().map(Bank::bytes).sum::<usize>() + 4 * self.bias.len()
    }

    /// y = x ∗ weight + bias.
    pub fn convolve(&self, isa: Isa, x: &[f32], y: &mut [f32], after: Activation<'_>) {
        assert_eq!(x.len(), self.input.len());
        let source = Source { x, shape: self.input, padding: self.padding };
        let finish = Finish::forward(self.output, y, &self.bias, after);
        dense::run(isa, &self.dense, &self.banks, source, self.output, finish);
    }
}
