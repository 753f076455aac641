//! Enlargement ×2, by nearest neighbour or with zeros, and the way back.
#![allow(unsafe_code)]

use super::{
    finish::Finish,
    isa::Isa,
    simd::{Kernel, Simd},
};
use crate::{Map, device::Shape, jobs};

/// The size of a map enlarged.
pub fn enlarged(shape: Shape) -> Shape {
    Shape { height: 2 * shape.height, width: 2 * shape.width, ..shape }
}

/// Writes every value of `x` to the 2×2 values of `y` in its place.
pub fn upsample(x: Map<'_>, y: &mut [f32]) {
    let c = x.channels;
    assert_eq!(y.len(), 4 * x.data.len());
    let line = x.width * c;
    jobs::each_chunk(y, 4 * line, |row, y| {
        let x = &x.data[row * line..][..line];
        let (first, second) = y.split_at_mut(2 * x.len());
        for (y, x) in first.chunks_exact_mut(2 * c).zip(x.chunks_exact(c)) {
            y[..c].copy_from_slice(x);
            y[c..].copy_from_slice(x);
        }
        second.copy_from_slice(first);
    });
}

/// Writes every value of `x` to the first of the 2×2 values of `y` in its place, and zeros to the others.
pub fn spread(x: Map<'_>, y: &mut [f32]) {
    let c = x.channels;
    assert_eq!(y.len(), 4 * x.data.len());
    let line = x.width * c;
    jobs::each_chunk(y, 4 * line, |row, y| {
        let (first, second) = y.split_at_mut(2 * line);
        for (y, x) in first.chunks_exact_mut(2 * c).zip(x.data[row * line..].chunks_exact(c)) {
            y[..c].copy_from_slice(x);
            y[c..].fill(0.0);
        }
        second.fill(0.0);
    });
}

/// Adds up the 2×2 values of `dy` that show each value of the map of size `input` behind `finish`.
pub fn upsample_vjp(isa: Isa, dy: &[f32], input: Shape, finish: Finish) {
    lines(isa, dy, input, finish, true);
}

/// Takes the first of the 2×2 values of `dy` in the place of each value of the map of size `input` behind `finish`.
pub fn spread_vjp(isa: Isa, dy: &[f32], input: Shape, finish: Finish) {
    lines(isa, dy, input, finish, false);
}

fn lines(isa: Isa, dy: &[f32], input: Shape, finish: Finish, all: bool) {
    assert_eq!(dy.len(), 4 * input.len());
    jobs::each(input.height, |row| {
        // SAFETY: `dy` holds four values for each of the input's; every job stores its own row.
        unsafe { isa.run(LineVjp { dy, input, row, finish, all }) }
    });
}

/// One row of the input.
struct LineVjp<'a> {
    dy: &'a [f32],
    input: Shape,
    row: usize,
    finish: Finish,
    /// Whether all four values count, or the first alone.
    all: bool,
}

impl Kernel for LineVjp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let LineVjp { dy, input, row, finish, all } = self;
        let channels = input.channels;
        let line = 2 * input.width * channels;
        let mut few = [0.0; 16];
        for column in 0..input.width {
            let position = row * input.width + column;
            let at = 2 * row * line + 2 * column * channels;
            let [a, b, d, e] =
                [at, at + channels, at + line, at + line + channels].map(|at| &dy[at..at + channels]);
            let mut c = 0;
            // SAFETY: `c + LANES` stays within the channels.
            unsafe {
                while c + S::LANES <= channels {
                    let load = |values: &[f32]| S::load(values.as_ptr().add(c));
                    let sum = match all {
                        true => S::add(S::add(load(a), load(b)), S::add(load(d), load(e))),
                        false => load(a),
                    };
                    finish.vector::<S>(position, c, sum);
                    c += S::LANES;
                }
                for i in c..channels {
                    few[i - c] = if all { (a[i] + b[i]) + (d[i] + e[i]) } else { a[i] };
                }
                finish.end(position, c, few.as_ptr());
            }
        }
    }
}
