//! Sums over positions, plane by plane, and what is made of them.

use crate::{
    kernel::Kernel,
    record::{Finish, NONE, Op},
};
use impasto_net::device::Shape;

/// Positions to a block of sums.
const BLOCK: usize = 256;

/// Blocks of positions of a map.
pub fn block_count(shape: Shape) -> usize {
    shape.positions().div_ceil(BLOCK)
}

/// The sums of blocks of a map: see `sums.wgsl`. `centres` are those of a and b.
pub fn sums((a, b): (usize, usize), centres: [Option<usize>; 2], shape: Shape, out: usize) -> Op {
    weighted_sums((a, b), centres, shape, out, false)
}

/// The same, where positions may count by weights, which the operation's buffer has.
pub fn weighted_sums(
    (a, b): (usize, usize),
    centres: [Option<usize>; 2],
    shape: Shape,
    out: usize,
    weighted: bool,
) -> Op {
    let centre = |centre: Option<usize>| centre.map_or(NONE, |at| at as u32);
    let [a_centre, b_centre] = centres.map(centre);
    let (positions, channels) = (shape.positions() as u32, shape.channels as u32);
    let (a, b, out, weighted) = (a as u32, b as u32, out as u32, u32::from(weighted));
    let parameters = [a, b, a_centre, b_centre, positions, channels, BLOCK as u32, out, weighted, 0, 0, 0];
    let finish = Finish::plain(0, 1);
    Op::each(Kernel::Sums, &finish, &parameters, block_count(shape) * shape.channels)
}

/// What [`combine`] makes of sums.
#[derive(Clone, Copy)]
pub enum Combine {
    Mean = 0,
    MeanAndSquare = 1,
    Norm = 2,
    NormBack = 3,
    Total = 4,
}

/// What is made of the sums of all blocks: see `combine.wgsl`. `parameters` is where derivatives by a norm's parameters go.
pub fn combine(
    what: Combine,
    shape: Shape,
    sums: usize,
    out: usize,
    (statistics, epsilon): (usize, f32),
    parameters: Option<usize>,
) -> Op {
    let parameters = [
        sums as u32,
        block_count(shape) as u32,
        shape.positions() as u32,
        shape.channels as u32,
        what as u32,
        out as u32,
        statistics as u32,
        epsilon.to_bits(),
        parameters.map_or(NONE, |at| at as u32),
        0,
        0,
        0,
    ];
    let finish = Finish::plain(0, 1);
    Op::new(Kernel::Combine, &finish, &parameters, [shape.channels as u32, 1, 1])
}
