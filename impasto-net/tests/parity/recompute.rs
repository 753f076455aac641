//! Plans that compute maps again give the same bits as plans that keep them, in less memory.

use crate::{
    case::{noise_of, weights_for},
    chain::{Chain, max, same},
};
use impasto_net::{
    Keeping, Map, Model, Plan, Purpose, ReluRule,
    cpu::{Cpu, Isa},
    network::{Convolution, Op, Padding},
};
use std::{ops::Range, sync::Arc};

/// Maps of all taps and the picture's gradient.
fn run(plan: &mut Plan, rgb: &[f32], taps: usize) -> (Vec<Vec<f32>>, Vec<f32>) {
    let mut maps = vec![Vec::new(); taps];
    plan.forward_showing(&vec![f32::NAN; rgb.len()], &mut |_, _| {});
    plan.forward_showing(rgb, &mut |tap, map| maps[tap] = map.data.to_vec());
    let mut gradient = vec![f32::NAN; rgb.len()];
    let mut seed = |tap: usize, rows: Range<usize>, map: Map<'_>, cotangent: &mut [f32]| {
        let (line, first) = (map.width * map.channels, rows.start);
        assert_eq!(map.data, &maps[tap][first * line..rows.end * line], "tap {tap}, rows {rows:?}");
        for (i, (cotangent, value)) in cotangent.iter_mut().zip(map.data).enumerate() {
            *cotangent += value * ((first * line + i) as f32 * 0.37 + tap as f32).sin();
        }
    };
    plan.backward_by_rows(ReluRule::Gradient, &mut seed, &mut gradient);
    (maps, gradient)
}

fn plan(isa: Isa, model: &Arc<Model>, size: (usize, usize), taps: &[String], keeping: Keeping) -> Plan {
    Plan::with(Cpu { isa, precise: false }, model, size, taps, Purpose::Gradient, keeping).unwrap()
}

fn check(conv: Convolution, size: (usize, usize), taps: &[usize]) {
    let mut chain = Chain::new();
    chain.then(Op::Convolution(conv));
    chain.then(Op::Relu);
    chain.then(same(16, 3));
    chain.then(Op::Relu);
    chain.then(max(2, 2));
    let names: Vec<String> = taps.iter().map(|&tap| chain.network.layers[tap].name.clone()).collect();
    let model = Model::new(chain.network.clone(), weights_for(&chain.network, 3), None).unwrap();
    let rgb = noise_of(9, size.0 * size.1 * 3);
    for isa in Isa::available() {
        let found = run(&mut plan(isa, &model, size, &names, Keeping::Recompute), &rgb, taps.len());
        let kept = run(&mut plan(isa, &model, size, &names, Keeping::Keep), &rgb, taps.len());
        assert!(found == kept, "{isa:?}, {conv:?}, {size:?}, {taps:?}");
    }
}

#[test]
fn gives_the_same_bits() {
    for padding in [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular] {
        for size in [(70, 9), (33, 40), (32, 5), (11, 13)] {
            for taps in [&[2][..], &[1, 2, 5], &[0, 2], &[2, 2, 4]] {
                check(Convolution::same(32, 3, padding), size, taps);
            }
        }
        check(Convolution::same(20, 9, padding), (75, 12), &[2, 5]);
        check(Convolution { stride: 2, ..Convolution::same(16, 3, padding) }, (41, 12), &[2, 5]);
    }
}

#[test]
fn takes_less_memory() {
    let mut chain = Chain::new();
    for op in [same(64, 3), Op::Relu, same(64, 3), Op::Relu, max(2, 2)] {
        chain.then(op);
    }
    let model = Model::new(chain.network.clone(), weights_for(&chain.network, 3), None).unwrap();
    let taps = ["2", "5"].map(str::to_owned);
    let size = (256, 256);
    let [kept, again] = [Keeping::Keep, Keeping::Recompute]
        .map(|keeping| plan(Isa::detect(), &model, size, &taps, keeping).memory().of_size());
    let map = size.0 * size.1 * 64 * 4;
    assert!(again + map / 2 < kept, "{again} and {kept}");
}

#[test]
#[should_panic(expected = "is not kept")]
fn a_map_that_is_not_kept_is_not_there_afterwards() {
    let mut chain = Chain::new();
    chain.then(same(16, 3));
    let model = Model::new(chain.network.clone(), weights_for(&chain.network, 3), None).unwrap();
    let plan = plan(Isa::Portable, &model, (20, 20), &["1".into()], Keeping::Recompute);
    let _ = plan.tap(0);
}
