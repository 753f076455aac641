//! Winograd's algorithm at sizes, borders and planes that fill no tile, no vector and no group; the engine's own suite has
//! small maps mostly, which are not worth it.

use crate::case::{Case, Chain, same};
use impasto_net::network::{Convolution, Op, Padding};

#[test]
fn sizes_borders_and_planes_that_fill_nothing() {
    let paddings = [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular];
    let borders = [(1, 1), (0, 0), (1, 0), (0, 2), (2, 2), (3, 1)];
    let planes = [(17, 33), (16, 16), (33, 17), (70, 20), (18, 65)];
    for (turn, size) in [(21, 26), (22, 23), (24, 24), (23, 41), (37, 21), (64, 20), (19, 70), (25, 33)]
        .into_iter()
        .enumerate()
    {
        let (inputs, outputs) = planes[turn % 5];
        let (before, after) = borders[turn % 6];
        let padding = paddings[turn % 4];
        let mut chain = Chain::new();
        chain.then(same(inputs, 1));
        let last = chain.then(Op::Convolution(Convolution {
            outputs,
            kernel: 3,
            stride: 1,
            before,
            after,
            padding,
        }));
        Case::new(&chain.network, size, &[last]).check();
    }
}

#[test]
fn of_enlarged_maps_with_sums_and_relus() {
    let mut chain = Chain::new();
    chain.then(same(20, 1));
    chain.then(Op::Upsample);
    let last = chain.then(same(18, 3));
    chain.then(Op::Relu);
    Case::new(&chain.network, (13, 15), &[last + 1]).check();
}
