//! What generators are made of: norms, residual sums, enlargement; joined to other steps and on their own.

use crate::case::{Case, Chain, average, max, norm, same};
use impasto_net::{
    Model, NetError, Plan, Purpose,
    network::{Convolution, Op, Padding},
    weights::Weights,
};
use std::collections::BTreeMap;

/// A small transform network: every kind of step as Johnson's has it.
fn small_generator(planes: usize) -> Chain {
    let conv = |outputs, kernel| Convolution::same(outputs, kernel, Padding::Reflect);
    let mut chain = Chain::new();
    for op in [Op::Convolution(conv(planes, 9)), norm(), Op::Relu] {
        chain.then(op);
    }
    for op in [Op::Convolution(Convolution { stride: 2, ..conv(planes + 3, 3) }), norm(), Op::Relu] {
        chain.then(op);
    }
    let start = chain.last();
    for op in [Op::Convolution(conv(planes + 3, 3)), norm(), Op::Relu] {
        chain.then(op);
    }
    for op in [Op::Convolution(conv(planes + 3, 3)), norm()] {
        chain.then(op);
    }
    chain.from(&[start, chain.last()], Op::Add);
    for op in [Op::Upsample, Op::Convolution(conv(planes, 3)), norm(), Op::Relu] {
        chain.then(op);
    }
    chain.then(Op::Convolution(conv(3, 9)));
    chain
}

#[test]
fn a_small_generator_with_taps_anywhere() {
    for planes in [5, 16, 29] {
        let chain = small_generator(planes);
        let last = chain.last();
        for taps in [vec![last], vec![12, last], vec![0, 1, 2, 3, last], vec![10, 11, 13], vec![14, 15, 8]] {
            Case::new(&chain.network, (10, 13), &taps).check_where_smooth();
        }
    }
}

/// A norm over more positions than one block of a sum, with vectors one by one, four at a time, and cut.
#[test]
fn norms_of_large_maps() {
    for planes in [1, 7, 16, 40, 64, 67, 100] {
        let mut chain = Chain::new();
        chain.then(same(planes, 3));
        chain.then(norm());
        Case::new(&chain.network, (33, 37), &[2]).check_where_smooth();
    }
}

/// Several positions of few planes fill whole vectors together.
#[test]
fn norms_of_few_planes() {
    for planes in [1, 2, 3, 6, 8, 12, 15] {
        let mut chain = Chain::new();
        chain.then(same(planes, 3));
        chain.then(norm());
        let last = chain.then(Op::Relu);
        Case::new(&chain.network, (12, 44), &[2, last]).check_where_smooth();
        Case::new(&chain.network, (12, 44), &[last]).check_where_smooth();
    }
}

/// Planes whose mean is a thousand times their deviation.
#[test]
fn norms_of_planes_far_from_zero() {
    let mut chain = Chain::new();
    chain.then(same(18, 3));
    chain.then(norm());
    let mut case = Case::new(&chain.network, (31, 20), &[2]);
    let mut arrays: BTreeMap<_, _> =
        case.weights.names().map(|name| (name.to_owned(), case.weights.get(name).unwrap().clone())).collect();
    arrays.get_mut("1.bias").unwrap().data.iter_mut().for_each(|b| *b += 1000.0);
    case.weights = Weights::new(arrays, BTreeMap::new());
    case.check_where_smooth();
}

/// Sums behind every kind of operand, in either order, of a value with itself, and read again.
/// A plane that is zero but for its corner, which a block of positions begins with: what is near zero keeps its digits.
#[test]
fn norms_of_planes_with_an_outlier_in_front() {
    let mut chain = Chain::new();
    let conv =
        Convolution { outputs: 32, kernel: 3, stride: 1, before: 2, after: 3, padding: Padding::Replicate };
    chain.then(Op::Convolution(conv));
    chain.then(Op::Relu);
    chain.then(norm());
    // The weights depend on the number of layers, and with these one plane is such a one.
    chain.then(average(3, 1));
    chain.then(average(1, 1));
    Case::new(&chain.network, (3, 13), &[3]).check_where_smooth();
}

#[test]
fn sums_of_everything() {
    let mut chain = Chain::new();
    let linear = chain.then(same(18, 3));
    let relu = chain.from(&[linear], Op::Relu);
    let conv = chain.from(&[relu], same(18, 3));
    let sum = chain.from(&[relu, conv], Op::Add);
    let rectified = chain.from(&[sum], Op::Relu);
    // The convolution comes before what it is added to.
    let early = chain.from(&[rectified], same(18, 1));
    let pooled = chain.from(&[rectified], max(1, 1));
    let late = chain.from(&[early, pooled], Op::Add);
    let twice = chain.from(&[late, late], Op::Add);
    let normed = chain.from(&[twice], norm());
    let onto_own_input = chain.from(&[normed, twice], Op::Add);
    let again = chain.from(&[onto_own_input], norm());
    let rectified_norm = chain.from(&[again], Op::Relu);
    let of_norms = chain.from(&[rectified_norm, onto_own_input], Op::Add);
    let last = chain.from(&[of_norms, sum], Op::Add);
    for taps in [
        vec![last],
        vec![conv, sum, rectified, last],
        vec![early, pooled, late, twice],
        vec![normed, onto_own_input, again],
        vec![linear, of_norms, rectified_norm, rectified_norm],
    ] {
        Case::new(&chain.network, (7, 6), &taps).check_where_smooth();
    }
}

/// Norms whose input nobody else reads write over it; those whose input is read or seen do not.
#[test]
fn norms_that_may_and_may_not_overwrite_their_input() {
    let mut chain = Chain::new();
    let on_image = chain.then(norm());
    let first = chain.from(&[on_image], norm());
    let conv = chain.from(&[first], same(6, 3));
    let kept = chain.from(&[conv], norm());
    let other = chain.from(&[conv], Op::Relu);
    let both = chain.from(&[kept, other, first], Op::Concat);
    let last = chain.from(&[both], norm());
    for taps in [vec![last], vec![0, last], vec![first, kept], vec![on_image, conv, both]] {
        Case::new(&chain.network, (6, 9), &taps).check_where_smooth();
    }
}

/// Enlargement read by convolutions of every kind, by others, and seen.
#[test]
fn enlargement_joins_only_what_can_take_it() {
    let conv = |outputs, padding| Op::Convolution(Convolution::same(outputs, 3, padding));
    let strided = Convolution { stride: 2, ..Convolution::same(7, 3, Padding::Reflect) };
    let one_sided =
        Convolution { outputs: 16, kernel: 3, stride: 1, before: 2, after: 0, padding: Padding::Circular };
    for planes in [4, 16, 33] {
        let mut chain = Chain::new();
        let small = chain.then(same(planes, 3));
        let small = chain.from(&[small], Op::Relu);
        let large = chain.from(&[small], Op::Upsample);
        let a = chain.from(&[large], conv(planes, Padding::Reflect));
        let b = chain.from(&[large], Op::Convolution(one_sided));
        let c = chain.from(&[large], conv(32, Padding::Zero));
        let larger = chain.from(&[a], Op::Upsample);
        let d = chain.from(&[larger], conv(5, Padding::Replicate));
        let e = chain.from(&[larger], Op::Convolution(strided));
        let largest = chain.from(&[larger], Op::Upsample);
        let f = chain.from(&[largest], max(3, 2));
        for taps in [vec![a, b, c], vec![a, large], vec![d], vec![d, e], vec![small, f], vec![largest, c]] {
            Case::new(&chain.network, (3, 4), &taps).check_where_smooth();
        }
    }
}

/// A flat plane has no deviation: what comes out is the shift, and nothing comes back.
#[test]
fn a_norm_of_flat_planes_is_its_shift() {
    let mut chain = Chain::new();
    chain.then(Op::Mean);
    chain.then(norm());
    let case = Case::new(&chain.network, (5, 5), &[2]);
    let model = Model::new(case.network.clone(), case.weights.clone(), None).unwrap();
    let mut plan = Plan::new(&model, 5, 5, &case.taps, Purpose::Gradient).unwrap();
    plan.forward(&crate::case::noise_of(3, 75));
    assert_eq!(plan.tap(0).data, case.weights.get("2.bias").unwrap().data);
    let mut gradient = [f32::NAN; 75];
    plan.backward(impasto_net::ReluRule::Gradient, &mut |_, _, g| g.fill(1.0), &mut gradient);
    assert_eq!(gradient, [0.0; 75]);
}

#[test]
fn unequal_sums_are_refused() {
    let mut chain = Chain::new();
    let three = chain.then(same(3, 1));
    let four = chain.then(same(4, 1));
    chain.from(&[three, four], Op::Add);
    let weights = crate::case::weights_for(&chain.network, 1);
    assert!(matches!(Model::new(chain.network, weights, None), Err(NetError::Unequal { .. })));

    let mut chain = Chain::new();
    let large = chain.then(same(3, 1));
    let small = chain.then(max(2, 2));
    chain.from(&[large, small], Op::Add);
    let weights = crate::case::weights_for(&chain.network, 1);
    let model = Model::new(chain.network, weights, None).unwrap();
    let plan = Plan::new(&model, 4, 4, &["3".into()], Purpose::Forward);
    assert!(matches!(plan.err(), Some(NetError::Unequal { .. })));
}
