//! The most similar patch outside of the hole for each that reaches into it (PatchMatch).

use super::level::Level;
use rand_chacha::{ChaCha8Rng, rand_core::Rng};
use rayon::prelude::*;

/// What a find as far away as the picture's long side costs: of patches about as similar, the nearer belongs to the same
/// thing.
const FARNESS: f32 = 6.0;

/// Pixels from a patch's middle to its border.
pub(super) const RADIUS: usize = 3;

/// What each of a level's targets has found.
pub(super) struct Field {
    size: (usize, usize),
    /// Place of every target in `sources`, by pixel; `usize::MAX` for others.
    number: Vec<usize>,
    /// The middle of the patch found, for each of the level's targets.
    pub(super) sources: Vec<usize>,
    /// How unlike it is.
    pub(super) distances: Vec<f32>,
    /// All middles of patches that may be found.
    choices: Vec<usize>,
}

impl Field {
    /// A field that begins with `guess`, a field of this size's, or at random; none if nothing can be found.
    pub(super) fn new(level: &Level, guess: Option<Field>, generator: &mut ChaCha8Rng) -> Option<Self> {
        let choices: Vec<usize> = (0..level.sources.len()).filter(|&i| level.sources[i]).collect();
        if choices.is_empty() {
            return None;
        }
        let mut number = vec![usize::MAX; level.rgb.len()];
        level.targets.iter().enumerate().for_each(|(n, &target)| number[target] = n);
        let sources: Vec<usize> = level
            .targets
            .iter()
            .map(|&target| {
                let guessed = guess.as_ref().and_then(|guess| guess.of(target));
                guessed.filter(|&source| level.sources[source]).unwrap_or_else(|| pick(&choices, generator))
            })
            .collect();
        let distances = vec![f32::INFINITY; sources.len()];
        Some(Field { size: (level.width, level.height), number, sources, distances, choices })
    }

    /// What the target at a pixel has found.
    fn of(&self, pixel: usize) -> Option<usize> {
        self.sources.get(*self.number.get(pixel)?).copied()
    }

    /// A field of the same offsets for a larger picture of `size` (width, height), as a guess only.
    pub(super) fn enlarged(&self, (width, height): (usize, usize)) -> Field {
        let mut field =
            Field { size: (width, height), number: vec![usize::MAX; width * height], ..self.empty() };
        let scale = |v: usize, from: usize, to: usize| (v * from / to).min(from - 1);
        for pixel in 0..width * height {
            let (x, y) = (pixel % width, pixel / width);
            let (sx, sy) = (scale(x, self.size.0, width), scale(y, self.size.1, height));
            if let Some(source) = self.of(sy * self.size.0 + sx) {
                let along = |v: usize, small: usize, found: usize, from: usize, to: usize| {
                    let offset = (found as f64 - small as f64) * to as f64 / from as f64;
                    (v as f64 + offset).round().clamp(0.0, to as f64 - 1.0) as usize
                };
                let x = along(x, sx, source % self.size.0, self.size.0, width);
                let y = along(y, sy, source / self.size.0, self.size.1, height);
                field.number[pixel] = field.sources.len();
                field.sources.push(y * width + x);
            }
        }
        field
    }

    fn empty(&self) -> Field {
        Field { size: self.size, number: vec![], sources: vec![], distances: vec![], choices: vec![] }
    }

    /// Tries everything for every target; for small levels, where what is found decides all that follows.
    pub(super) fn search_all(&mut self, level: &Level) {
        let finds = level.targets.par_iter().zip(&self.sources).map(|(&target, &source)| {
            let first = (distance(level, target, source, f32::INFINITY), source);
            self.choices.iter().fold(first, |best, &choice| {
                let found = distance(level, target, choice, best.0);
                if found < best.0 { (found, choice) } else { best }
            })
        });
        (self.distances, self.sources) = finds.unzip();
    }

    /// One search forwards and one backwards: from the neighbours' finds, then at random in shrinking squares.
    pub(super) fn search(&mut self, level: &Level, generator: &mut ChaCha8Rng) {
        for n in 0..self.sources.len() {
            self.distances[n] = distance(level, level.targets[n], self.sources[n], f32::INFINITY);
        }
        let count = self.sources.len();
        for backwards in [false, true] {
            for step in 0..count {
                let n = if backwards { count - 1 - step } else { step };
                let (target, width) = (level.targets[n], level.width);
                let x = target % width;
                let neighbours: [Option<usize>; 2] = if backwards {
                    [(x + 1 < width).then_some(target + 1), Some(target + width)]
                } else {
                    [(x > 0).then(|| target - 1), target.checked_sub(width)]
                };
                for neighbour in neighbours.into_iter().flatten() {
                    if let Some(found) = self.of(neighbour) {
                        self.try_source(level, n, (found + target).wrapping_sub(neighbour));
                    }
                }
                let mut side = level.width.max(level.height);
                while side > 1 {
                    let near = self.sources[n];
                    let (x, y) = (near % width, near / width);
                    let x = within(x, side, width, generator);
                    let y = within(y, side, level.height, generator);
                    self.try_source(level, n, y * width + x);
                    side /= 2;
                }
                let any = pick(&self.choices, generator);
                self.try_source(level, n, any);
            }
        }
    }

    fn try_source(&mut self, level: &Level, n: usize, source: usize) {
        if !level.sources.get(source).is_some_and(|&is| is) {
            return;
        }
        let found = distance(level, level.targets[n], source, self.distances[n]);
        if found < self.distances[n] {
            (self.sources[n], self.distances[n]) = (source, found);
        }
    }
}

/// How unlike two patches are, given by their middles, and what the way between them costs; some value at least `enough`
/// once that is reached.
///
/// Squared differences count as far as the target's pixels are to be relied on: where the hole begins, what is known
/// decides.
fn distance(level: &Level, target: usize, source: usize, enough: f32) -> f32 {
    let radius = RADIUS as isize;
    let (x, y) = ((target % level.width) as isize, (target / level.width) as isize);
    let (sx, sy) = ((source % level.width) as isize, (source / level.width) as isize);
    let far = ((x - sx) as f32).hypot((y - sy) as f32);
    let cost = FARNESS * far / level.width.max(level.height) as f32;
    let mut sum = 0.0;
    let most = level.weights[target];
    for dy in -radius..=radius {
        for dx in -radius..=radius {
            let (a, trust) = level.at(x + dx, y + dy);
            let b = level.rgb[(source as isize + dy * level.width as isize + dx) as usize];
            sum += trust * (0..3).map(|c| (a[c] - b[c]) * (a[c] - b[c])).sum::<f32>();
        }
        if cost + sum / most >= enough {
            break;
        }
    }
    cost + sum / most
}

/// One of `choices`, of which there must be one.
fn pick(choices: &[usize], generator: &mut ChaCha8Rng) -> usize {
    choices[below(choices.len(), generator)]
}

/// A whole number below `n`.
fn below(n: usize, generator: &mut ChaCha8Rng) -> usize {
    ((u128::from(generator.next_u64()) * n as u128) >> 64) as usize
}

/// A place at most `side` from `v` and below `n`.
fn within(v: usize, side: usize, n: usize, generator: &mut ChaCha8Rng) -> usize {
    let (first, last) = (v.saturating_sub(side), (v + side).min(n - 1));
    first + below(last - first + 1, generator)
}
