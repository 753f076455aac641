//! Derivatives by the parameters of single convolutions, at the device.

use crate::{
    case::{Chain, noise_of, weights_for},
    distance::relative_error,
    naive::{Field, Kernel},
};
use impasto_net::{
    cpu::{Cpu, Isa},
    device::{ConvolutionAt, Device, Shape},
    network::{Convolution, Op, Padding},
    weights::Weights,
};

const PADDINGS: [Padding; 4] = [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular];
const TOLERANCE: f64 = 3e-6;

/// A convolution between maps of noise.
pub struct Single {
    pub conv: Convolution,
    pub input: Shape,
    pub output: Shape,
    pub weights: Weights,
    pub x: Vec<f32>,
    pub dy: Vec<f32>,
}

impl Single {
    /// Whose kernel must fit.
    pub fn new((height, width): (usize, usize), inputs: usize, conv: Convolution) -> Single {
        let mut chain = Chain::new();
        chain.then(Op::Convolution(Convolution::same(inputs, 1, Padding::Zero)));
        chain.then(Op::Convolution(conv));
        let weights = weights_for(&chain.network, (height * 31 + width + inputs) as u64);
        let input = Shape { height, width, channels: inputs };
        let (height, width) = (conv.output_len(height), conv.output_len(width));
        let output = Shape { height, width, channels: conv.outputs };
        let (x, dy) = (noise_of(3, input.len()), noise_of(4, output.len()));
        Single { conv, input, output, weights, x, dy }
    }

    /// As the device takes it.
    pub fn at(&self) -> ConvolutionAt<'_> {
        let values = |name: &str| &self.weights.get(name).unwrap().data[..];
        let (convolution, input, output) = (self.conv, self.input, self.output);
        let (weight, bias) = (values("2.weight"), values("2.bias"));
        ConvolutionAt {
            convolution,
            depthwise: false,
            input,
            upsampled: false,
            output,
            weight,
            codebook: None,
            bias,
        }
    }

    /// As the definition takes it.
    pub fn kernel(&self) -> Kernel {
        Kernel::new(self.conv, &self.weights, "2")
    }
}

/// A map as the definition takes it.
pub fn field(shape: Shape, data: &[f32]) -> Field {
    let data = data.iter().map(|&v| v as f64).collect();
    Field { height: shape.height, width: shape.width, channels: shape.channels, data }
}

fn check(size: (usize, usize), inputs: usize, conv: Convolution) {
    let single = Single::new(size, inputs, conv);
    let kernel = single.kernel();
    let [mut weight, mut bias] =
        kernel.by_parameters(&field(single.input, &single.x), &field(single.output, &single.dy));
    // They are added to what is there.
    weight.iter_mut().chain(&mut bias).for_each(|v| *v += 0.5);
    for isa in Isa::available() {
        let cpu = Cpu { isa, precise: false };
        let filter = cpu.filter(single.at());
        let mut workspace = vec![f32::NAN; cpu.parameters_workspace_len(&filter)];
        let (mut dweight, mut dbias) = (vec![0.5; weight.len()], vec![0.5; bias.len()]);
        let gradient = (&mut dweight[..], &mut dbias[..]);
        cpu.convolve_parameters_vjp(&filter, &single.x, &single.dy, gradient, &mut workspace);
        let errors = (relative_error(&dweight, &weight), relative_error(&dbias, &bias));
        let good = errors.0 < TOLERANCE && errors.1 < TOLERANCE;
        assert!(good, "{isa:?}: {errors:?}; {inputs} planes of {size:?}, {conv:?}");
    }
}

#[test]
fn every_kernel_stride_and_border() {
    let channels = [1, 3, 5, 8, 17, 33, 48, 2, 32, 4];
    let sizes = [(1, 1), (1, 7), (6, 1), (2, 3), (3, 2), (5, 4), (7, 9), (13, 11), (3, 67)];
    let borders = [(0, 0), (1, 1), (0, 1), (1, 0), (2, 1), (4, 4), (3, 5)];
    let (mut turn, mut checked) = (0, 0);
    for kernel in [1, 2, 3, 5, 7, 9] {
        for stride in 1..=3 {
            for padding in PADDINGS {
                for _ in 0..6 {
                    turn += 1;
                    let pick = |len: usize| (turn * 7 + turn / len) % len;
                    let (size, (before, after)) = (sizes[pick(sizes.len())], borders[pick(borders.len())]);
                    let (inputs, outputs) = (channels[turn % 10], channels[(turn / 10 + 4 + turn) % 10]);
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0.min(size.1)) > 0 {
                        check(size, inputs, conv);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 250, "{checked}");
}

/// Rows wider than what is multiplied at a time, and enough of them for several sums.
#[test]
fn over_many_positions() {
    let strided = |outputs, kernel, padding| {
        let (before, after) = (kernel / 2, kernel / 2);
        Convolution { outputs, kernel, stride: 2, before, after, padding }
    };
    check((41, 300), 3, Convolution::same(20, 5, Padding::Reflect));
    check((37, 270), 18, Convolution::same(3, 9, Padding::Reflect));
    check((150, 9), 16, Convolution::same(16, 3, Padding::Circular));
    check((70, 75), 20, strided(40, 3, Padding::Replicate));
    check((70, 75), 8, strided(4, 4, Padding::Zero));
    check((129, 65), 40, Convolution::same(24, 1, Padding::Zero));
}

/// So many planes that their sums are shared out among jobs.
#[test]
fn between_many_planes() {
    check((5, 6), 512, Convolution::same(400, 3, Padding::Zero));
    check((13, 13), 200, Convolution::same(1000, 1, Padding::Zero));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let few = Single::new((61, 70), 20, Convolution::same(3, 9, Padding::Reflect));
    let many = Single::new((61, 70), 20, Convolution::same(40, 5, Padding::Reflect));
    for single in [few, many] {
        for isa in Isa::available() {
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let at = single.at();
                let (mut dweight, mut dbias) = (vec![0.0; at.weight.len()], vec![0.0; at.bias.len()]);
                pool.install(|| {
                    let cpu = Cpu { isa, precise: false };
                    let filter = cpu.filter(at);
                    let gradient = (&mut dweight[..], &mut dbias[..]);
                    let mut workspace = vec![f32::NAN; cpu.parameters_workspace_len(&filter)];
                    cpu.convolve_parameters_vjp(&filter, &single.x, &single.dy, gradient, &mut workspace);
                });
                dweight.iter().chain(&dbias).map(|v| v.to_bits()).collect::<Vec<u32>>()
            };
            let one = on(1);
            for threads in [2, 3, 7] {
                assert!(one == on(threads), "{isa:?} with {threads} threads");
            }
        }
    }
}
