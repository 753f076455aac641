//! Pooling with windows of any size and stride; a maximum's place is a byte.
#![allow(unsafe_code)]

use crate::{
    Map,
    cpu::{
        finish::Finish,
        isa::Isa,
        simd::{Kernel, Simd},
    },
    device::{Shape, switch_stride},
    network::{Pool, Pooling},
};
use std::ops::Range;

/// Pools into row `row` of the output, `y`.
pub fn line(isa: Isa, pool: Pool, x: Map<'_>, row: usize, y: &mut [f32], switches: Option<&mut [u8]>) {
    let (width, stride) = (y.len() / x.channels, switch_stride(pool, x.channels));
    assert!((row * pool.stride + pool.window) * x.width * x.channels <= x.data.len());
    assert!(width > 0 && (width - 1) * pool.stride + pool.window <= x.width);
    let switches = switches.map_or(std::ptr::null_mut(), |switches| {
        assert_eq!(switches.len(), width * stride);
        switches.as_mut_ptr()
    });
    // SAFETY: all windows lie inside the map; `y` and, unless null, `switches` have room for `width` positions.
    unsafe {
        match (pool.pooling, pool.window) {
            // Loops over windows whose side is known when compiled are unrolled.
            (_, 2) => isa.run(Line::<2> { pool, x, row, y, switches }),
            (_, 3) => isa.run(Line::<3> { pool, x, row, y, switches }),
            _ => isa.run(Line::<0> { pool, x, row, y, switches }),
        }
    }
}

/// One row of the output; `WINDOW` is the window's side or, where it is not known, 0.
struct Line<'a, const WINDOW: usize> {
    pool: Pool,
    x: Map<'a>,
    row: usize,
    y: &'a mut [f32],
    switches: *mut u8,
}

impl<const WINDOW: usize> Kernel for Line<'_, WINDOW> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Line { pool, x, row, y, switches } = self;
        let c = x.channels;
        let window = if WINDOW > 0 { WINDOW } else { pool.window };
        let stride = switch_stride(pool, c);
        for column in 0..y.len() / c {
            let corner = (row * pool.stride * x.width + column * pool.stride) * c;
            for channel in (0..c).step_by(S::LANES) {
                let count = S::LANES.min(c - channel);
                // SAFETY: see `line`; a position's switches are whole vectors.
                unsafe {
                    let corner = x.data.as_ptr().add(corner + channel);
                    let pooled = if pool.pooling == Pooling::Average {
                        average::<S>(corner, window, x.width * c, c, count)
                    } else if switches.is_null() {
                        maximum::<S>(corner, window, x.width * c, c, count)
                    } else {
                        let (largest, place) = first_maximum::<S>(corner, window, x.width * c, c, count);
                        S::store_bytes(switches.add(column * stride + channel), place);
                        largest
                    };
                    S::store_few(y.as_mut_ptr().add(column * c + channel), pooled, count);
                }
            }
        }
    }
}

/// Mean of the window at `corner`, whose rows and columns are `down` and `right` values apart.
#[inline(always)]
unsafe fn average<S: Simd>(
    corner: *const f32,
    window: usize,
    down: usize,
    right: usize,
    count: usize,
) -> S::V {
    // SAFETY: the caller promises `count` values at every place of the window; so in the functions below.
    unsafe {
        let share = S::splat(1.0 / (window * window) as f32);
        let mut sum = S::splat(0.0);
        for r in 0..window {
            for q in 0..window {
                sum = S::fma(share, S::load_few(corner.add(r * down + q * right), count), sum);
            }
        }
        sum
    }
}

/// Maximum of a window.
#[inline(always)]
unsafe fn maximum<S: Simd>(
    corner: *const f32,
    window: usize,
    down: usize,
    right: usize,
    count: usize,
) -> S::V {
    // SAFETY: as above.
    unsafe {
        let mut largest = S::load_few(corner, count);
        for r in 0..window {
            for q in 0..window {
                largest = S::max(S::load_few(corner.add(r * down + q * right), count), largest);
            }
        }
        largest
    }
}

/// Maximum of a window and its first place, counted row by row.
#[inline(always)]
unsafe fn first_maximum<S: Simd>(
    corner: *const f32,
    window: usize,
    down: usize,
    right: usize,
    count: usize,
) -> (S::V, S::V) {
    // SAFETY: as above.
    unsafe {
        let (mut largest, mut place) = (S::load_few(corner, count), S::splat(0.0));
        for r in 0..window {
            for q in 0..window {
                let value = S::load_few(corner.add(r * down + q * right), count);
                let larger = S::greater(value, largest);
                largest = S::select(larger, value, largest);
                place = S::select(larger, S::splat((r * window + q) as f32), place);
            }
        }
        (largest, place)
    }
}

/// Pulls `dy` back to row `row` of the input.
pub fn line_vjp(
    isa: Isa,
    pool: Pool,
    dy: Map<'_>,
    switches: &[u8],
    input: Shape,
    row: usize,
    finish: Finish,
) {
    // SAFETY: the sizes were checked against each other; every job stores its own row of the input.
    unsafe { isa.run(LineVjp { pool, dy, switches, input, row, finish }) }
}

/// One row of the input.
struct LineVjp<'a> {
    pool: Pool,
    dy: Map<'a>,
    switches: &'a [u8],
    input: Shape,
    row: usize,
    finish: Finish,
}

impl Kernel for LineVjp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // A window's position in the output, and the place that this row's position has in it.
        let mut found = [(0, 0); 256];
        let rows = windows(self.pool, self.row, self.dy.height);
        for column in 0..self.input.width {
            let mut count = 0;
            for y in rows.clone() {
                for x in windows(self.pool, column, self.dy.width) {
                    let (down, right) = (self.row - y * self.pool.stride, column - x * self.pool.stride);
                    found[count] = (y * self.dy.width + x, (down * self.pool.window + right) as u8);
                    count += 1;
                }
            }
            // SAFETY: the windows exist.
            unsafe {
                match count {
                    // As many as there are where windows overlap by less than half: the loops are unrolled.
                    1 => self.position::<S>(column, &found[..1]),
                    2 => self.position::<S>(column, &found[..2]),
                    4 => self.position::<S>(column, &found[..4]),
                    _ => self.position::<S>(column, &found[..count]),
                }
            }
        }
    }
}

impl LineVjp<'_> {
    /// Stores the sum of what `windows` send back to this row's position `column`.
    #[inline(always)]
    unsafe fn position<S: Simd>(&self, column: usize, windows: &[(usize, u8)]) {
        let c = self.input.channels;
        let stride = switch_stride(self.pool, c);
        let (dy, switches) = (self.dy.data.as_ptr(), self.switches.as_ptr());
        let average = self.pool.pooling == Pooling::Average;
        let share = 1.0 / (self.pool.window * self.pool.window) as f32;
        for channel in (0..c).step_by(S::LANES) {
            let count = S::LANES.min(c - channel);
            // SAFETY: the caller's promise; a position's switches are whole vectors.
            unsafe {
                let mut sum = S::splat(0.0);
                for &(at, place) in windows {
                    let value = S::load_few(dy.add(at * c + channel), count);
                    if average {
                        sum = S::fma(S::splat(share), value, sum);
                    } else {
                        let chosen = S::equal_bytes(switches.add(at * stride + channel), place);
                        sum = S::add(sum, S::select(chosen, value, S::splat(0.0)));
                    }
                }
                self.finish.part::<S>(self.row * self.input.width + column, channel, sum);
            }
        }
    }
}

/// Windows that contain index `i` of an axis whose output has `n` positions.
#[inline(always)]
fn windows(pool: Pool, i: usize, n: usize) -> Range<usize> {
    let first = (i + pool.stride).saturating_sub(pool.window) / pool.stride;
    first..(i / pool.stride + 1).min(n)
}
