//! The layers of VGG-19 one by one, at the sizes they have for a picture of 512×512.
//!
//! `cargo bench -p impasto-net --bench kernels -- conv4_2` measures one layer. "Elements" are floating-point operations of
//! the definition (a multiplication and an addition each), so "Gelem/s" reads as GFLOP/s; Winograd's algorithm does fewer,
//! which is why its rates exceed what the machine could do. Pools count the values they read.
#![allow(missing_docs)]

use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use impasto_net::{
    Map, ReluRule,
    cpu::Cpu,
    device::{Activation, ConvolutionAt, Cotangent, Device, Relu, Shape},
    network::{Convolution, InputConvention, Op, Pool, Pooling, Variant, vgg},
    statistics::Affine,
};
use std::time::Duration;

const SIDE: usize = 512;

fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * 0.618).sin()).collect()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1));
    group
}

/// All layers up to conv5_1 with the sizes of what they read and write.
fn layers() -> Vec<(String, Op, Shape, Shape)> {
    let network = vgg::vgg19(InputConvention::CAFFE, Variant::default());
    let mut shapes: Vec<Shape> = Vec::new();
    let mut layers = Vec::new();
    for (layer, channels) in network.layers.iter().zip(network.channels()) {
        let input = layer.inputs.first().map(|&i| shapes[i]);
        let input = input.unwrap_or(Shape { height: SIDE, width: SIDE, channels });
        let along = |n| match layer.op {
            Op::Convolution(conv) => conv.output_len(n),
            Op::Pool(pool) => pool.output_len(n),
            _ => n,
        };
        let output = Shape { height: along(input.height), width: along(input.width), channels };
        shapes.push(output);
        layers.push((layer.name.clone(), layer.op, input, output));
        if layer.name == "conv5_1" {
            break;
        }
    }
    layers
}

/// ReLU as on the way to a gradient.
fn noting(mask: &mut [u8]) -> Activation<'_> {
    Activation { relu: Relu::Note(mask), ..Activation::default() }
}

fn convolution(criterion: &mut Criterion, name: &str, convolution: Convolution, input: Shape, output: Shape) {
    let cpu = Cpu::default();
    let patch = convolution.kernel * convolution.kernel * input.channels;
    let (weight, bias) = (values(patch * output.channels), values(output.channels));
    let weight = &weight[..];
    let at = ConvolutionAt {
        convolution,
        depthwise: false,
        input,
        upsampled: false,
        output,
        weight,
        codebook: None,
        bias: &bias,
    };
    let (there, back) = (cpu.filter(at), cpu.filter_vjp(at));
    let mut workspace = vec![0.0; cpu.workspace_len(&there).max(cpu.workspace_len(&back))];
    let (x, mut y) = (values(input.len()), vec![0.0; output.len()]);
    let mut mask = vec![0; output.mask_len()];
    let mut group = group(criterion, name);
    group.throughput(Throughput::Elements(2 * (output.len() * patch) as u64));
    group.bench_function("forward", |b| {
        b.iter(|| cpu.convolve(&there, &x, &mut y, noting(&mut mask), &mut workspace));
    });
    // The map read was a ReLU's, as everywhere but in front of the first layer.
    let (passed, mut dx) = (vec![0x5A; input.mask_len()], vec![0.0; input.len()]);
    group.bench_function("vjp", |b| {
        b.iter(|| {
            let after = Cotangent { accumulate: false, relu: Some((ReluRule::Gradient, &passed)) };
            cpu.convolve_vjp(&back, &y, &mut dx, after, &mut workspace);
        });
    });
    group.finish();
}

fn pool(criterion: &mut Criterion, name: &str, pool: Pool, input: Shape, output: Shape) {
    let cpu = Cpu::default();
    let (x, mut y, mut dx) = (values(input.len()), vec![0.0; output.len()], vec![0.0; input.len()]);
    for pooling in [Pooling::Max, Pooling::Average] {
        let pool = Pool { pooling, ..pool };
        let mut switches = vec![0; output.switch_len(pool)];
        let mut group = group(criterion, &format!("{name} {pooling:?}"));
        group.throughput(Throughput::Elements(input.len() as u64));
        group.bench_function("forward", |b| {
            b.iter(|| {
                cpu.pool(pool, input.map(&x), &mut y, Some(&mut switches));
            });
        });
        group.bench_function("forward only", |b| {
            b.iter(|| cpu.pool(pool, input.map(&x), &mut y, None));
        });
        group.bench_function("vjp", |b| {
            b.iter(|| {
                let after = Cotangent { accumulate: false, relu: None };
                cpu.pool_vjp(pool, output.map(&y), &switches, input, &mut dx, after);
            });
        });
        group.finish();
    }
}

/// Gram matrix and its gradient.
fn statistics(criterion: &mut Criterion, name: &str, shape: Shape) {
    let cpu = Cpu::default();
    let x = values(shape.len());
    let map: Map<'_> = shape.map(&x);
    let square = shape.channels * shape.channels;
    let mut group = group(criterion, &format!("{name} statistics"));
    group.throughput(Throughput::Elements(2 * (shape.positions() * square) as u64));
    group.bench_function("moments", |b| b.iter(|| cpu.moments(map, true)));
    let affine = Affine { matrix: values(square), offset: values(shape.channels), ..Affine::default() };
    let mut gradient = vec![0.0; shape.len()];
    group.bench_function("add_affine", |b| b.iter(|| cpu.add_affine(map, &affine, &mut gradient)));
    group.finish();
}

fn vgg19_layers(criterion: &mut Criterion) {
    for (name, op, input, output) in layers() {
        match op {
            Op::Convolution(conv) => convolution(criterion, &name, conv, input, output),
            Op::Pool(at) => pool(criterion, &name, at, input, output),
            _ => {}
        }
        if name.ends_with("_1") && name.starts_with("conv") {
            statistics(criterion, &name, output);
        }
    }
}

/// The first and largest of SqueezeNet's pools, whose windows overlap.
fn squeezenet_pool(criterion: &mut Criterion) {
    let overlapping = Pool { pooling: Pooling::Max, window: 3, stride: 2 };
    let (input, output) = (113, overlapping.output_len(113));
    let shape = |side| Shape { height: side, width: side, channels: 64 };
    pool(criterion, "squeezenet pool1", overlapping, shape(input), shape(output));
}

criterion_group!(benches, vgg19_layers, squeezenet_pool);
criterion_main!(benches);
