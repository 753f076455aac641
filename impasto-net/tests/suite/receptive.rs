//! Receptive fields against the derivatives themselves: a unit depends on the corners of its field and on nothing outside.

use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

const PLANES: usize = 16;

/// VGG-19 with few planes and means for maxima, whose kernels only read their corner in row and column `corner` (0 or 2): a
/// unit's derivative is that corner of its field.
fn cornered_vgg(corner: (usize, usize)) -> (Network, Weights) {
    let mut net = Network::new("cornered", InputConvention::UNCHANGED);
    let mut arrays = BTreeMap::new();
    let mut last = 0;
    for (block, depth) in [2, 2, 4, 4, 4].into_iter().enumerate() {
        for i in 1..=depth {
            let name = format!("conv{}_{i}", block + 1);
            let inputs = if last == 0 { 3 } else { PLANES };
            let read = |i: usize| i % 9 == 3 * corner.0 + corner.1;
            let value = |i: usize| if read(i) { 1.0 / inputs as f32 } else { 0.0 };
            let data = (0..PLANES * inputs * 9).map(value).collect();
            let weight = Array { shape: vec![PLANES, inputs, 3, 3], data };
            arrays.insert(format!("{name}.weight"), weight);
            arrays.insert(format!("{name}.bias"), Array { shape: vec![PLANES], data: vec![0.0; PLANES] });
            let conv = Convolution::same(PLANES, 3, Padding::Zero);
            last = net.push(&name, Op::Convolution(conv), &[last]);
            last = net.push(&format!("relu{}_{i}", block + 1), Op::Relu, &[last]);
        }
        let pool = Pool { pooling: Pooling::Average, window: 2, stride: 2 };
        last = net.push(&format!("pool{}", block + 1), Op::Pool(pool), &[last]);
    }
    (net, Weights::new(arrays, BTreeMap::new()))
}

#[test]
fn units_depend_on_the_corners_of_their_fields_and_on_nothing_outside() {
    for corner in [(0, 0), (0, 2), (2, 0), (2, 2)] {
        let (network, weights) = cornered_vgg(corner);
        let model = Model::new(network, weights, None).unwrap();
        for (layer, at) in [
            ("conv1_1", (20, 30)),
            ("pool1", (7, 11)),
            ("conv2_2", (30, 40)),
            ("relu3_1", (35, 20)),
            ("conv3_4", (30, 40)),
            ("relu4_2", (18, 20)),
            ("pool4", (8, 9)),
            ("conv5_1", (8, 9)),
            ("relu5_4", (8, 9)),
        ] {
            check(&model, layer, at, corner);
        }
    }
}

/// Checks one unit of a network made by [`cornered_vgg`].
fn check(model: &Arc<Model>, layer: &str, at: (usize, usize), corner: (usize, usize)) {
    let (height, width) = (288, 320);
    let mut plan = Plan::new(model, height, width, &[layer.into()], Purpose::Gradient).unwrap();
    plan.forward(&vec![0.5; height * width * 3]);
    let mut gradient = vec![0.0; height * width * 3];
    let seed = &mut |_: usize, map: Map<'_>, g: &mut [f32]| {
        g[(at.0 * map.width + at.1) * map.channels] += 1.0;
    };
    plan.backward(ReluRule::Gradient, seed, &mut gradient);
    let network = model.network();
    let field = network.receptive_field(network.find(layer).unwrap(), at, (height, width));
    assert!(!field.is_clipped((height, width)), "{layer}");
    let (rows, columns) = field.clipped((height, width));
    let value = |row: usize, column: usize| gradient[(row * width + column) * 3];
    let end = |place: usize, span: &Range<usize>| if place == 0 { span.start } else { span.end - 1 };
    let found = value(end(corner.0, &rows), end(corner.1, &columns));
    let most = gradient.iter().fold(0.0f32, |most, g| most.max(g.abs()));
    let outside = (0..height * width)
        .filter(|i| !(rows.contains(&(i / width)) && columns.contains(&(i % width))))
        .map(|i| value(i / width, i % width).abs())
        .fold(0.0, f32::max);
    assert!(found > 0.5 * most && most > 0.0, "{layer}, {corner:?}: {found} there, {most} at most");
    // Transformed convolutions leave rounding errors next to a field.
    assert!(outside < 1e-5 * most, "{layer}, {corner:?}: {outside} outside, {most} at most");
}
