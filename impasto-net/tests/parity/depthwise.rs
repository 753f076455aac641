//! Depthwise convolutions of every geometry, joined to other steps and on their own; ReLUs with a ceiling.

use crate::case::{Case, Chain, clipped, max, noise_of, norm, same, weights_for};
use impasto_net::{
    Model, NetError, Plan, Purpose, ReluRule,
    cpu::{Cpu, Isa},
    network::{Convolution, Op, Padding},
};

const PADDINGS: [Padding; 4] = [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular];
const PLANES: [usize; 8] = [1, 3, 8, 16, 17, 33, 48, 100];
const SIZES: [(usize, usize); 8] = [(1, 1), (1, 7), (6, 1), (3, 2), (5, 4), (9, 16), (13, 11), (3, 67)];
const BORDERS: [(usize, usize); 7] = [(0, 0), (1, 1), (0, 1), (1, 0), (2, 1), (4, 4), (3, 5)];

#[test]
fn every_kernel_stride_and_border() {
    let (mut turn, mut checked) = (0, 0);
    for kernel in [1, 2, 3, 5, 7] {
        for stride in 1..=3 {
            for padding in PADDINGS {
                for _ in 0..3 {
                    turn += 1;
                    let pick = |list: usize| (turn * 7 + turn / list) % list;
                    let (size, (before, after)) = (SIZES[pick(SIZES.len())], BORDERS[pick(BORDERS.len())]);
                    let outputs = PLANES[turn % PLANES.len()];
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0.min(size.1)) > 0 {
                        let mut chain = Chain::new();
                        chain.then(same(outputs, 1));
                        let last = chain.then(Op::Depthwise(conv));
                        Case::new(&chain.network, size, &[last]).check_where_smooth();
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

/// MobileNet's block, with the border that TensorFlow adds at the far side only, and others' neighbours.
#[test]
fn in_a_graph() {
    let conv = |outputs, kernel| Convolution::same(outputs, kernel, Padding::Zero);
    let strided = Convolution { stride: 2, before: 0, after: 1, ..conv(20, 3) };
    let mut chain = Chain::new();
    let start = chain.then(same(20, 3));
    chain.then(clipped());
    chain.then(Op::Depthwise(strided));
    let relu = chain.then(clipped());
    let block = chain.then(same(7, 1));
    let wide = chain.from(&[block], same(16, 1));
    let wide = chain.from(&[wide], Op::Relu);
    let own = chain.from(&[wide], Op::Depthwise(conv(16, 5)));
    let own = chain.from(&[own], Op::Relu);
    let narrow = chain.from(&[own], same(7, 1));
    let sum = chain.from(&[block, narrow], Op::Add);
    let clip = chain.from(&[sum], clipped());
    let mirrored = Convolution::same(7, 3, Padding::Reflect);
    let deep = chain.from(&[sum], Op::Depthwise(mirrored));
    let with_sum = chain.from(&[deep, clip], Op::Add);
    let normed = chain.from(&[with_sum], norm());
    let normed = chain.from(&[normed], clipped());
    for taps in [vec![normed], vec![start, relu, narrow], vec![own, clip, deep], vec![sum, with_sum]] {
        Case::new(&chain.network, (12, 13), &taps).check_where_smooth();
    }
}

/// ReLUs with a ceiling, joined to everything that a ReLU joins, and on their own.
#[test]
fn ceilings() {
    for planes in [5, 16, 33] {
        let mut chain = Chain::new();
        let alone = chain.then(clipped());
        let linear = chain.then(same(planes, 3));
        let clip = chain.from(&[linear], clipped());
        let again = chain.from(&[clip], Op::Relu);
        let pooled = chain.from(&[clip], max(2, 2));
        let large = chain.from(&[pooled], Op::Upsample);
        let few = chain.from(&[large], same(3, 9));
        let few = chain.from(&[few], clipped());
        let one = chain.from(&[again], same(planes, 1));
        let one = chain.from(&[one], clipped());
        let both = chain.from(&[few, one], Op::Concat);
        let last = chain.from(&[both], same(4, 3));
        for taps in [vec![last], vec![alone, clip, few], vec![pooled, both, one]] {
            Case::new(&chain.network, (8, 6), &taps).check_where_smooth();
        }
    }
}

#[test]
fn another_number_of_planes_is_refused() {
    let mut chain = Chain::new();
    chain.then(Op::Depthwise(Convolution::same(4, 3, Padding::Zero)));
    let weights = weights_for(&chain.network, 1);
    let error = Model::new(chain.network, weights, None).err();
    assert!(matches!(error, Some(NetError::Planes { found: 4, expected: 3, .. })));
}

/// Bit-identical maps and derivatives for any number of threads.
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let mut chain = Chain::new();
    chain.then(same(40, 1));
    chain.then(Op::Depthwise(Convolution::same(40, 3, Padding::Reflect)));
    let last = chain.then(clipped());
    let model = Model::new(chain.network.clone(), weights_for(&chain.network, 4), None).unwrap();
    let (height, width) = (53, 44);
    let rgb = noise_of(8, 3 * height * width);
    for isa in Isa::available() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (cpu, taps) = (Cpu { isa, precise: false }, [last.to_string()]);
                let mut plan = Plan::on(cpu, &model, (height, width), &taps, Purpose::Training).unwrap();
                plan.forward(&rgb);
                let map = plan.tap(0).data.to_vec();
                let mut gradient = vec![0.0; rgb.len()];
                plan.backward(
                    ReluRule::Gradient,
                    &mut |_, map, g| g.copy_from_slice(map.data),
                    &mut gradient,
                );
                let by_parameters = plan.parameter_gradients().flat_map(|(_, values)| values.to_vec());
                let all: Vec<u32> =
                    map.into_iter().chain(gradient).chain(by_parameters).map(f32::to_bits).collect();
                all
            })
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert!(one == on(threads), "{isa:?} with {threads} threads");
        }
    }
}
