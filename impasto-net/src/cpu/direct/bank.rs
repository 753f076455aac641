//! Filters packed for sums of products.

use crate::{aligned::Aligned, cpu::multiply::PANEL};
use rayon::prelude::*;

/// One matrix a kernel row, `[panel][row][depth][PANEL]`.
pub struct Bank {
    /// Values that a row meets at an output position.
    pub depth: usize,
    /// Columns, a multiple of 16.
    pub columns: usize,
    rows: usize,
    packed: Aligned,
}

impl Bank {
    /// Packs `value(row, depth, column)`.
    pub fn new(
        rows: usize,
        depth: usize,
        columns: usize,
        value: impl Fn(usize, usize, usize) -> f32 + Sync,
    ) -> Self {
        let panel_len = rows * depth * PANEL;
        let mut packed = Aligned::zeros(columns.div_ceil(PANEL) * panel_len);
        packed.par_chunks_exact_mut(panel_len.max(1)).enumerate().for_each(|(panel, packed)| {
            for (k, packed) in packed.chunks_exact_mut(PANEL).enumerate() {
                for (c, packed) in packed.iter_mut().enumerate().take(columns - panel * PANEL) {
                    *packed = value(k / depth, k % depth, panel * PANEL + c);
                }
            }
        });
        Bank { depth, columns: columns.next_multiple_of(16), rows, packed }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * self.packed.len()
    }

    /// The first panel of a kernel row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.packed[row * self.depth * PANEL..]
    }

    /// Distance between panels.
    pub fn panel(&self) -> usize {
        self.rows * self.depth * PANEL
    }
}
