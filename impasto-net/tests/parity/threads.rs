//! Bit-identical results for any number of threads.

use crate::case::{Chain, average, max, noise_of, norm, same, weights_for};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    cpu::{Cpu, Isa},
    device::Device,
    network::{Convolution, Network, Op, Padding},
    statistics::Affine,
};

/// Convolutions on both paths, with every border, strides, both poolings, readers in parallel, and what generators need.
fn network() -> Network {
    let mut chain = Chain::new();
    chain.then(Op::Convolution(Convolution::same(32, 9, Padding::Reflect)));
    chain.then(Op::Relu);
    let wide = chain.then(Op::Convolution(Convolution::same(48, 3, Padding::Replicate)));
    let narrow = chain.from(&[2], same(16, 3));
    let narrow = chain.from(&[narrow], Op::Relu);
    let both = chain.from(&[wide, narrow], Op::Concat);
    chain.from(&[both], max(2, 2));
    chain.then(same(64, 3));
    chain.then(Op::Relu);
    chain.then(Op::Convolution(Convolution {
        outputs: 20,
        kernel: 3,
        stride: 2,
        before: 0,
        after: 1,
        padding: Padding::Zero,
    }));
    let pooled = chain.then(average(3, 1));
    let normed = chain.then(norm());
    let sum = chain.from(&[pooled, normed], Op::Add);
    chain.from(&[sum], Op::Upsample);
    chain.then(Op::Convolution(Convolution::same(16, 3, Padding::Reflect)));
    chain.then(norm());
    chain.then(Op::Relu);
    chain.network
}

/// Everything computed from a picture, as bits.
fn bits(isa: Isa, model: &std::sync::Arc<Model>, size: (usize, usize), rgb: &[f32]) -> Vec<u64> {
    let cpu = Cpu { isa, precise: false };
    let taps = ["2", "3", "8", "11", "17"].map(str::to_owned);
    let mut plan = Plan::on(cpu, model, size, &taps, Purpose::Training).unwrap();
    plan.forward(rgb);
    let mut all: Vec<u64> = Vec::new();
    let mut keep = |values: &[f32]| all.extend(values.iter().map(|v| u64::from(v.to_bits())));
    (0..taps.len()).for_each(|tap| keep(plan.tap(tap).data));
    let mut sums: Vec<u64> = Vec::new();
    let mut seed = |_: usize, map: Map<'_>, cotangent: &mut [f32]| {
        let moments = cpu.moments(map, true);
        let parts = [&moments.mean, &moments.square, &moments.second];
        sums.extend(parts.into_iter().flatten().map(|v| v.to_bits()));
        let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
        let matrix = narrow(&moments.second);
        let affine = Affine { matrix, diagonal: narrow(&moments.mean), offset: narrow(&moments.square) };
        cpu.add_affine(map, &affine, cotangent);
    };
    let mut gradient = vec![0.0; rgb.len()];
    plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
    keep(&gradient);
    plan.parameter_gradients().for_each(|(_, values)| keep(values));
    assert!(gradient.iter().all(|g| g.is_finite()));
    all.extend(sums);
    all
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let network = network();
    let weights = weights_for(&network, 9);
    let model = Model::new(network, weights, None).unwrap();
    for size in [(20, 23), (75, 90)] {
        let rgb = noise_of(1, size.0 * size.1 * 3);
        for isa in Isa::available() {
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| bits(isa, &model, size, &rgb))
            };
            let one = on(1);
            for threads in [2, 3, 7] {
                assert!(one == on(threads), "{isa:?} with {threads} threads at {size:?}");
            }
            assert!(one == on(1), "{isa:?} twice at {size:?}");
        }
    }
}
