//! Single convolutions of every geometry, and poolings.

use crate::case::{Case, Chain, average, max, same};
use impasto_net::network::{Convolution, Op, Padding};

const PADDINGS: [Padding; 4] = [Padding::Zero, Padding::Replicate, Padding::Reflect, Padding::Circular];
const CHANNELS: [usize; 9] = [1, 3, 5, 8, 17, 33, 48, 100, 32];
const SIZES: [(usize, usize); 9] =
    [(1, 1), (1, 7), (6, 1), (2, 3), (3, 2), (5, 4), (7, 9), (13, 11), (3, 67)];
const BORDERS: [(usize, usize); 7] = [(0, 0), (1, 1), (0, 1), (1, 0), (2, 1), (4, 4), (3, 5)];

/// A convolution behind a 1×1 convolution that makes its input planes.
fn check(size: (usize, usize), inputs: usize, conv: Convolution) {
    let mut chain = Chain::new();
    chain.then(same(inputs, 1));
    let last = chain.then(Op::Convolution(conv));
    Case::new(&chain.network, size, &[last]).check();
}

#[test]
fn every_kernel_stride_and_border() {
    let mut turn = 0;
    let mut checked = 0;
    for kernel in [1, 2, 3, 5, 7, 9] {
        for stride in 1..=3 {
            for padding in PADDINGS {
                for _ in 0..4 {
                    turn += 1;
                    let pick = |list: usize| (turn * 7 + turn / list) % list;
                    let (size, (before, after)) = (SIZES[pick(SIZES.len())], BORDERS[pick(BORDERS.len())]);
                    let (inputs, outputs) = (CHANNELS[turn % 9], CHANNELS[(turn / 9 + 4) % 9]);
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0.min(size.1)) > 0 {
                        check(size, inputs, conv);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

/// 3×3 of stride one between multiples of 16 planes has a path of its own.
#[test]
fn three_by_three_at_every_edge_of_a_tile() {
    let channels = [(16, 16), (32, 48), (48, 32), (112, 16), (16, 80)];
    let borders = [(1, 1), (0, 0), (1, 0), (0, 2), (2, 2), (3, 1)];
    let mut turn = 0;
    for height in [1, 3, 4, 5, 9] {
        for width in [1, 2, 4, 7, 8, 13] {
            for padding in PADDINGS {
                let (before, after) = borders[turn % 6];
                let (inputs, outputs) = channels[turn % 5];
                turn += 1;
                let conv = Convolution { outputs, kernel: 3, stride: 1, before, after, padding };
                if conv.output_len(height.min(width)) > 0 {
                    check((height, width), inputs, conv);
                }
            }
        }
    }
}

/// A few columns of many rows have a path of their own.
#[test]
fn narrow_maps() {
    check((70, 3), 17, Convolution::same(33, 5, Padding::Zero));
    let outputs = 20;
    let strided = Convolution { outputs, kernel: 3, stride: 2, before: 0, after: 1, padding: Padding::Zero };
    check((61, 7), 5, strided);
}

/// Outputs of which two fill a vector are computed in pairs, those of enlarged maps too.
#[test]
fn few_planes_at_even_widths() {
    let (mut turn, mut checked) = (0, 0);
    for kernel in [2, 3, 5, 9] {
        for stride in 1..=2 {
            for padding in PADDINGS {
                for (size, (before, after)) in [((3, 8), (1, 1)), ((9, 12), (4, 4)), ((5, 58), (2, 3))] {
                    turn += 1;
                    let (inputs, outputs) = ([3, 16, 8, 5][turn % 4], [8, 6, 5, 7][turn / 2 % 4]);
                    let conv = Convolution { outputs, kernel, stride, before, after, padding };
                    if conv.output_len(size.0) > 0 && conv.output_len(size.1).is_multiple_of(2) {
                        check(size, inputs, conv);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 40, "{checked}");
    for (turn, padding) in PADDINGS.into_iter().cycle().take(8).enumerate() {
        for size in [(1, 1), (2, 5), (7, 30)] {
            let mut chain = Chain::new();
            chain.then(same([16, 5][turn / 4], 1));
            chain.then(Op::Upsample);
            chain.then(Op::Convolution(Convolution::same([8, 3, 1, 7][turn % 4], 3, padding)));
            let last = chain.then(Op::Relu);
            Case::new(&chain.network, size, &[last]).check();
        }
    }
}

/// Many tiles take another path than few.
#[test]
fn three_by_three_over_many_tiles() {
    check((47, 50), 16, Convolution::same(32, 3, Padding::Zero));
    check((101, 33), 32, Convolution::same(16, 3, Padding::Reflect));
}

/// As many planes as VGG's last block has.
#[test]
fn three_by_three_between_many_planes() {
    check((5, 6), 512, Convolution::same(512, 3, Padding::Zero));
    check((9, 2), 528, Convolution::same(160, 3, Padding::Zero));
    // More tiles than one block of the path for large filter banks holds.
    check((1, 530), 352, Convolution::same(352, 3, Padding::Zero));
}

#[test]
fn pools_of_every_window_and_stride() {
    for (turn, (window, stride)) in
        [(1, 1), (2, 2), (3, 2), (2, 1), (3, 3), (1, 3), (2, 3), (5, 4), (3, 1)].into_iter().enumerate()
    {
        for pool in [max(window, stride), average(window, stride)] {
            for size in [(5, 5), (6, 9), (11, 7)] {
                let mut chain = Chain::new();
                chain.then(pool);
                Case::new(&chain.network, size, &[1]).check();
                let mut chain = Chain::new();
                chain.then(same(CHANNELS[turn], 3));
                let last = chain.then(pool);
                Case::new(&chain.network, size, &[last]).check();
            }
        }
    }
}
