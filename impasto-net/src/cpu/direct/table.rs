//! Which column of a map an output meets with every tap of a kernel row.

use crate::network::Convolution;
use std::ops::Range;

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
    /// The table of a convolution with `output` columns.
    pub fn forward(conv: &Convolution, input: usize, output: usize, planes: usize, width: usize) -> Self {
        Self::new(conv.kernel, output, (planes, width), |x, q| {
            conv.padding.index((x * conv.stride + q) as isize - conv.before as isize, input)
        })
    }

    /// The table of the way back of a convolution with `output` columns to columns of its padded input.
    pub fn adjoint(
        conv: &Convolution,
        output: usize,
        region: &Range<usize>,
        planes: usize,
        width: usize,
    ) -> Self {
        Self::new(conv.kernel, region.len(), (planes, width), |x, q| {
            let ahead = (region.start + x).checked_sub(q)?;
            (ahead % conv.stride == 0 && ahead / conv.stride < output).then_some(ahead / conv.stride)
        })
    }

    fn new(
        kernel: usize,
        outputs: usize,
        (planes, width): (usize, usize),
        column: impl Fn(usize, usize) -> Option<usize>,
    ) -> Self {
        let all = (0..outputs).flat_map(|x| (0..kernel).map(move |q| (x, q)));
        let columns: Vec<Option<usize>> = all.map(|(x, q)| column(x, q)).collect();
        let first = columns.iter().flatten().min().copied().unwrap_or(0);
        let end = columns.iter().flatten().max().map_or(first, |last| last + 1);
        let place = |(at, &column): (usize, &Option<usize>)| {
            (column.unwrap_or(end) - first) * width + at % kernel * planes
        };
        let places = columns.iter().enumerate().map(|at| place(at) as u32).collect();
        Table { met: first..end, width, planes, places, kernel }
    }

    /// Values of the matrix with its row of zeros, and as many more as a vector of four may reach beyond.
    pub fn matrix_len(&self) -> usize {
        (self.met.len() + 1) * self.width + 4
    }
}
