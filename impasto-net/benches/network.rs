//! Whole networks: VGG-19 to relu5_1 with and without the picture's gradient, SqueezeNet's scores, Johnson's generator.
//!
//! `cargo bench -p impasto-net --bench network`; `IMPASTO_ISA` and `RAYON_NUM_THREADS` choose instruction set and threads.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Padding, Variant, squeezenet::INPUT_SIDE, transform},
};
#[path = "../tests/parity/chain.rs"]
#[allow(dead_code)]
mod chain;

use std::{sync::Arc, time::Duration};

/// A picture with coarse and fine structure.
fn picture(side: usize) -> Vec<f32> {
    let value = |i: usize| 0.5 + 0.4 * (i as f32 * 0.37).sin() * ((i / side) as f32 * 0.011).cos();
    (0..side * side * 3).map(value).collect()
}

fn model(name: &str) -> Arc<Model> {
    Model::named(name, Variant::default(), None).expect("built in")
}

fn plan(model: &Arc<Model>, side: usize, taps: &[&str], purpose: Purpose) -> Plan {
    let taps: Vec<String> = taps.iter().map(|tap| tap.to_string()).collect();
    Plan::new(model, side, side, &taps, purpose).expect("a picture large enough")
}

fn vgg19(criterion: &mut Criterion) {
    let model = model("vgg19");
    let mut group = criterion.benchmark_group("vgg19");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(5));
    for side in [256, 512] {
        let rgb = picture(side);
        let mut forward = plan(&model, side, &["relu5_1"], Purpose::Forward);
        group.bench_function(BenchmarkId::new("forward", side), |b| b.iter(|| forward.forward(&rgb)));
        drop(forward);
        let style = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"];
        let mut step = plan(&model, side, &style, Purpose::Gradient);
        let mut gradient = vec![0.0; rgb.len()];
        let mut seed = |_: usize, _: Map<'_>, cotangent: &mut [f32]| cotangent.fill(1.0);
        group.bench_function(BenchmarkId::new("forward and gradient", side), |b| {
            b.iter(|| {
                step.forward(&rgb);
                step.backward(ReluRule::Gradient, &mut seed, &mut gradient);
            });
        });
    }
    group.finish();
}

fn squeezenet(criterion: &mut Criterion) {
    let model = model("squeezenet");
    let rgb = picture(INPUT_SIDE);
    let mut forward = plan(&model, INPUT_SIDE, &["logits"], Purpose::Forward);
    criterion.bench_function("squeezenet/forward", |b| b.iter(|| forward.forward(&rgb)));
}

fn generator(criterion: &mut Criterion) {
    let network = transform::transform([32, 64, 128], 5, transform::Joining::default(), Padding::Reflect);
    let weights = chain::weights_for(&network, 1);
    let model = Model::new(network, weights, None).expect("weights for every layer");
    let mut group = criterion.benchmark_group("generator");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(5));
    for side in [256, 512] {
        let rgb = picture(side);
        let mut forward = plan(&model, side, &[transform::OUTPUT], Purpose::Forward);
        group.bench_function(BenchmarkId::new("forward", side), |b| b.iter(|| forward.forward(&rgb)));
        drop(forward);
        let mut step = plan(&model, side, &[transform::OUTPUT], Purpose::Training);
        let mut gradient = vec![0.0; rgb.len()];
        let mut seed = |_: usize, _: Map<'_>, cotangent: &mut [f32]| cotangent.fill(1.0);
        group.bench_function(BenchmarkId::new("training", side), |b| {
            b.iter(|| {
                step.forward(&rgb);
                step.backward(ReluRule::Gradient, &mut seed, &mut gradient);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, vgg19, squeezenet, generator);
criterion_main!(benches);
