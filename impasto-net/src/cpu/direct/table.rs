//! Which column of a map an output meets with every tap of a kernel row.

use super::FEW;
use crate::network::Convolution;
use std::ops::Range;

/// The input that every output of an axis meets with every tap, `[output][tap]`; `None` is zero.
pub type Meetings = Vec<Option<usize>>;

/// The meetings of a convolution's axis itself.
pub fn forward(conv: &Convolution, input: usize, output: usize) -> Meetings {
    let at = |x: usize, q: usize| (x * conv.stride + q) as isize - conv.before as isize;
    let all = (0..output).flat_map(|x| (0..conv.kernel).map(move |q| (x, q)));
    all.map(|(x, q)| conv.padding.index(at(x, q), input)).collect()
}

/// The meetings of the way back of an axis with `output` outputs to positions of its padded input.
pub fn adjoint(conv: &Convolution, output: usize, region: &Range<usize>) -> Meetings {
    let all = region.clone().flat_map(|x| (0..conv.kernel).map(move |q| (x, q)));
    let met = all.map(|(x, q)| x.checked_sub(q).filter(|ahead| ahead.is_multiple_of(conv.stride)));
    met.map(|ahead| ahead.map(|ahead| ahead / conv.stride).filter(|&x| x < output)).collect()
}

/// Places in a matrix of one row a column of the map and one column a (tap, plane) pair.
pub struct Table {
    /// Columns of the map that are met at all.
    pub met: Range<usize>,
    /// Columns of the matrix.
    pub width: usize,
    /// Output planes.
    pub planes: usize,
    /// For every output column and tap the place of plane 0; zeros are met in one row more.
    pub places: Vec<u32>,
    /// Taps.
    pub kernel: usize,
}

impl Table {
    /// The table for matrices of `width` columns and at least `kernel · planes`.
    pub fn new(meetings: &Meetings, kernel: usize, planes: usize, width: usize) -> Self {
        let first = meetings.iter().flatten().min().copied().unwrap_or(0);
        let end = meetings.iter().flatten().max().map_or(first, |last| last + 1);
        let place = |(at, column): (usize, &Option<usize>)| {
            (column.unwrap_or(end) - first) * width + at % kernel * planes
        };
        let places = meetings.iter().enumerate().map(|at| place(at) as u32).collect();
        Table { met: first..end, width, planes, places, kernel }
    }

    /// Values of the matrix with its row of zeros, and as many more as a vector of four may reach beyond.
    pub fn matrix_len(&self) -> usize {
        (self.met.len() + 1) * self.width + FEW
    }

    /// Output columns.
    pub fn outputs(&self) -> usize {
        self.places.len() / self.kernel
    }

    /// Values of a row of outputs, and as many more as a vector of four may reach beyond.
    pub fn line_len(&self) -> usize {
        self.outputs() * self.planes + FEW
    }

    /// Writes to `line`, of [`Table::line_len`], the outputs: sums along the taps of matrices, each from a column on.
    #[inline(always)]
    pub fn sum(&self, matrices: &[(&[f32], usize)], line: &mut [f32]) {
        for (places, at) in self.places.chunks_exact(self.kernel).zip((0..).step_by(self.planes)) {
            let mut total = [0.0f32; FEW];
            for &(matrix, column) in matrices {
                for &place in places {
                    let values = &matrix[place as usize + column..][..FEW];
                    total.iter_mut().zip(values).for_each(|(total, value)| *total += value);
                }
            }
            // What is beyond the planes is overwritten by the next output.
            line[at..at + FEW].copy_from_slice(&total);
        }
    }
}
