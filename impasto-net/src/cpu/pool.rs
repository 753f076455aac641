//! Max and average pooling and the way back.
#![allow(unsafe_code)]

use super::{
    finish::Finish,
    isa::Isa,
    scratch,
    simd::{Kernel, Simd},
};
use crate::{
    Map,
    device::Shape,
    network::{Pool, Pooling},
};
use rayon::prelude::*;

/// Pools `x` into `y`; `switches` receives the place of each maximum in its window, row by row from 0, the first one
/// where several are equal.
pub fn pool(isa: Isa, pool: Pool, x: Map<'_>, y: &mut [f32], switches: Option<&mut [u8]>) {
    assert!(pool.window <= 16, "a place in a window of {} does not fit a byte", pool.window);
    let line_len = pool.output_len(x.width) * x.channels;
    assert_eq!(y.len(), pool.output_len(x.height) * line_len);
    let keep = switches.is_some();
    let mut none = vec![0; if keep { 0 } else { y.len() }];
    let switches = switches.unwrap_or(&mut none);
    assert_eq!(switches.len(), y.len());
    y.par_chunks_exact_mut(line_len).zip(switches.par_chunks_exact_mut(line_len)).enumerate().for_each(
        |(row, (y, switches))| {
            // SAFETY: the kernel only uses checked slices.
            unsafe { isa.run(Line { pool, x, row, y, switches }) }
        },
    );
}

/// One row of the output.
struct Line<'a> {
    pool: Pool,
    x: Map<'a>,
    row: usize,
    y: &'a mut [f32],
    switches: &'a mut [u8],
}

impl Kernel for Line<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Line { pool, x, row, y, switches } = self;
        let c = x.channels;
        let share = 1.0 / (pool.window * pool.window) as f32;
        for (column, (y, switches)) in y.chunks_exact_mut(c).zip(switches.chunks_exact_mut(c)).enumerate() {
            for place in 0..pool.window * pool.window {
                let (r, q) = (place / pool.window, place % pool.window);
                let at = (row * pool.stride + r) * x.width + column * pool.stride + q;
                let x = &x.data[at * c..][..c];
                match pool.pooling {
                    Pooling::Max if place == 0 => {
                        y.copy_from_slice(x);
                        switches.fill(0);
                    }
                    Pooling::Max => {
                        for ((y, switch), &x) in y.iter_mut().zip(switches.iter_mut()).zip(x) {
                            let larger = x > *y;
                            *y = if larger { x } else { *y };
                            *switch = if larger { place as u8 } else { *switch };
                        }
                    }
                    Pooling::Average if place == 0 => {
                        y.iter_mut().zip(x).for_each(|(y, x)| *y = share * x);
                    }
                    Pooling::Average => y.iter_mut().zip(x).for_each(|(y, x)| *y += share * x),
                }
            }
        }
    }
}

/// Pulls `dy` back through pooling to the map of size `input` behind `finish`.
pub fn pool_vjp(isa: Isa, pool: Pool, dy: Map<'_>, switches: &[u8], input: Shape, finish: Finish) {
    assert!(pool.pooling == Pooling::Average || switches.len() == dy.data.len());
    (0..input.height).into_par_iter().for_each(|row| {
        scratch::with(input.channels, |sum| {
            // SAFETY: every job stores its own row of the input.
            unsafe { isa.run(LineVjp { pool, dy, switches, input, row, sum, finish }) }
        })
    });
}

/// One row of the input.
struct LineVjp<'a> {
    pool: Pool,
    dy: Map<'a>,
    switches: &'a [u8],
    input: Shape,
    row: usize,
    sum: &'a mut [f32],
    finish: Finish,
}

impl Kernel for LineVjp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let LineVjp { pool, dy, switches, input, row, sum, finish } = self;
        let c = input.channels;
        let share = 1.0 / (pool.window * pool.window) as f32;
        // Windows that contain index `i` of an axis whose output has `n` positions.
        let windows = |i: usize, n: usize| {
            let first = (i + pool.stride).saturating_sub(pool.window) / pool.stride;
            first..(i / pool.stride + 1).min(n)
        };
        for column in 0..input.width {
            sum.fill(0.0);
            for y in windows(row, dy.height) {
                for x in windows(column, dy.width) {
                    let at = (y * dy.width + x) * c;
                    let dy = &dy.data[at..at + c];
                    let place = (row - y * pool.stride) * pool.window + column - x * pool.stride;
                    match pool.pooling {
                        Pooling::Max => {
                            let switches = &switches[at..at + c];
                            for ((sum, dy), &switch) in sum.iter_mut().zip(dy).zip(switches) {
                                *sum += if switch == place as u8 { *dy } else { 0.0 };
                            }
                        }
                        Pooling::Average => {
                            sum.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += share * dy);
                        }
                    }
                }
            }
            // SAFETY: `sum` holds all channels of this row's position.
            unsafe { finish.row::<S>(row * input.width + column, sum.as_ptr()) };
        }
    }
}
