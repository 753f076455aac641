//! Random graphs with random taps.

use crate::case::{Case, Chain, clipped, norm};
use impasto_net::network::{Convolution, Op, Padding, Pool, Pooling};
use proptest::prelude::*;

/// How to append one layer: what it computes and how far back it reads.
#[derive(Clone, Debug)]
struct Appended {
    op: Op,
    /// Reads the layer this many before the last.
    back: usize,
    /// What a concatenation reads beside it.
    beside: usize,
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![
        Just(Padding::Zero),
        Just(Padding::Replicate),
        Just(Padding::Reflect),
        Just(Padding::Circular)
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let channels = prop_oneof![Just(16usize), Just(32), Just(48), 1..40usize];
    let side = prop_oneof![3 => Just(3usize), 2 => 1..8usize];
    let convolution = (channels, side, 1..4usize, 0..4usize, 0..4usize, padding());
    let convolution = convolution.prop_map(|(outputs, kernel, stride, before, after, padding)| {
        let stride = if before + after > 1 { 1 } else { stride };
        Op::Convolution(Convolution { outputs, kernel, stride, before, after, padding })
    });
    let depthwise = (1..6usize, 1..4usize, 0..4usize, 0..4usize, padding());
    let depthwise = depthwise.prop_map(|(kernel, stride, before, after, padding)| {
        // The planes are those of its input, which is not known yet.
        Op::Depthwise(Convolution { outputs: 0, kernel, stride, before, after, padding })
    });
    let pool = (any::<bool>(), 1..4usize, 1..4usize).prop_map(|(max, window, stride)| {
        let pooling = if max { Pooling::Max } else { Pooling::Average };
        Op::Pool(Pool { pooling, window, stride })
    });
    prop_oneof![
        5 => convolution,
        2 => depthwise,
        4 => Just(Op::Relu),
        1 => Just(clipped()),
        2 => pool,
        2 => Just(Op::Concat),
        2 => Just(Op::Add),
        3 => Just(norm()),
        2 => Just(Op::Upsample),
        1 => Just(Op::Spread),
        1 => Just(Op::Mean),
        1 => Just(Op::Squash { low: -0.3, high: 1.2 })
    ]
}

fn appended() -> impl Strategy<Value = Appended> {
    let back = prop_oneof![4 => Just(0usize), 1 => 1..4usize];
    (op(), back, 0..6usize).prop_map(|(op, back, beside)| Appended { op, back, beside })
}

/// Builds what can be built at `size`; layers that would be empty, combinations of different sizes and norms of hardly
/// anything are left out.
fn build(size: (usize, usize), layers: &[Appended]) -> Chain {
    let mut chain = Chain::new();
    let mut sizes = vec![size];
    for Appended { op, back, beside } in layers {
        let last = chain.last();
        let input = last.saturating_sub(*back);
        let (height, width) = sizes[input];
        let size = (op.output_len(height), op.output_len(width));
        let inputs = match op {
            Op::Input => continue,
            Op::Concat | Op::Add => vec![input, last.saturating_sub(*beside)],
            _ => vec![input],
        };
        let planes = chain.network.channels();
        let is_norm = |op: &Op| matches!(op, Op::InstanceNorm { .. });
        let has = |is: &dyn Fn(&Op) -> bool| chain.network.layers.iter().any(|layer| is(&layer.op));
        let fits = inputs.iter().all(|&i| sizes[i] == sizes[input])
            && (*op != Op::Add || inputs.iter().all(|&i| planes[i] == planes[input]))
            // The norm of a few positions is nearly the same whatever their values, and the mean of a norm always is.
            && !(is_norm(op) && (has(&|op| *op == Op::Mean) || sizes.iter().any(|size| size.0 * size.1 < 9)))
            && !(*op == Op::Mean && has(&is_norm));
        if fits && size.0 > 0 && size.1 > 0 && size.0 * size.1 < 300 {
            let op = match *op {
                Op::Depthwise(conv) => Op::Depthwise(Convolution { outputs: planes[input], ..conv }),
                op => op,
            };
            chain.from(&inputs, op);
            sizes.push(size);
        }
    }
    chain
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::devices::GRAPHS, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agree_with_the_definitions(
        size in (1..14usize, 1..14usize),
        layers in prop::collection::vec(appended(), 1..9),
        taps in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let chain = build(size, &layers);
        let taps: Vec<usize> = taps.iter().map(|tap| tap.index(chain.last() + 1)).collect();
        Case::new(&chain.network, size, &taps).check_where_smooth();
    }
}
