//! The direct convolutions of a style generator at 512×512, VGG's first layer and SqueezeNet's, in all three directions.
//!
//! `cargo bench -p impasto-net --bench generator_layers -- "9x9 3-32/weights"` measures one direction of one layer.
//! "Elements" are floating-point operations of the definition, so "Gelem/s" reads as GFLOP/s.
#![allow(missing_docs)]

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use impasto_net::{
    ReluRule,
    cpu::Cpu,
    device::{Activation, ConvolutionAt, Cotangent, Device, Relu, Shape},
    network::{Convolution, Padding},
};
use std::time::Duration;

fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * 0.618).sin()).collect()
}

/// The values of `memory`, which has room for 16 more, from its first cache line on, as a plan's maps begin.
fn map(memory: &mut [f32], len: usize) -> &mut [f32] {
    let start = memory.as_ptr().align_offset(64);
    &mut memory[start..start + len]
}

/// Name, side of the input, its planes, geometry.
fn layers() -> Vec<(&'static str, usize, usize, Convolution)> {
    let reflect = |outputs, kernel, stride| Convolution {
        outputs,
        kernel,
        stride,
        before: kernel / 2,
        after: kernel / 2,
        padding: Padding::Reflect,
    };
    let zero = |outputs, kernel| Convolution::same(outputs, kernel, Padding::Zero);
    let strided =
        Convolution { outputs: 64, kernel: 3, stride: 2, before: 0, after: 1, padding: Padding::Zero };
    vec![
        ("9x9 3-32", 512, 3, reflect(32, 9, 1)),
        ("3x3s2 32-64", 512, 32, reflect(64, 3, 2)),
        ("3x3s2 64-128", 256, 64, reflect(128, 3, 2)),
        ("3x3 128-128", 128, 128, reflect(128, 3, 1)),
        ("3x3 512-512", 32, 512, zero(512, 3)),
        ("9x9 32-3", 512, 32, reflect(3, 9, 1)),
        ("vgg conv1_1", 512, 3, zero(64, 3)),
        ("squeezenet conv1", 227, 3, strided),
        ("squeezenet fire2/squeeze", 56, 64, zero(16, 1)),
        ("squeezenet fire2/expand1x1", 56, 16, zero(64, 1)),
        ("squeezenet fire9/squeeze", 13, 512, zero(64, 1)),
        ("squeezenet conv10", 13, 512, zero(1000, 1)),
    ]
}

fn generator_layers(criterion: &mut Criterion) {
    let cpu = Cpu::default();
    for (name, side, inputs, convolution) in layers() {
        let out = convolution.output_len(side);
        let input = Shape { height: side, width: side, channels: inputs };
        let output = Shape { height: out, width: out, channels: convolution.outputs };
        let patch = convolution.kernel * convolution.kernel * inputs;
        let (weight, bias) = (values(patch * output.channels), values(output.channels));
        let at = ConvolutionAt {
            convolution,
            depthwise: false,
            input,
            upsampled: false,
            output,
            weight: &weight,
            codebook: None,
            bias: &bias,
        };
        let (there, back) = (cpu.filter(at), cpu.filter_vjp(at));
        let passes = cpu.workspace_len(&there).max(cpu.workspace_len(&back));
        let mut workspace = vec![0.0; passes.max(cpu.parameters_workspace_len(&there))];
        let (x, mut y) = (values(input.len()), vec![0.0; output.len() + 16]);
        let y = map(&mut y, output.len());
        let mut mask = vec![0; output.mask_len()];
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
        group.throughput(Throughput::Elements(2 * (output.len() * patch) as u64));
        group.bench_function("forward", |b| {
            b.iter(|| {
                let after = Activation { relu: Relu::Note(&mut mask), ..Activation::default() };
                cpu.convolve(&there, &x, y, after, &mut workspace);
            });
        });
        let dy = values(output.len());
        let (passed, mut dx) = (vec![0x5A; input.mask_len()], vec![0.0; input.len() + 16]);
        let dx = map(&mut dx, input.len());
        group.bench_function("vjp", |b| {
            b.iter(|| {
                // The map read was a ReLU's, as everywhere but in front of the first layer.
                let relu = (inputs > 3).then_some((ReluRule::Gradient, &passed[..]));
                let after = Cotangent { accumulate: false, relu };
                cpu.convolve_vjp(&back, &dy, dx, after, &mut workspace);
            });
        });
        let (mut dweight, mut dbias) = (vec![0.0; weight.len()], vec![0.0; bias.len()]);
        group.bench_function("weights", |b| {
            b.iter(|| {
                let gradient = (&mut dweight[..], &mut dbias[..]);
                cpu.convolve_parameters_vjp(&there, &x, &dy, gradient, &mut workspace);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, generator_layers);
criterion_main!(benches);
