//! Vector-Jacobian products of single convolutions, at the device: what they add to, and the ReLU in front of them.

use crate::{
    case::{RULES, noise_of},
    naive::Field,
    parameters::{Single, field},
};
use impasto_net::{
    ReluRule,
    cpu::{Cpu, Isa},
    device::{Cotangent, Device},
    network::{Convolution, Padding},
};

const TOLERANCE: f64 = 5e-6;

/// Root of the mean square error, relative to that of the values or to one, of which order the terms of sums are: a sum
/// of a few may nearly cancel.
fn error(found: &[f32], expected: &[f64]) -> f64 {
    let squares: f64 = expected.iter().map(|e| e * e).sum();
    let errors: f64 = found.iter().zip(expected).map(|(f, e)| (*f as f64 - e).powi(2)).sum();
    let error = (errors / squares.max(expected.len() as f64)).sqrt();
    if error.is_nan() { f64::INFINITY } else { error }
}

/// What is to be found in `dx` under a rule, given what was there and which values the ReLU let pass.
fn expected(product: &Field, before: Option<&[f32]>, rule: Option<ReluRule>, passed: &[bool]) -> Vec<f64> {
    let total = |i: usize| product.data[i] + before.map_or(0.0, |before| before[i] as f64);
    let of = |i: usize| match rule {
        None => total(i),
        Some(ReluRule::Gradient) => f64::from(u8::from(passed[i])) * total(i),
        Some(ReluRule::Guided) => f64::from(u8::from(passed[i])) * total(i).max(0.0),
        Some(ReluRule::Deconv) => total(i).max(0.0),
    };
    (0..product.data.len()).map(of).collect()
}

fn check(size: (usize, usize), inputs: usize, conv: Convolution) {
    let single = Single::new(size, inputs, conv);
    let input = single.input;
    let mut product = Field::zero(input.height, input.width, input.channels);
    single.kernel().backward(&field(single.output, &single.dy), &mut product);
    let before = noise_of(8, input.len());
    let passed: Vec<bool> = noise_of(9, input.len()).iter().map(|&v| v > 0.0).collect();
    let mut mask = vec![0u8; input.mask_len()];
    let stride = mask.len() / input.positions();
    for (i, &passed) in passed.iter().enumerate() {
        let (position, c) = (i / inputs, i % inputs);
        mask[position * stride + c / 8] |= u8::from(passed) << (c % 8);
    }
    let rules: Vec<Option<ReluRule>> = RULES.map(Some).into_iter().chain([None]).collect();
    for isa in Isa::available() {
        let cpu = Cpu { isa, precise: false };
        let filter = cpu.filter_vjp(single.at());
        let mut workspace = vec![f32::NAN; cpu.workspace_len(&filter)];
        for &rule in &rules {
            for accumulate in [false, true] {
                let mut dx = if accumulate { before.clone() } else { vec![f32::NAN; input.len()] };
                let after = Cotangent { accumulate, relu: rule.map(|rule| (rule, &mask[..])) };
                cpu.convolve_vjp(&filter, &single.dy, &mut dx, after, &mut workspace);
                let expected = expected(&product, accumulate.then_some(&before[..]), rule, &passed);
                let error = error(&dx, &expected);
                let context = format!("{rule:?}, accumulate {accumulate}; {inputs} planes of {size:?}");
                assert!(error < TOLERANCE, "{isa:?}: {error:.1e}, {context}, {conv:?}");
            }
        }
    }
}

/// Borders of every kind fold values back before the ReLU decides.
#[test]
fn every_border_and_stride_with_every_rule() {
    let sizes = [(1, 1), (2, 7), (6, 1), (9, 8), (12, 30)];
    let borders = [(1, 1), (0, 2), (4, 4), (2, 1), (5, 3)];
    let channels = [(3, 20), (16, 3), (17, 9), (2, 2), (40, 33), (16, 16), (1, 5)];
    let mut turn = 0;
    for kernel in [1, 2, 3, 4, 9] {
        for stride in 1..=3 {
            for padding in [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular] {
                for _ in 0..2 {
                    turn += 1;
                    let (before, after) = borders[(turn + turn / 5) % 5];
                    let (inputs, outputs) = channels[turn % 7];
                    let size = sizes[(turn + turn / 3) % 5];
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0.min(size.1)) > 0 {
                        check(size, inputs, conv);
                    }
                }
            }
        }
    }
}

/// Rows and columns longer than a tile.
#[test]
fn wide_and_tall_maps() {
    check((130, 4), 20, Convolution::same(24, 3, Padding::Replicate));
    check((90, 3), 6, Convolution::same(33, 5, Padding::Zero));
    check((67, 9), 3, Convolution::same(8, 9, Padding::Circular));
    check((5, 450), 3, Convolution::same(32, 3, Padding::Reflect));
    check((6, 250), 48, Convolution::same(3, 9, Padding::Reflect));
    let strided =
        Convolution { outputs: 40, kernel: 3, stride: 2, before: 1, after: 1, padding: Padding::Replicate };
    check((5, 301), 36, strided);
}
