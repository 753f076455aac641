//! Max and average pooling and the way back.

mod any;
mod halving;

use super::{finish::Finish, isa::Isa};
use crate::{
    Map,
    device::{Shape, halves, switch_stride},
    jobs,
    network::{Pool, Pooling},
};

/// Pools `x` into `y`; `switches` receives the place of each maximum in its window, the first one where several are
/// equal.
pub fn pool(isa: Isa, pool: Pool, x: Map<'_>, y: &mut [f32], switches: Option<&mut [u8]>) {
    assert!(pool.window <= 16, "a place in a window of {} does not fit a byte", pool.window);
    let (width, height) = (pool.output_len(x.width), pool.output_len(x.height));
    let (line_len, stride) = (width * x.channels, switch_stride(pool, x.channels));
    assert_eq!(y.len(), height * line_len);
    let line = |row: usize, y: &mut [f32], switches: Option<&mut [u8]>| match (pool.pooling, switches) {
        (Pooling::Max, Some(switches)) if halves(pool) => halving::line(isa, x, row, y, switches),
        (_, switches) => any::line(isa, pool, x, row, y, switches),
    };
    match switches {
        Some(switches) if stride > 0 => {
            assert_eq!(switches.len(), width * height * stride);
            jobs::each_pair((y, line_len), (switches, width * stride), |row, y, switches| {
                line(row, y, Some(switches));
            });
        }
        _ => jobs::each_chunk(y, line_len, |row, y| line(row, y, None)),
    }
}

/// Pulls `dy` back through pooling to the map of size `input` behind `finish`.
pub fn pool_vjp(isa: Isa, pool: Pool, dy: Map<'_>, switches: &[u8], input: Shape, finish: Finish) {
    assert_eq!((dy.height, dy.width), (pool.output_len(input.height), pool.output_len(input.width)));
    assert!(dy.channels == input.channels && dy.data.len() == dy.positions() * dy.channels);
    assert_eq!(switches.len(), dy.positions() * switch_stride(pool, dy.channels));
    if halves(pool) && pool.pooling == Pooling::Max {
        // An odd last row is in no window, but its cotangent is stored all the same.
        let pairs = input.height.div_ceil(2);
        jobs::each(pairs, |row| halving::lines_vjp(isa, dy, switches, input, row, finish));
    } else {
        jobs::each(input.height, |row| any::line_vjp(isa, pool, dy, switches, input, row, finish));
    }
}
