//! A picture with a hole at one size.

use super::search::{Field, RADIUS};
use crate::Error;
use impasto_image::{Mask, Picture, resize};
use rand_chacha::{ChaCha8Rng, rand_core::Rng};

/// Share of what surrounds the hole that a pixel must have to be known.
const KNOWN: f32 = 0.99;

/// Rounds of blurring colours into the hole; at the coarsest level holes are small.
const BLURS: usize = 800;

/// Noise put upon the blur: without it the most similar patches would be the smoothest ones.
const NOISE: f32 = 0.1;

/// How much a patch counts less that is as unlike its source as patches are on average. More would favour the smoothest.
const UNLIKENESS: f64 = 0.3;

/// By which factor a patch counts less with every pixel that its middle is deeper in the hole (Wexler et al.).
const DEEPER: f64 = 1.3;

/// Pixels, and what is known of them.
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Colours as they stand.
    pub(super) rgb: Vec<[f32; 3]>,
    /// Whether a pixel is in the hole.
    pub(super) missing: Vec<bool>,
    /// Pixels whose patch lies in the picture and has nothing of the hole.
    pub(super) sources: Vec<bool>,
    /// Pixels whose patch has something of the hole.
    pub(super) targets: Vec<usize>,
    /// How much each of them is to be relied on.
    confidence: Vec<f64>,
    /// How much every pixel is to be relied on: wholly outside of the hole, less the deeper in it.
    trust: Vec<f32>,
    /// Mean reliance of every patch's pixels, for targets only.
    pub(super) weights: Vec<f32>,
}

impl Level {
    /// The picture at `size` (width, height), without what is in the hole or transparent.
    pub(super) fn new(picture: &Picture, hole: &Mask, size: (usize, usize)) -> Result<Self, Error> {
        let mut known = hole.inverted();
        if let Some(visible) = Mask::from_alpha(picture) {
            known = known.times(&visible)?;
        }
        // Weights of resampling, so that nothing of the hole's colours is left.
        let picture = picture.clone().without_alpha().with_alpha(known.values().to_vec())?;
        let (width, height, rgb, alpha) = resize(&picture, size.0, size.1)?.into_parts();
        let alpha = alpha.unwrap_or_default();
        let taken = hole.resized(width, height)?;
        let missing: Vec<bool> = taken.values().iter().map(|&v| v > 1.0 - KNOWN).collect();
        let unusable: Vec<bool> = alpha.iter().map(|&a| a < KNOWN).collect();
        let near = |flags: &[bool]| reach(flags, width, height);
        let targets = near(&missing);
        let targets: Vec<usize> = (0..width * height).filter(|&i| targets[i]).collect();
        let depths = depths(&missing, width);
        let trust: Vec<f64> = depths.iter().map(|&depth| DEEPER.powi(-depth.min(64))).collect();
        let confidence = targets.iter().map(|&i| trust[i]).collect();
        let trust = trust.into_iter().map(|v| v as f32).collect();
        let margin = |i: usize, n: usize| i >= RADIUS && i + RADIUS < n;
        let spoilt = near(&unusable);
        let sources =
            (0..width * height).map(|i| !spoilt[i] && margin(i % width, width) && margin(i / width, height));
        let sources = sources.collect();
        let rgb = rgb.as_chunks().0.to_vec();
        let weights = Vec::new();
        let mut level = Level { width, height, rgb, missing, sources, targets, confidence, trust, weights };
        level.weights = vec![1.0; width * height];
        for &target in &level.targets {
            let (x, y) = ((target % width) as isize, (target / width) as isize);
            let radius = RADIUS as isize;
            let offsets = || (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
            let sum: f32 = offsets().map(|(dx, dy)| level.at(x + dx, y + dy).1).sum();
            level.weights[target] = sum / offsets().count() as f32;
        }
        Ok(level)
    }

    /// Takes the hole's colours from a picture of this size.
    pub(super) fn begin_with(&mut self, picture: &Picture) {
        let pixels = self.rgb.iter_mut().zip(&self.missing).zip(picture.rgb().as_chunks().0);
        pixels.filter(|((_, missing), _)| **missing).for_each(|((to, _), from)| *to = *from);
    }

    /// Lets the colours around the hole flow into it, with some noise.
    pub(super) fn begin_blurred(&mut self, generator: &mut ChaCha8Rng) {
        let known = self.rgb.iter().zip(&self.missing).filter(|(_, missing)| !**missing);
        let (mut mean, mut count) = ([0.0f64; 3], 0.0);
        for (rgb, _) in known {
            (0..3).for_each(|c| mean[c] += f64::from(rgb[c]));
            count += 1.0;
        }
        let mean = mean.map(|sum| if count > 0.0 { (sum / count) as f32 } else { 0.5 });
        let holes: Vec<usize> = (0..self.rgb.len()).filter(|&i| self.missing[i]).collect();
        holes.iter().for_each(|&i| self.rgb[i] = mean);
        for _ in 0..BLURS {
            for &i in &holes {
                let (x, y) = (i % self.width, i / self.width);
                let mut sum = [0.0; 3];
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                    let (near, _) = self.at(x as isize + dx, y as isize + dy);
                    (0..3).for_each(|c| sum[c] += near[c] / 4.0);
                }
                self.rgb[i] = sum;
            }
        }
        for &i in &holes {
            let noise = NOISE * ((generator.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0);
            self.rgb[i].iter_mut().for_each(|v| *v += noise);
        }
    }

    /// The colour at a place, and how much it is to be relied on; beyond the border those of the border.
    pub(super) fn at(&self, x: isize, y: isize) -> ([f32; 3], f32) {
        let clamp = |v: isize, n: usize| v.clamp(0, n as isize - 1) as usize;
        let i = clamp(y, self.height) * self.width + clamp(x, self.width);
        (self.rgb[i], self.trust[i])
    }

    /// Gives every pixel of the hole what the source of one of its patches has in its place: of the patch that is most to be
    /// relied on, being less deep in the hole and more like its source. A mean would be smoother than any brushwork.
    pub(super) fn vote(&mut self, field: &Field) {
        let mut chosen = vec![([0.0f32; 3], 0.0f64); self.rgb.len()];
        let mean =
            field.distances.iter().map(|&d| f64::from(d)).sum::<f64>() / self.targets.len().max(1) as f64;
        let radius = RADIUS as isize;
        let found = self.targets.iter().zip(&self.confidence).zip(field.sources.iter().zip(&field.distances));
        for ((&target, confidence), (&source, &distance)) in found {
            let weight = confidence * (-UNLIKENESS * f64::from(distance) / mean.max(1e-9)).exp().max(1e-6);
            let (x, y) = ((target % self.width) as isize, (target / self.width) as isize);
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    let (x, y) = (x + dx, y + dy);
                    if x < 0 || y < 0 || x >= self.width as isize || y >= self.height as isize {
                        continue;
                    }
                    let here = y as usize * self.width + x as usize;
                    if self.missing[here] {
                        let from = self.rgb[(source as isize + dy * self.width as isize + dx) as usize];
                        if weight > chosen[here].1 {
                            chosen[here] = (from, weight);
                        }
                    }
                }
            }
        }
        for (rgb, (color, weight)) in self.rgb.iter_mut().zip(chosen) {
            if weight > 0.0 {
                *rgb = color;
            }
        }
    }

    /// The colours as a picture.
    pub(super) fn picture(&self) -> Result<Picture, Error> {
        Ok(Picture::new(self.width, self.height, self.rgb.as_flattened().to_vec())?)
    }
}

/// Whether a patch around each pixel has any of the flagged ones.
fn reach(flags: &[bool], width: usize, height: usize) -> Vec<bool> {
    let mut rows = vec![false; flags.len()];
    let mut all = vec![false; flags.len()];
    for i in (0..flags.len()).filter(|&i| flags[i]) {
        let (x, y) = (i % width, i / width);
        rows[y * width + x.saturating_sub(RADIUS)..y * width + (x + RADIUS + 1).min(width)].fill(true);
    }
    for i in (0..rows.len()).filter(|&i| rows[i]) {
        let (x, y) = (i % width, i / width);
        (y.saturating_sub(RADIUS)..(y + RADIUS + 1).min(height)).for_each(|y| all[y * width + x] = true);
    }
    all
}

/// How many steps along rows and columns every flagged pixel is from one that is not; 0 for those. The border counts as
/// flagged.
fn depths(flags: &[bool], width: usize) -> Vec<i32> {
    let mut depths: Vec<i32> = flags.iter().map(|&flag| if flag { i32::MAX / 2 } else { 0 }).collect();
    let n = depths.len();
    for i in 0..n {
        let left = if i % width > 0 { depths[i - 1] + 1 } else { i32::MAX / 2 };
        let above = if i >= width { depths[i - width] + 1 } else { i32::MAX / 2 };
        depths[i] = depths[i].min(left).min(above);
    }
    for i in (0..n).rev() {
        let right = if i % width + 1 < width { depths[i + 1] + 1 } else { i32::MAX / 2 };
        let below = if i + width < n { depths[i + width] + 1 } else { i32::MAX / 2 };
        depths[i] = depths[i].min(right).min(below);
    }
    depths
}
