//! What padding other than zeros adds to the way back: values folded onto the border, and nothing elsewhere.
//!
//! It is the difference of two products that share weights and cotangent: one with the padding, one with zeros.

use crate::{
    naive::Field,
    parameters::{Single, field},
};
use impasto_net::{
    cpu::{Cpu, Isa},
    device::{ConvolutionAt, Cotangent, Device, Shape},
    network::{Convolution, Padding},
};

const FOLDED: [Padding; 3] = [Padding::Replicate, Padding::Reflect, Padding::Circular];
/// Largest error of a value, relative to the largest of the product.
const TOLERANCE: f64 = 1e-5;

/// Size of the map that a convolution's input, enlarged ×2 or not, is made of.
fn seen(input: Shape, enlarged: bool) -> Shape {
    let factor = 1 + usize::from(enlarged);
    Shape { height: input.height / factor, width: input.width / factor, ..input }
}

/// The product by the definition.
fn expected(single: &Single, enlarged: bool) -> Vec<f64> {
    let input = single.input;
    let mut product = Field::zero(input.height, input.width, input.channels);
    single.kernel().backward(&field(single.output, &single.dy), &mut product);
    if !enlarged {
        return product.data;
    }
    let small = seen(input, true);
    let mut sums = Field::zero(small.height, small.width, small.channels);
    for row in 0..input.height {
        for column in 0..input.width {
            let to = sums.at_mut(row / 2, column / 2);
            to.iter_mut().zip(product.at(row, column)).for_each(|(to, from)| *to += from);
        }
    }
    sums.data
}

/// The product by the device, over what was no number.
fn found(isa: Isa, single: &Single, enlarged: bool) -> Vec<f32> {
    let (cpu, input) = (Cpu { isa, precise: false }, seen(single.input, enlarged));
    let filter = cpu.filter_vjp(ConvolutionAt { input, upsampled: enlarged, ..single.at() });
    let mut workspace = vec![f32::NAN; cpu.workspace_len(&filter)];
    let mut dx = vec![f32::NAN; input.len()];
    let after = Cotangent { accumulate: false, relu: None };
    cpu.convolve_vjp(&filter, &single.dy, &mut dx, after, &mut workspace);
    dx
}

/// `size` is that of the convolution's input.
fn check(size: (usize, usize), inputs: usize, conv: Convolution, enlarged: bool) {
    let padded = Single::new(size, inputs, conv);
    let plain = Single::new(size, inputs, Convolution { padding: Padding::Zero, ..conv });
    let (with, without) = (expected(&padded, enlarged), expected(&plain, enlarged));
    let largest = with.iter().chain(&without).fold(1.0, |largest: f64, v| largest.max(v.abs()));
    for isa in Isa::available() {
        let context = format!("{isa:?}: {inputs} planes of {size:?}, enlarged {enlarged}, {conv:?}");
        let (to, from) = (found(isa, &padded, enlarged), found(isa, &plain, enlarged));
        for (i, (to, from)) in to.iter().zip(&from).enumerate() {
            let folded = with[i] - without[i];
            if folded == 0.0 {
                assert_eq!(to, from, "value {i} is not padding's, {context}");
            }
            let error = (*to as f64 - *from as f64 - folded).abs();
            assert!(error <= TOLERANCE * largest, "value {i}: {error:.1e} of {largest:.1e}, {context}");
        }
    }
}

/// Borders wider than the map, too, which fold more than once.
#[test]
fn every_kernel_stride_and_border() {
    let sizes = [(1, 1), (1, 6), (2, 7), (6, 3), (9, 8), (12, 30)];
    let borders = [(1, 1), (0, 2), (4, 4), (2, 0), (5, 3)];
    let channels = [(3, 20), (16, 3), (17, 9), (2, 2), (40, 33), (16, 16), (1, 5)];
    let (mut turn, mut checked) = (0, 0);
    for kernel in [1, 2, 3, 4, 7, 9] {
        for stride in 1..=3 {
            for padding in FOLDED {
                for _ in 0..4 {
                    turn += 1;
                    let (before, after) = borders[(turn + turn / 5) % 5];
                    let (inputs, outputs) = channels[turn % 7];
                    let size = sizes[(turn + turn / 6) % 6];
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0.min(size.1)) > 0 {
                        check(size, inputs, conv, false);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

/// Of maps enlarged ×2, both by the path that never makes the enlarged map and by the one that does.
#[test]
fn enlarged_maps() {
    for padding in FOLDED {
        for size in [(2, 2), (2, 12), (6, 4), (10, 14), (20, 18)] {
            for (inputs, outputs, kernel) in [(16, 32, 3), (32, 16, 3), (5, 7, 3), (16, 3, 9), (3, 20, 1)] {
                check(size, inputs, Convolution::same(outputs, kernel, padding), true);
            }
            let uneven = Convolution { outputs: 16, kernel: 3, stride: 1, before: 0, after: 2, padding };
            check(size, 16, uneven, true);
        }
    }
}
