//! 3×3 filters in the order in which the Winograd path reads them.
#![allow(unsafe_code)]

use crate::{
    cpu::{
        codebook::{self, Table},
        isa::Isa,
        multiply::PANEL,
    },
    device::Codebook,
};
use rayon::prelude::*;

/// Values of one kernel for all columns of a panel.
pub const KERNEL: usize = 9 * PANEL;

/// A filter bank in panels of [`PANEL`] output channels, `[panel][input][9][PANEL]`.
pub enum Packed {
    /// The values.
    Values(Vec<f32>),
    /// One byte a value, an index into a table: a quarter of the memory to hold and to read.
    Codebook(Vec<u8>, Box<Table>),
}

/// How a filter bank is read: output channel, input channel and kernel position to place in `[outputs, inputs, 3, 3]`.
type Place<'a> = &'a (dyn Fn(usize, usize, usize) -> usize + Sync);

impl Packed {
    /// Packs the bank of `outputs × inputs` kernels whose values are at `place`, as indices where there are any.
    pub fn new(
        weight: &[f32],
        codebook: Option<Codebook<'_>>,
        (outputs, inputs): (usize, usize),
        place: Place<'_>,
    ) -> Packed {
        match codebook {
            None => Packed::Values(pack(outputs, inputs, 0.0, &|o, i, t| weight[place(o, i, t)])),
            Some(Codebook { indices, table }) => {
                let packed = pack(outputs, inputs, 0, &|o, i, t| indices[place(o, i, t)]);
                Packed::Codebook(packed, Box::new(Table::new(table)))
            }
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Packed::Values(values) => 4 * values.len(),
            Packed::Codebook(indices, table) => indices.len() + size_of_val(&**table),
        }
    }

    /// Kernels in all panels.
    pub fn kernels(&self) -> usize {
        match self {
            Packed::Values(values) => values.len() / KERNEL,
            Packed::Codebook(indices, _) => indices.len() / KERNEL,
        }
    }

    /// `count` kernels from number `first` on, decoded to `buffer` if need be.
    pub fn decoded<'a>(&'a self, isa: Isa, first: usize, count: usize, buffer: &'a mut [f32]) -> &'a [f32] {
        let range = first * KERNEL..(first + count) * KERNEL;
        match self {
            Packed::Values(values) => &values[range],
            Packed::Codebook(indices, table) => {
                let buffer = &mut buffer[..count * KERNEL];
                codebook::decode(isa, table, &indices[range], buffer);
                buffer
            }
        }
    }
}

/// Arranges values in panels; columns beyond the last output are `nothing`, which a codebook may give any value:
/// nobody reads their results.
fn pack<T: Copy + Send + Sync>(
    outputs: usize,
    inputs: usize,
    nothing: T,
    value: &(dyn Fn(usize, usize, usize) -> T + Sync),
) -> Vec<T> {
    let mut packed = vec![nothing; outputs.div_ceil(PANEL) * inputs * KERNEL];
    packed.par_chunks_exact_mut(inputs * KERNEL).enumerate().for_each(|(panel, packed)| {
        let columns = PANEL.min(outputs - panel * PANEL);
        for (i, packed) in packed.chunks_exact_mut(KERNEL).enumerate() {
            for o in 0..columns {
                for t in 0..9 {
                    packed[t * PANEL + o] = value(panel * PANEL + o, i, t);
                }
            }
        }
    });
    packed
}
