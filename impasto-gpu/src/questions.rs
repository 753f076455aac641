//! Channel statistics of maps and distances to targets, computed where the maps are.

use crate::{
    gpu::Inner,
    kernel::Kernel,
    lower::{Combine, combine, weighted_sums},
    record::{Dispatch, Finish, Op, Shared},
    totals,
};
use impasto_net::{
    device::Shape,
    engine::{Answer, EngineError},
    statistics::Moments,
};
use std::ops::Range;
use wgpu::Buffer;

/// Positions to a slice of products of planes, at least.
const SLICE: usize = 1024;
/// Values that all slices may take together, unless one alone takes more.
const SLICES: usize = 4 << 20;
/// Planes along a side of a tile of products.
const TILE: usize = 64;

/// Positions to a slice of a map, and slices.
fn slices(shape: Shape) -> (usize, usize) {
    let most = (SLICES / (shape.channels * shape.channels).max(1)).max(1);
    let slice = shape.positions().div_ceil(most).max(SLICE);
    (slice, shape.positions().div_ceil(slice))
}

/// Values of temporary memory that products of planes want.
pub fn slices_len(shape: Shape) -> usize {
    slices(shape).1 * shape.channels * shape.channels
}

/// Partial sums that the distance of a map is made of.
pub fn distances(shape: Shape) -> usize {
    totals::groups(shape.len())
}

/// A question written down, and where its answer is.
pub struct Prepared {
    pub dispatches: Vec<Dispatch>,
    /// Where the answer is.
    pub place: Range<usize>,
    pub shape: Shape,
    what: What,
}

enum What {
    Moments { full: bool },
    Distance,
}

/// Where a question's map, temporary values and answer are.
pub struct Places {
    pub map: usize,
    pub scratch: usize,
    pub answer: Range<usize>,
}

impl Prepared {
    /// Channel statistics of a map; `weights` are the shares of positions that do not count alike.
    pub fn moments(
        gpu: &Inner,
        shared: &Shared,
        shape: Shape,
        places: &Places,
        (full, weights): (bool, Option<&Buffer>),
    ) -> Prepared {
        let Places { map, scratch, ref answer } = *places;
        let channels = shape.channels;
        let mut ops = vec![
            weighted_sums((map, map), [None; 2], shape, scratch, weights.is_some()),
            combine(Combine::MeanAndSquare, shape, scratch, answer.start, (0, 0.0), None),
        ];
        if full {
            let (slice, count) = slices(shape);
            let tiles = channels.div_ceil(TILE) as u32;
            let (positions, channels32) = (shape.positions() as u32, channels as u32);
            let plain = Finish::plain(0, 1);
            let (map, slice, scratch) = (map as u32, slice as u32, scratch as u32);
            let weighted = u32::from(weights.is_some());
            let parameters = [map, positions, channels32, slice, scratch, weighted, 0, 0];
            ops.push(Op::new(Kernel::Gram, &plain, &parameters, [tiles, tiles, count as u32]));
            let out = (answer.start + 2 * channels) as u32;
            let parameters = [scratch, count as u32, channels32, positions, out, 0, 0, 0];
            ops.push(Op::each(Kernel::GramSum, &plain, &parameters, channels * channels));
        }
        let len = 2 * channels + if full { channels * channels } else { 0 };
        let dispatches = ops.iter().map(|op| Dispatch::new(gpu, shared, op, weights)).collect();
        Prepared { dispatches, place: answer.start..answer.start + len, shape, what: What::Moments { full } }
    }

    /// The squared distance of a map to a target.
    pub fn distance(
        gpu: &Inner,
        shared: &Shared,
        shape: Shape,
        places: &Places,
        target: &Buffer,
    ) -> Prepared {
        let parts = distances(shape);
        let start = places.answer.end - parts;
        let parameters = [places.map as u32, shape.len() as u32, start as u32, 0];
        let op = totals::in_groups(Kernel::Distance, &parameters, shape.len());
        let dispatches = vec![Dispatch::new(gpu, shared, &op, Some(target))];
        Prepared { dispatches, place: start..places.answer.end, shape, what: What::Distance }
    }

    /// The answer, read from its place.
    pub fn answer(&self, values: &[f32]) -> Result<Answer, EngineError> {
        let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
        Ok(match self.what {
            What::Distance => Answer::Distance(values.iter().map(|&part| f64::from(part)).sum()),
            What::Moments { full } => {
                let channels = self.shape.channels;
                let (mean, rest) = values.split_at(channels);
                let (square, second) = rest.split_at(channels);
                let mut square = wide(square);
                let second = wide(second);
                if full {
                    // The same numbers, whichever is read.
                    square = second.iter().copied().step_by(channels + 1).collect();
                }
                Answer::Moments(Moments { mean: wide(mean), second, square })
            }
        })
    }
}
