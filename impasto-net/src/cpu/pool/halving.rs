//! Maxima of 2×2 windows side by side; a maximum's place is a bit for its column and a bit for its row.
#![allow(unsafe_code)]

use crate::{
    Map,
    cpu::{
        finish::Finish,
        isa::Isa,
        simd::{Kernel, Simd},
    },
    device::{Shape, mask_stride},
};

/// Pools into row `row` of the output, `y`, and notes where the maxima were.
pub fn line(isa: Isa, x: Map<'_>, row: usize, y: &mut [f32], switches: &mut [u8]) {
    let width = y.len() / x.channels;
    assert!(2 * (row + 1) * x.width * x.channels <= x.data.len() && 2 * width <= x.width);
    assert_eq!(switches.len(), width * 2 * mask_stride(x.channels));
    // SAFETY: the windows lie inside the map; `switches` has two masks for every position of `y`.
    unsafe { isa.run(Line { x, row, y, switches }) }
}

/// One row of the output.
struct Line<'a> {
    x: Map<'a>,
    row: usize,
    y: &'a mut [f32],
    switches: &'a mut [u8],
}

impl Kernel for Line<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Line { x, row, y, switches } = self;
        let c = x.channels;
        let (down, plane) = (x.width * c, mask_stride(c));
        for column in 0..y.len() / c {
            for channel in (0..c).step_by(S::LANES) {
                let count = S::LANES.min(c - channel);
                // SAFETY: see `line`.
                unsafe {
                    let corner = x.data.as_ptr().add(2 * (row * down + column * c) + channel);
                    let (top, top_right) = larger::<S>(corner, corner.add(c), count);
                    let (bottom, bottom_right) = larger::<S>(corner.add(down), corner.add(down + c), count);
                    let lower = S::greater(bottom, top);
                    let right = S::select_mask(lower, bottom_right, top_right);
                    let pooled = S::select(lower, bottom, top);
                    S::store_few(y.as_mut_ptr().add(column * c + channel), pooled, count);
                    let switches = switches.as_mut_ptr().add(column * 2 * plane + channel / 8);
                    S::store_mask(switches, right);
                    S::store_mask(switches.add(plane), lower);
                }
            }
        }
    }
}

/// The larger of two, the left one of equals, and whether it is the right one.
#[inline(always)]
unsafe fn larger<S: Simd>(left: *const f32, right: *const f32, count: usize) -> (S::V, S::M) {
    // SAFETY: the caller promises `count` values at both.
    unsafe {
        let (left, right) = (S::load_few(left, count), S::load_few(right, count));
        let greater = S::greater(right, left);
        (S::select(greater, right, left), greater)
    }
}

/// Pulls row `row` of `dy` back to the two rows that it was pooled from, or to what there is of them.
pub fn lines_vjp(isa: Isa, dy: Map<'_>, switches: &[u8], input: Shape, row: usize, finish: Finish) {
    // SAFETY: the sizes were checked against each other; every job stores its own rows of the input.
    unsafe { isa.run(LinesVjp { dy, switches, input, row, finish }) }
}

/// Two rows of the input.
struct LinesVjp<'a> {
    dy: Map<'a>,
    switches: &'a [u8],
    input: Shape,
    row: usize,
    finish: Finish,
}

impl Kernel for LinesVjp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let LinesVjp { dy, switches, input, row, finish } = self;
        let (c, plane) = (input.channels, mask_stride(input.channels));
        let pooled = if row < dy.height { dy.width } else { 0 };
        let first = 2 * row * input.width;
        for column in 0..pooled {
            let (at, corner) = (row * dy.width + column, first + 2 * column);
            for channel in (0..c).step_by(S::LANES) {
                // SAFETY: position and channel exist in `dy`, its two masks in `switches`, the window in the input.
                unsafe {
                    let zero = S::splat(0.0);
                    let count = S::LANES.min(c - channel);
                    let value = S::load_few(dy.data.as_ptr().add(at * c + channel), count);
                    let switches = switches.as_ptr().add(at * 2 * plane + channel / 8);
                    let (right, lower) = (S::load_mask(switches), S::load_mask(switches.add(plane)));
                    let (top, bottom) = (S::select(lower, zero, value), S::select(lower, value, zero));
                    finish.part::<S>(corner, channel, S::select(right, zero, top));
                    finish.part::<S>(corner + 1, channel, S::select(right, top, zero));
                    finish.part::<S>(corner + input.width, channel, S::select(right, zero, bottom));
                    finish.part::<S>(corner + input.width + 1, channel, S::select(right, bottom, zero));
                }
            }
        }
        // What no window covers: an odd last column, an odd last row.
        for line in 0..2.min(input.height - 2 * row) {
            for column in 2 * pooled..input.width {
                for channel in (0..c).step_by(S::LANES) {
                    // SAFETY: the position exists.
                    unsafe { finish.part::<S>(first + line * input.width + column, channel, S::splat(0.0)) };
                }
            }
        }
    }
}
