//! Correlation whose output planes fill vectors: rows of outputs as sums of products, a tile at a time.
#![allow(unsafe_code)]

use super::{
    axis::{Axis, stretch},
    bank::Bank,
    correlation::Source,
    upright,
};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        multiply::PANEL,
        scratch,
        segments::{Positions, Segment, Segments},
        simd::{Kernel, Simd},
    },
    device::Shape,
    jobs,
};
use std::ops::Range;

/// Values under a tile that stay in cache while all panels of filters meet them.
const TILE_LEN: usize = 32 << 10;
/// Jobs from which on a tile's panels are not shared out.
const ENOUGH: usize = 64;

/// Correlations that together fill a map.
pub struct Dense {
    /// They store different positions.
    pub parts: Vec<Part>,
}

/// A correlation.
pub struct Part {
    /// Its vertical axis.
    pub rows: Axis,
    /// Its horizontal axis.
    pub columns: Axis,
    /// Index of its filters.
    pub bank: usize,
}

/// Positions of a row to a tile: a multiple of every register block.
fn tile_len(parts: &[Part], channels: usize) -> usize {
    let values = |part: &Part| part.rows.kernel * part.columns.stride * channels;
    let most = parts.iter().map(values).max().unwrap_or(0).max(1);
    (TILE_LEN / most / 12 * 12).clamp(24, 192)
}

/// Fills the map of size `output` behind `finish`.
pub fn run(isa: Isa, dense: &Dense, banks: &[Bank], source: Source<'_>, output: Shape, finish: Finish) {
    let parts = &dense.parts;
    if upright::suits(parts, source.padding) {
        return upright::run(isa, parts, banks, source, output, finish);
    }
    let tile = tile_len(parts, source.shape.channels);
    let most = |f: fn(&Part) -> usize| parts.iter().map(f).max().unwrap_or(0);
    let (rows, columns) = (most(|part| part.rows.len), most(|part| part.columns.len));
    let tiles = columns.div_ceil(tile);
    let panels = output.channels.div_ceil(PANEL);
    let shares = panels.min(ENOUGH.div_ceil((rows * tiles).max(1)));
    let share = panels.div_ceil(shares.max(1));
    let room = |part: &Part| {
        let widest = part.columns.len.min(tile).saturating_sub(1) * part.columns.stride + part.columns.kernel;
        part.rows.kernel * widest * source.shape.channels
    };
    let room = parts.iter().map(room).max().unwrap_or(0);
    jobs::each(rows * tiles * shares, |job| {
        let (row, at) = (job / shares / tiles, job / shares % tiles * tile);
        let panels = job % shares * share..panels.min((job % shares + 1) * share);
        for part in parts {
            let columns = at..part.columns.len.min(at + tile);
            if row >= part.rows.len || columns.is_empty() || panels.is_empty() {
                continue;
            }
            scratch::with(room, |room| {
                let bank = &banks[part.bank];
                let channels = panels.start * PANEL..bank.columns.min(panels.end * PANEL);
                let work = Tile { part, bank, source, row, columns, channels, room, output, finish };
                // SAFETY: `stretch` and `bank` vouch for both factors; tiles store different positions or channels.
                unsafe { isa.run(work) }
            });
        }
    });
}

/// Some columns of an output row.
struct Tile<'a> {
    part: &'a Part,
    bank: &'a Bank,
    source: Source<'a>,
    row: usize,
    columns: Range<usize>,
    channels: Range<usize>,
    room: &'a mut [f32],
    output: Shape,
    finish: Finish,
}

impl Kernel for Tile<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Tile { part: Part { rows, columns: axis, .. }, bank, source, .. } = self;
        let Source { shape, padding, .. } = source;
        let mut room = self.room;
        let mut list = Vec::with_capacity(rows.kernel);
        for r in 0..if axis.kernel > 0 { rows.kernel } else { 0 } {
            let Some(y) = rows.source(self.row, r, padding) else { continue };
            let a = stretch(source.line(y), shape.channels, axis, &self.columns, padding, &mut room);
            list.push(Segment { a: a.as_ptr(), b: bank.row(r).as_ptr(), depth: bank.depth });
        }
        let sum = Segments {
            list: &list,
            rows: self.columns.len(),
            columns: self.channels,
            a_row: axis.stride * shape.channels,
            a_depth: 1,
            b_depth: PANEL,
            b_panel: bank.panel(),
        };
        let row = (rows.first + self.row * rows.step) * self.output.width;
        let sink = Positions {
            finish: self.finish,
            first: row + axis.first + self.columns.start * axis.step,
            step: axis.step,
        };
        // SAFETY: every segment of A spans the tile's columns; see `run`.
        unsafe { S::segments(&sum, &sink) };
    }
}
