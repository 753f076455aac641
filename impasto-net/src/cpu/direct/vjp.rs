//! The way back through a convolution of any kernel, stride and border.
#![allow(unsafe_code)]

use super::{BLOCK, Filter};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        multiply::Product,
        scratch,
        simd::{Kernel, Simd},
    },
    device::Shape,
    network::Convolution,
};
use rayon::prelude::*;

/// Input rows to a job. Fixed, so that the order of additions does not depend on the number of threads.
const BAND: usize = 16;

/// Pulls the cotangent `dy` of size `output` back to the map of size `input` behind `finish`.
pub fn convolve_vjp(
    isa: Isa,
    conv: Convolution,
    (input, output): (Shape, Shape),
    filter: &Filter,
    dy: &[f32],
    finish: Finish,
) {
    assert_eq!(dy.len(), output.len());
    assert_eq!(filter.depth, output.channels);
    assert!(filter.columns >= conv.kernel * conv.kernel * input.channels);
    let band_len = BAND * input.width * input.channels;
    (0..input.height.div_ceil(BAND)).into_par_iter().for_each(|job| {
        scratch::with(band_len + BLOCK * filter.columns, |memory| {
            let (sum, patches) = memory.split_at_mut(band_len);
            let rows = job * BAND..input.height.min((job + 1) * BAND);
            let band = Band { conv, input, output, filter, dy, rows, sum, patches, finish };
            // SAFETY: bands store different rows; all offsets are checked slices but those of `product`, whose
            // matrices hold at least a block.
            unsafe { isa.run(band) }
        })
    });
}

struct Band<'a> {
    conv: Convolution,
    input: Shape,
    output: Shape,
    filter: &'a Filter,
    dy: &'a [f32],
    rows: std::ops::Range<usize>,
    sum: &'a mut [f32],
    patches: &'a mut [f32],
    finish: Finish,
}

impl Kernel for Band<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Band { conv, input, output, filter, dy, rows, sum, patches, finish } = self;
        let line_len = input.width * input.channels;
        sum.fill(0.0);
        for row in 0..output.height {
            // Kernel rows whose input row lies in this band.
            let source = |r: usize| {
                let y = (row * conv.stride + r) as isize - conv.before as isize;
                conv.padding.index(y, input.height).filter(|y| rows.contains(y))
            };
            if (0..conv.kernel).all(|r| source(r).is_none()) {
                continue;
            }
            for column in (0..output.width).step_by(BLOCK) {
                let count = BLOCK.min(output.width - column);
                let a = &dy[(row * output.width + column) * output.channels..][..count * output.channels];
                let product: Product = filter.product(count, a.as_ptr(), patches.as_mut_ptr());
                // SAFETY: `a` has `count` rows and `patches` room for a block.
                unsafe { S::multiply(&product) };
                for r in 0..conv.kernel {
                    let Some(y) = source(r) else { continue };
                    let line = &mut sum[(y - rows.start) * line_len..][..line_len];
                    for (i, patch) in patches.chunks_exact(filter.columns).take(count).enumerate() {
                        let patch = &patch[r * conv.kernel * input.channels..];
                        scatter_row(conv, input, column + i, patch, line);
                    }
                }
            }
        }
        let positions = rows.start * input.width..rows.end * input.width;
        for (position, values) in positions.zip(sum.chunks_exact(input.channels)) {
            // SAFETY: `values` are all channels of a position of this band.
            unsafe { finish.row::<S>(position, values.as_ptr()) };
        }
    }
}

/// Adds one kernel row of a patch, `[k][inputs]`, to the input row it was read from.
#[inline(always)]
fn scatter_row(conv: Convolution, input: Shape, column: usize, patch: &[f32], line: &mut [f32]) {
    let c = input.channels;
    let left = (column * conv.stride) as isize - conv.before as isize;
    let add = |to: &mut [f32], from: &[f32]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
    if left >= 0 && left as usize + conv.kernel <= input.width {
        add(&mut line[left as usize * c..][..conv.kernel * c], patch);
        return;
    }
    for (q, patch) in patch.chunks_exact(c).take(conv.kernel).enumerate() {
        if let Some(x) = conv.padding.index(left + q as isize, input.width) {
            add(&mut line[x * c..][..c], patch);
        }
    }
}
