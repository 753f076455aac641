//! Derivatives by the taps of a depthwise convolution.
//!
//! They are sums over positions, taken over a fixed number of stretches of output rows whose sums are then added in
//! order, so that they do not depend on the number of threads.
#![allow(unsafe_code)]

use super::{PAD, axis};
use crate::{
    cpu::{
        isa::Isa,
        simd::{Kernel, Simd},
    },
    device::Shape,
    jobs,
    network::Convolution,
};
use std::ops::Range;

/// Stretches at most: enough for many threads.
const STRETCHES: usize = 16;
/// Positions that a stretch should have at least.
const STRETCH: usize = 512;

/// Output rows to a stretch.
fn rows_each(output: Shape) -> usize {
    output.height.div_ceil((output.positions() / STRETCH).clamp(1, STRETCHES))
}

/// Values of a stretch's sums: one vector of channels a tap.
fn sums_len(conv: &Convolution, output: Shape) -> usize {
    conv.kernel * conv.kernel * output.channels.next_multiple_of(PAD)
}

/// Values of temporary memory that [`taps_vjp`] needs.
pub fn workspace_len(conv: &Convolution, output: Shape) -> usize {
    output.height.div_ceil(rows_each(output)) * sums_len(conv, output)
}

/// Adds to `dweight` (`[channels, 1, k, k]`) the derivatives by the taps, given the input `x` and the output's cotangent.
pub fn taps_vjp(
    isa: Isa,
    conv: &Convolution,
    (input, output): (Shape, Shape),
    (x, dy): (&[f32], &[f32]),
    dweight: &mut [f32],
    workspace: &mut [f32],
) {
    let area = conv.kernel * conv.kernel;
    assert_eq!((x.len(), dy.len()), (input.len(), output.len()));
    assert_eq!(dweight.len(), area * output.channels);
    let rows = &axis::sources(conv, input.height, output.height)[..];
    let columns = &axis::sources(conv, input.width, output.width)[..];
    let (each, len) = (rows_each(output), sums_len(conv, output));
    let sums = &mut workspace[..workspace_len(conv, output)];
    jobs::each_chunk(sums, len, |stretch, sums| {
        let range = stretch * each..output.height.min((stretch + 1) * each);
        let kernel = conv.kernel;
        // SAFETY: sources name positions of `x`, whose size was checked, as was that of `dy`.
        unsafe { isa.run(Stretch { kernel, input, output, x, dy, rows, columns, range, sums }) }
    });
    let padded = len / area;
    for sums in sums.chunks_exact(len) {
        for (channel, dweight) in dweight.chunks_exact_mut(area).enumerate() {
            let sums = sums[channel..].iter().step_by(padded);
            dweight.iter_mut().zip(sums).for_each(|(to, sum)| *to += sum);
        }
    }
}

/// Some output rows.
struct Stretch<'a> {
    kernel: usize,
    input: Shape,
    output: Shape,
    x: &'a [f32],
    dy: &'a [f32],
    rows: &'a [Option<usize>],
    columns: &'a [Option<usize>],
    range: Range<usize>,
    sums: &'a mut [f32],
}

impl Kernel for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Stretch { kernel, input, output, x, dy, rows, columns, range, sums } = self;
        let (channels, padded) = (input.channels, input.channels.next_multiple_of(PAD));
        sums.fill(0.0);
        for row in range {
            let dy = dy[row * output.width * channels..].as_ptr();
            for tap in 0..kernel * kernel {
                let Some(y) = rows[row * kernel + tap / kernel] else { continue };
                let x = x[y * input.width * channels..].as_ptr();
                let columns = &columns[tap % kernel..];
                let mut c = 0;
                while c < channels {
                    let count = S::LANES.min(channels - c);
                    // SAFETY: see `taps_vjp`; the sums' channels fill whole vectors.
                    unsafe {
                        let sum = along::<S>((x.add(c), dy.add(c)), (count, channels), columns, kernel);
                        let to = sums.as_mut_ptr().add(tap * padded + c);
                        S::store(to, S::add(S::load(to), sum));
                    }
                    c += S::LANES;
                }
            }
        }
    }
}

/// The sum along a row of inputs times cotangents, for the tap whose inputs are every `step`-th of `columns`.
///
/// # Safety
/// Both rows must hold `count` values at every position named; the machine must have `S`.
#[inline(always)]
unsafe fn along<S: Simd>(
    (x, dy): (*const f32, *const f32),
    (count, channels): (usize, usize),
    columns: &[Option<usize>],
    step: usize,
) -> S::V {
    // SAFETY: the caller's promise.
    unsafe {
        // Four sums, so that none waits for the one before.
        let mut sums = [S::splat(0.0); 4];
        for (i, source) in columns.iter().step_by(step).enumerate() {
            if let Some(source) = *source {
                let x = S::load_few(x.add(source * channels), count);
                let dy = S::load_few(dy.add(i * channels), count);
                sums[i % 4] = S::fma(x, dy, sums[i % 4]);
            }
        }
        S::add(S::add(sums[0], sums[1]), S::add(sums[2], sums[3]))
    }
}
