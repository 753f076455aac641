//! Graphs whose values have several readers and taps.

use crate::case::{Case, Chain, average, max, same};
use impasto_net::{
    Model, Plan, Purpose, ReluRule,
    network::{Convolution, Op, Padding},
};

/// Two blocks as VGG's, with planes that fill no vector.
fn small_vgg() -> Chain {
    let mut chain = Chain::new();
    for op in [same(17, 3), Op::Relu, same(16, 3), Op::Relu, max(2, 2), same(32, 3), Op::Relu, same(48, 3)] {
        chain.then(op);
    }
    chain.then(Op::Relu);
    chain
}

#[test]
fn taps_anywhere_in_a_chain() {
    let chain = small_vgg();
    let lists: [&[usize]; 12] = [
        &[9],
        &[0],
        &[0, 9],
        &[1, 2],
        &[1, 3, 5, 6, 8],
        &[2, 4, 7, 9],
        &[9, 7, 4, 2],
        &[4, 4],
        &[3, 9, 3, 0, 0],
        &[8, 9],
        &[5],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ];
    for taps in lists {
        for size in [(2, 2), (9, 7), (13, 10)] {
            Case::new(&chain.network, size, taps).check();
        }
    }
}

/// A fire module: one value read by two convolutions, their ReLUs side by side, and read again further on.
#[test]
fn values_with_several_readers() {
    for planes in [(5, 7), (16, 16), (3, 33)] {
        let mut chain = Chain::new();
        let start = chain.then(same(planes.0, 3));
        let squeezed = chain.from(&[start], Op::Relu);
        let narrow = chain.from(&[squeezed], same(planes.1, 1));
        let narrow = chain.from(&[narrow], Op::Relu);
        let wide = chain.from(&[squeezed], same(planes.1 + 3, 3));
        let wide = chain.from(&[wide], Op::Relu);
        let both = chain.from(&[narrow, wide, squeezed], Op::Concat);
        let pooled = chain.from(&[both], max(3, 2));
        let deep = chain.from(&[pooled], same(20, 3));
        let mean = chain.from(&[deep], Op::Mean);
        for taps in [
            vec![mean],
            vec![both, mean],
            vec![squeezed, narrow],
            vec![start, squeezed, both, pooled, deep, mean, 0],
            vec![deep, deep, narrow, narrow],
        ] {
            Case::new(&chain.network, (7, 6), &taps).check();
        }
    }
}

/// Convolutions of every kind side by side: alone among a concatenation's readers and seen only there, they write into it.
#[test]
fn convolutions_that_write_into_concatenations() {
    for (rectified, outputs) in [(true, [16, 32, 5, 3]), (false, [16, 32, 5, 3]), (true, [1, 16, 48, 19])] {
        let mut chain = Chain::new();
        let start = chain.then(same(16, 3));
        let halved = chain.from(&[start], max(2, 2));
        let enlarged = chain.from(&[halved], Op::Upsample);
        let kinds = [(start, 1), (start, 3), (enlarged, 3), (start, 9)];
        let mut parts = Vec::new();
        for ((input, kernel), outputs) in kinds.into_iter().zip(outputs) {
            parts.push(chain.from(&[input], same(outputs, kernel)));
        }
        if rectified {
            parts.iter_mut().for_each(|part| *part = chain.from(&[*part], Op::Relu));
        }
        let all = chain.from(&parts, Op::Concat);
        let last = chain.from(&[all], same(7, 3));
        for taps in [vec![last], vec![all], vec![all, last], vec![parts[1], last], vec![parts[0] - 1, all]] {
            Case::new(&chain.network, (8, 12), &taps).check();
        }
    }
}

/// A convolution whose result is also read without its ReLU, ReLUs on everything, ReLU on ReLU.
#[test]
fn relus_that_cannot_join_their_convolution() {
    let mut chain = Chain::new();
    let on_image = chain.then(Op::Relu);
    let linear = chain.then(same(18, 3));
    let relu = chain.from(&[linear], Op::Relu);
    let again = chain.from(&[relu], Op::Relu);
    let pooled = chain.from(&[linear], average(2, 1));
    let relu_of_pool = chain.from(&[pooled], Op::Relu);
    let other = chain.from(&[again], max(2, 1));
    let both = chain.from(&[relu_of_pool, other], Op::Concat);
    let relu_of_both = chain.from(&[both], Op::Relu);
    let last = chain.from(&[relu_of_both], same(9, 2));
    let mean = chain.from(&[last], Op::Mean);
    let relu_of_mean = chain.from(&[mean], Op::Relu);
    for taps in [
        vec![relu_of_mean],
        vec![linear, last],
        vec![again, relu, on_image, 0],
        vec![both, relu_of_both, relu_of_pool, other],
        vec![mean, relu_of_mean],
    ] {
        Case::new(&chain.network, (6, 5), &taps).check();
    }
}

/// One value twice in a concatenation.
#[test]
fn a_value_concatenated_with_itself() {
    let mut chain = Chain::new();
    let linear = chain.then(same(6, 3));
    let relu = chain.then(Op::Relu);
    let twice = chain.from(&[relu, relu, linear], Op::Concat);
    let last = chain.then(same(5, 1));
    for taps in [vec![twice], vec![last], vec![relu, last], vec![relu, relu, twice, 0]] {
        Case::new(&chain.network, (4, 5), &taps).check();
    }
    let mut chain = Chain::new();
    let images = chain.from(&[0, 0], Op::Concat);
    Case::new(&chain.network, (3, 2), &[images]).check();
    Case::new(&chain.network, (3, 2), &[0, images]).check();
}

/// SqueezeNet's first layers: strides, one-sided padding, pools without padding.
#[test]
fn one_sided_padding_and_strides_in_a_chain() {
    let mut chain = Chain::new();
    let first =
        Convolution { outputs: 24, kernel: 3, stride: 2, before: 0, after: 1, padding: Padding::Zero };
    chain.then(Op::Convolution(first));
    chain.then(Op::Relu);
    chain.then(max(3, 2));
    let second =
        Convolution { outputs: 10, kernel: 5, stride: 3, before: 2, after: 1, padding: Padding::Reflect };
    chain.then(Op::Convolution(second));
    chain.then(Op::Relu);
    for size in [(13, 13), (12, 17), (21, 11)] {
        Case::new(&chain.network, size, &[5]).check();
        Case::new(&chain.network, size, &[2, 3, 5]).check();
    }
}

/// Without taps there is nothing to seed, so nothing comes back.
#[test]
fn no_taps_give_a_zero_gradient() {
    let network = small_vgg().network;
    let weights = crate::case::weights_for(&network, 1);
    let model = Model::new(network, weights, None).unwrap();
    let mut plan = Plan::new(&model, 5, 4, &[], Purpose::Gradient).unwrap();
    plan.forward(&[0.5; 60]);
    let mut gradient = [f32::NAN; 60];
    plan.backward(ReluRule::Gradient, &mut |_, _, _| panic!("no tap to seed"), &mut gradient);
    assert_eq!(gradient, [0.0; 60]);
}
