//! Convolution of any kernel, stride and border: patches gathered a block at a time, times the filter matrix.
//!
//! The way back multiplies the cotangent with the transposed filter matrix and adds the resulting patches where they
//! came from. First layers, 1×1 and strided convolutions take this path.
#![allow(unsafe_code)]

mod vjp;

pub use vjp::convolve_vjp;

use super::{
    finish::Finish,
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use crate::{device::Shape, network::Convolution};
use rayon::prelude::*;

/// Output positions to a job.
const BLOCK: usize = 64;

/// A filter bank as a matrix in panels of [`PANEL`] columns, `[panel][depth][PANEL]`.
pub struct Filter {
    depth: usize,
    columns: usize,
    packed: Vec<f32>,
}

impl Filter {
    /// Packs `weight` (`[outputs, inputs, k, k]`) as patch values × output channels.
    pub fn forward(weight: &[f32], outputs: usize, inputs: usize, kernel: usize) -> Self {
        let taps = kernel * kernel;
        Self::pack(taps * inputs, outputs, |patch, o| {
            weight[(o * inputs + patch % inputs) * taps + patch / inputs]
        })
    }

    /// Packs `weight` as output channels × patch values.
    pub fn backward(weight: &[f32], outputs: usize, inputs: usize, kernel: usize) -> Self {
        let taps = kernel * kernel;
        Self::pack(outputs, taps * inputs, |o, patch| {
            weight[(o * inputs + patch % inputs) * taps + patch / inputs]
        })
    }

    fn pack(depth: usize, columns: usize, weight: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let mut packed = vec![0.0; columns.div_ceil(PANEL) * depth * PANEL];
        packed.par_chunks_exact_mut(depth * PANEL).enumerate().for_each(|(panel, packed)| {
            for (k, row) in packed.chunks_exact_mut(PANEL).enumerate() {
                for (c, value) in row.iter_mut().enumerate().take(columns - panel * PANEL) {
                    *value = weight(k, panel * PANEL + c);
                }
            }
        });
        Filter { depth, columns: columns.next_multiple_of(PANEL), packed }
    }

    /// The product of `rows` rows at `a`, `depth` values each, with this matrix.
    fn product(&self, rows: usize, a: *const f32, c: *mut f32) -> Product {
        Product {
            rows,
            depth: self.depth,
            columns: self.columns,
            a,
            a_row: self.depth,
            a_depth: 1,
            b: self.packed.as_ptr(),
            b_depth: PANEL,
            b_panel: PANEL * self.depth,
            c,
            c_row: self.columns,
            accumulate: false,
        }
    }
}

/// Convolves `x` into the map of size `output` behind `finish`.
pub fn convolve(
    isa: Isa,
    conv: Convolution,
    (input, output): (Shape, Shape),
    filter: &Filter,
    x: &[f32],
    finish: Finish,
) {
    assert_eq!(x.len(), input.len());
    assert_eq!(filter.depth, conv.kernel * conv.kernel * input.channels);
    assert!(filter.columns >= output.channels);
    // A 1×1 convolution's patches are the map itself.
    let gather = conv.kernel != 1 || conv.stride != 1 || conv.before + conv.after != 0;
    let patches_len = if gather { BLOCK * filter.depth } else { 0 };
    (0..output.positions().div_ceil(BLOCK)).into_par_iter().for_each(|job| {
        let first = job * BLOCK;
        let count = BLOCK.min(output.positions() - first);
        scratch::with(patches_len + BLOCK * filter.columns, |memory| {
            let (patches, results) = memory.split_at_mut(patches_len);
            let a = if gather {
                for (i, patch) in patches.chunks_exact_mut(filter.depth).take(count).enumerate() {
                    let position = first + i;
                    gather_patch(conv, input, x, position / output.width, position % output.width, patch);
                }
                patches.as_ptr()
            } else {
                x[first * input.channels..].as_ptr()
            };
            let product = filter.product(count, a, results.as_mut_ptr());
            // SAFETY: `a` has `count` rows, `results` room for them; jobs finish different positions.
            unsafe { isa.run(Rows { product, first, finish }) }
        })
    });
}

/// Copies the patch under the kernel at output row `row` and column `column`, `[k][k][inputs]`.
fn gather_patch(conv: Convolution, input: Shape, x: &[f32], row: usize, column: usize, patch: &mut [f32]) {
    let c = input.channels;
    let left = (column * conv.stride) as isize - conv.before as isize;
    let inside = left >= 0 && left as usize + conv.kernel <= input.width;
    for (r, patch) in patch.chunks_exact_mut(conv.kernel * c).enumerate() {
        let y = (row * conv.stride + r) as isize - conv.before as isize;
        let Some(y) = conv.padding.index(y, input.height) else {
            patch.fill(0.0);
            continue;
        };
        let line = &x[y * input.width * c..(y + 1) * input.width * c];
        if inside {
            patch.copy_from_slice(&line[left as usize * c..(left as usize + conv.kernel) * c]);
            continue;
        }
        for (q, patch) in patch.chunks_exact_mut(c).enumerate() {
            match conv.padding.index(left + q as isize, input.width) {
                Some(x) => patch.copy_from_slice(&line[x * c..(x + 1) * c]),
                None => patch.fill(0.0),
            }
        }
    }
}

/// A product whose rows are the output's positions from `first` on.
struct Rows {
    product: Product,
    first: usize,
    finish: Finish,
}

impl Kernel for Rows {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: `convolve` sized all memory.
        unsafe {
            S::multiply(&self.product);
            for i in 0..self.product.rows {
                self.finish.row::<S>(self.first + i, self.product.c.add(i * self.product.c_row));
            }
        }
    }
}
