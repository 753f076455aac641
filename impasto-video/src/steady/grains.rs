//! Noise that goes with what it is painted on.

use crate::{Flow, Motion};
use rayon::prelude::*;
use std::sync::Arc;

/// Grains of noise, one to a cell of a grid over the frame. A painting network's noise decides where its strokes go; where
/// a frame's content moves, grains move with it, so that strokes do not crawl over what they are painted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Grains {
    columns: usize,
    rows: usize,
    grains: Vec<Grain>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Grain {
    /// The cell whose noise it has, or any number below 2²⁴, which an f32 holds.
    place: u32,
    /// Where it is, from the middle of its cell, in cells: at least −0.5, below 0.5.
    at: [f32; 2],
}

/// Where a cell's grain comes from.
#[derive(Clone, Copy)]
enum Source {
    /// That of a cell before, which is here now.
    Moved { from: usize, at: [f32; 2] },
    /// Its motion is not known.
    Unknown,
    /// No grain came here.
    Empty,
    /// Its time is over.
    Old,
}

impl Grains {
    /// The noise as it is in a picture by itself.
    pub fn still(columns: usize, rows: usize) -> Grains {
        let grains = (0..columns * rows).map(home).collect();
        Grains { columns, rows, grains }
    }

    /// Columns and rows of the grid.
    pub fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// For every cell, row by row, the place whose noise it has.
    pub fn places(&self) -> Arc<[u32]> {
        self.grains.iter().map(|grain| grain.place).collect()
    }

    /// Three numbers a cell: the place, and where the grain is in the cell.
    pub fn values(&self) -> Vec<f32> {
        self.grains.iter().flat_map(|grain| [grain.place as f32, grain.at[0], grain.at[1]]).collect()
    }

    /// Grains of which [`Grains::values`] told; none if their number is another.
    pub fn of_values(columns: usize, rows: usize, values: &[f32]) -> Option<Grains> {
        let (cells, rest) = values.as_chunks::<3>();
        let fits = rest.is_empty() && cells.len() == columns * rows;
        let grain = |&[place, x, y]: &[f32; 3]| Grain { place: place as u32, at: [x, y] };
        fits.then(|| Grains { columns, rows, grains: cells.iter().map(grain).collect() })
    }

    /// The grains in frame `number`, from which `motion` leads to the frame that these are in.
    ///
    /// A cell takes the grain that has moved into it; where none has, a new one. Every cell gives its grain up in one of
    /// `life` frames, for its own noise: so the grains of long ago do not matter, and where nothing moves nothing changes.
    pub fn carried(&self, motion: &Motion, number: usize, life: usize) -> Grains {
        let (columns, rows) = self.size();
        let flow = &motion.flow;
        let step = flow.width().div_ceil(columns) as f32;
        let source = |cell: usize| {
            if (hash(cell as u32) as usize).wrapping_add(number).is_multiple_of(life.max(1)) {
                return Source::Old;
            }
            let (column, row) = (cell % columns, cell / columns);
            let [x, y] = [column, row].map(|place| (place as f32 + 0.5) * step - 0.5);
            if motion.bad[pixel(flow, x, y)] {
                return Source::Unknown;
            }
            let [u, v] = flow.at(x, y);
            self.arrived([column as f32 + u / step, row as f32 + v / step])
        };
        let sources: Vec<Source> = (0..columns * rows).into_par_iter().map(source).collect();
        let mut gone = vec![false; sources.len()];
        for source in &sources {
            if let Source::Moved { from, .. } = *source {
                gone[from] = true;
            }
        }
        let new = |cell: usize| {
            let place = hash(hash(cell as u32).wrapping_add(number as u32)) >> 8;
            Grain { place, at: [0.0; 2] }
        };
        let grain = |(cell, source): (usize, &Source)| match *source {
            Source::Moved { from, at } => Grain { place: self.grains[from].place, at },
            Source::Unknown if !gone[cell] => self.grains[cell],
            Source::Unknown | Source::Empty => new(cell),
            Source::Old => home(cell),
        };
        Grains { columns, rows, grains: sources.par_iter().enumerate().map(grain).collect() }
    }

    /// The grain that is nearest to the middle of the cell which was at `before`, if one is in it.
    fn arrived(&self, before: [f32; 2]) -> Source {
        let [near_x, near_y] = before.map(|place| place.round() as i64);
        let mut found = (f32::INFINITY, Source::Empty);
        for (y, x) in (near_y - 1..=near_y + 1).flat_map(|y| (near_x - 1..=near_x + 1).map(move |x| (y, x))) {
            if x < 0 || y < 0 || x >= self.columns as i64 || y >= self.rows as i64 {
                continue;
            }
            let from = y as usize * self.columns + x as usize;
            let own = self.grains[from].at;
            let at = [x as f32 + own[0] - before[0], y as f32 + own[1] - before[1]];
            let away = at[0] * at[0] + at[1] * at[1];
            if at.iter().all(|at| (-0.5..0.5).contains(at)) && away < found.0 {
                found = (away, Source::Moved { from, at });
            }
        }
        found.1
    }
}

/// The grain that a cell has by itself.
fn home(cell: usize) -> Grain {
    Grain { place: cell as u32, at: [0.0; 2] }
}

/// Number of the pixel at a place.
fn pixel(flow: &Flow, x: f32, y: f32) -> usize {
    let within = |place: f32, n: usize| (place as usize).min(n - 1);
    within(y, flow.height()) * flow.width() + within(x, flow.width())
}

/// MurmurHash3's mix of 32 bits (Appleby, public domain).
fn hash(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NEVER: usize = usize::MAX;

    /// The same motion everywhere, in pixels from a frame to the one before.
    fn motion(width: usize, height: usize, vector: [f32; 2]) -> Motion {
        let count = width * height;
        Motion { flow: Flow::new(width, height, vec![vector; count]), bad: vec![false; count], reliable: 1.0 }
    }

    #[test]
    fn nothing_changes_where_nothing_moves() {
        let still = Grains::still(20, 10);
        let mut grains = still.clone();
        for number in 1..30 {
            grains = grains.carried(&motion(40, 20, [0.0; 2]), number, 7);
        }
        assert_eq!(grains, still);
    }

    #[test]
    fn grains_follow_slow_motion_and_stay_apart() {
        let mut grains = Grains::still(40, 20);
        // A fifth of a cell to the right and three fifths down a frame.
        for number in 1..=10 {
            grains = grains.carried(&motion(80, 40, [-0.4, -1.2]), number, NEVER);
        }
        let places = grains.places();
        // New grains may take the cells of the outermost old ones.
        for (row, column) in (8..20).flat_map(|row| (4..40).map(move |column| (row, column))) {
            assert_eq!(places[40 * row + column] as usize, 40 * (row - 6) + column - 2);
        }
        // What came in has noise of its own.
        let all: BTreeSet<u32> = places.iter().copied().collect();
        assert_eq!(all.len(), places.len());
        let values = grains.values();
        assert_eq!(Grains::of_values(40, 20, &values), Some(grains));
        assert_eq!(Grains::of_values(40, 21, &values), None);
    }

    #[test]
    fn what_was_long_ago_does_not_matter() {
        let (mut early, mut late) = (Grains::still(40, 40), Grains::still(40, 40));
        let vectors = |number: usize| [0.93 * ((number % 5) as f32 - 2.0), 1.1 * (number % 3) as f32 - 0.7];
        for number in 1..60 {
            early = early.carried(&motion(80, 80, vectors(number)), number, 6);
            if number >= 30 {
                late = late.carried(&motion(80, 80, vectors(number)), number, 6);
            }
        }
        let (early, late) = (early.places(), late.places());
        let other = early.iter().zip(&*late).filter(|(a, b)| a != b).count();
        assert!(other < early.len() / 20, "{other} of {}", early.len());
    }

    #[test]
    fn unknown_motion_leaves_grains_where_they_are() {
        let mut motion = motion(40, 20, [-4.0, 0.0]);
        motion.bad.fill(true);
        let still = Grains::still(20, 10);
        assert_eq!(still.carried(&motion, 3, NEVER), still);
    }
}
