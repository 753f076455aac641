//! Derivatives by the parameters of any convolution.
//!
//! The derivative by a kernel row's filters is a product of the input's stretches under that row, transposed, with the
//! output's cotangent, summed over positions. It is taken over a fixed number of stretches of output rows, whose sums
//! are then added in order, so it does not depend on the number of threads.

mod dense;
mod turned;

use super::FEW;
use crate::{cpu::isa::Isa, device::Shape, jobs, network::Convolution};
use rayon::prelude::*;
use std::ops::Range;

/// Stretches at most: enough for many threads.
const STRETCHES: usize = 16;
/// Positions that a stretch should have at least, so that adding up its sums is little work in comparison.
const STRETCH: usize = 512;
/// Values that the stretches' sums may take together.
const SUMS_LEN: usize = 4 << 20;
/// Values that a thread sets to zero at a time.
const ZEROS: usize = 1 << 14;
/// Planes of the output in one job of adding up.
const BLOCK: usize = 16;

/// What the derivatives are taken of.
#[derive(Clone, Copy)]
struct Problem<'a> {
    isa: Isa,
    conv: Convolution,
    input: Shape,
    output: Shape,
    x: &'a [f32],
    dy: &'a [f32],
}

impl<'a> Problem<'a> {
    /// A row of the input.
    fn x_line(&self, row: usize) -> &'a [f32] {
        let len = self.input.width * self.input.channels;
        &self.x[row * len..][..len]
    }

    /// A row of the cotangent.
    fn dy_line(&self, row: usize) -> &'a [f32] {
        let len = self.output.width * self.output.channels;
        &self.dy[row * len..][..len]
    }
}

/// Sums over output rows: `[kernel row][row][column]`, then one value an output plane for the bias.
#[derive(Clone, Copy)]
struct Layout {
    /// Rows to a kernel row.
    rows: usize,
    /// Columns, a multiple of 16.
    columns: usize,
    /// Kernel rows.
    kernel: usize,
}

impl Layout {
    /// Values of all kernel rows.
    fn matrix_len(&self) -> usize {
        self.kernel * self.rows * self.columns
    }

    /// Number of stretches and the output rows to each.
    fn stretches(&self, output: Shape) -> (usize, usize) {
        let most = (output.positions() / STRETCH).min(SUMS_LEN / self.matrix_len()).clamp(1, STRETCHES);
        let rows = output.height.div_ceil(most);
        (output.height.div_ceil(rows), rows)
    }
}

/// The output rows of a stretch.
fn stretch_rows(stretch: usize, rows: usize, output: Shape) -> Range<usize> {
    stretch * rows..output.height.min((stretch + 1) * rows)
}

/// Whether the taps of a kernel row share columns with the output's planes.
fn turns(conv: &Convolution) -> bool {
    conv.outputs <= FEW && conv.kernel > 1
}

/// How the sums of a convolution from maps of size `input` are laid out.
fn layout(conv: &Convolution, input: Shape) -> Layout {
    match turns(conv) {
        true => turned::layout(conv, input),
        false => dense::layout(conv, input),
    }
}

/// Values of temporary memory that [`parameters_vjp`] needs.
pub fn workspace_len(conv: &Convolution, (input, output): (Shape, Shape)) -> usize {
    let layout = layout(conv, input);
    layout.stretches(output).0 * (layout.matrix_len() + output.channels)
}

/// Adds to `dweight` (`[outputs, inputs, k, k]`) and `dbias` the derivatives by a convolution's parameters, given its
/// input `x` and its output's cotangent `dy`.
pub fn parameters_vjp(
    isa: Isa,
    conv: Convolution,
    (input, output): (Shape, Shape),
    (x, dy): (&[f32], &[f32]),
    (dweight, dbias): (&mut [f32], &mut [f32]),
    workspace: &mut [f32],
) {
    let (k, inputs, outputs) = (conv.kernel, input.channels, output.channels);
    assert_eq!((x.len(), dy.len()), (input.len(), output.len()));
    assert_eq!((dweight.len(), dbias.len()), (k * k * inputs * outputs, outputs));
    let problem = Problem { isa, conv, input, output, x, dy };
    let (turned, layout) = (turns(&conv), layout(&conv, input));
    let sums = &mut workspace[..workspace_len(&conv, (input, output))];
    jobs::each_chunk(sums, ZEROS, |_, sums| sums.fill(0.0));
    match turned {
        true => turned::add(problem, layout, sums),
        false => dense::add(problem, layout, sums),
    }
    // The places of a derivative by (kernel row, tap, input plane, output plane).
    let Layout { rows, columns, .. } = layout;
    let place = |r: usize, q: usize, i: usize, o: usize| match turned {
        true => (r * rows + i) * columns + q * outputs + o,
        false => (r * rows + q * inputs + i) * columns + o,
    };
    add_up(sums, layout.matrix_len() + outputs);
    let sums = &*sums;
    dbias.iter_mut().zip(&sums[layout.matrix_len()..]).for_each(|(to, sum)| *to += sum);
    dweight.par_chunks_mut(BLOCK * inputs * k * k).enumerate().for_each(|(block, dweight)| {
        for (o, dweight) in dweight.chunks_exact_mut(inputs * k * k).enumerate() {
            for tap in 0..k * k {
                let first = place(tap / k, tap % k, 0, block * BLOCK + o);
                let sums = sums[first..].iter().step_by(columns);
                dweight.iter_mut().skip(tap).step_by(k * k).zip(sums).for_each(|(to, sum)| *to += sum);
            }
        }
    });
}

/// Adds the sums of all stretches, `len` values each, to those of the first, in order.
fn add_up(sums: &mut [f32], len: usize) {
    let (total, rest) = sums.split_at_mut(len);
    if rest.is_empty() {
        return;
    }
    let share = 4096;
    total.par_chunks_mut(share).enumerate().for_each(|(job, total)| {
        for rest in rest.chunks_exact(len) {
            let part = &rest[job * share..][..total.len()];
            total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
        }
    });
}

/// Adds the cotangents of a stretch of positions to the bias's sums.
#[inline(always)]
fn add_bias(dy: &[f32], sums: &mut [f32]) {
    for dy in dy.chunks_exact(sums.len()) {
        sums.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
    }
}
