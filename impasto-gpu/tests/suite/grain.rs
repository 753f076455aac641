//! Noise on graphics processors: that of the processor, wherever it is.

use crate::{case::noise_of, common::gpus, common::placement};
use impasto_net::{
    Grain, Model, Plan, Purpose,
    network::{InputConvention, Network, Op},
    weights::Weights,
};
use std::collections::BTreeMap;

#[test]
fn noise_moves_as_on_the_processor() {
    let mut network = Network::new("noise", InputConvention::UNCHANGED);
    for (name, planes, shrink, stream) in [("large", 3, 1, 4), ("small", 2, 3, 9)] {
        network.push(name, Op::Noise { planes, shrink, stream }, &[0]);
    }
    let model = Model::new(network, Weights::new(BTreeMap::new(), BTreeMap::new()), None).unwrap();
    let taps = ["large".into(), "small".into()];
    let rgb = noise_of(1, 3 * 10 * 13);
    let places = |count: u32| Some((0..count).map(|place| place * 7 % 101).collect());
    for (name, gpu) in gpus() {
        let plan = |model| Plan::new(model, 10, 13, &taps, Purpose::Forward).unwrap();
        let (mut here, mut there) = (plan(&model), plan(&model.on(Some(placement(gpu)))));
        assert!(there.device_memory().is_some());
        // Of the first layer, of the second, of none.
        for places in [None, places(130), places(20), places(7), None] {
            let grain = Grain { seed: 3, places };
            for plan in [&mut here, &mut there] {
                plan.set_grain(grain.clone());
                plan.forward(&rgb);
            }
            for (tap, layer) in taps.iter().enumerate() {
                assert!(here.tap(tap).data == there.tap(tap).data, "{name}: {grain:?}, {layer}");
            }
        }
    }
}
