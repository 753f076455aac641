//! A painting mixed with the one before so that neither strokes nor colours fade.

use impasto_image::Picture;
use rayon::prelude::*;

/// Sides of the squares, in pixels, whose means part a painting into bands: what is finer than the first, what lies between
/// two, and the rest, which are colours without strokes.
const SIDES: [usize; 2] = [5, 15];

/// Side of the square over which the strength of strokes, and what they have in common, is measured.
const AROUND: usize = 9;

/// How far the strength of old strokes is brought to that of new ones, as a factor: what interpolation blurs is made good.
const LEVEL: f32 = 2.0;

/// Difference of the local colours, in [0, 1], at which half as much is kept.
const DRIFT: f32 = 0.2;

/// `now` drawn towards `before`, of the same size, by `most` of the way at most, times what `trust` says of every pixel.
///
/// Colours are mixed as they are, and less where they have become different. Strokes are mixed band by band so that their sum
/// has the strength of the new ones: a plain mean of strokes that have little in common would wash them out, and it is the
/// strength of strokes of every width that a style consists of. With old strokes b and new ones n of equal strength and the
/// correlation ρ, s b + (√(1 − s²(1 − ρ²)) − sρ) n has that strength, too; strokes that agree stay as they are.
pub(super) fn mix(now: &Picture, before: &Picture, trust: &[f32], most: f32) -> Vec<f32> {
    let (width, height) = (now.width(), now.height());
    let mut bands = Vec::new();
    let [mut old, mut new] = [before, now].map(|picture| picture.rgb().to_vec());
    for side in SIDES {
        let coarse = [&old, &new].map(|rgb| local_mean(rgb, (width, height), side));
        let fine = |rgb: &[f32], mean: &[f32]| rgb.par_iter().zip(mean).map(|(a, b)| a - b).collect();
        let fine: [Vec<f32>; 2] = [fine(&old, &coarse[0]), fine(&new, &coarse[1])];
        let powers = local_mean(&powers(&fine[0], &fine[1]), (width, height), AROUND);
        bands.push((fine, powers));
        [old, new] = coarse;
    }
    let mut rgb = vec![0.0; new.len()];
    rgb.par_chunks_mut(3).enumerate().for_each(|(at, pixel)| {
        let place = 3 * at..3 * at + 3;
        let far: f32 =
            old[place.clone()].iter().zip(&new[place.clone()]).map(|(a, b)| (a - b) * (a - b)).sum();
        let share = most * trust[at] / (1.0 + far / (DRIFT * DRIFT));
        for (channel, value) in pixel.iter_mut().enumerate() {
            let i = place.start + channel;
            *value = new[i] + share * (old[i] - new[i]);
        }
        for ([old, new], powers) in &bands {
            let [of_old, of_new, common] = [0, 1, 2].map(|i| powers[place.start + i]);
            let alike = (common / (of_old * of_new).sqrt().max(1e-9)).clamp(-1.0, 1.0);
            let level = share * (of_new / of_old.max(1e-9)).sqrt().clamp(1.0 / LEVEL, LEVEL);
            let anew = (1.0 - share * share * (1.0 - alike * alike)).sqrt() - share * alike;
            for (channel, value) in pixel.iter_mut().enumerate() {
                let i = place.start + channel;
                *value += level * old[i] + anew * new[i];
            }
        }
    });
    rgb
}

/// For every pixel the squares of both and their product, summed over channels.
fn powers(old: &[f32], new: &[f32]) -> Vec<f32> {
    let pixels = old.par_chunks(3).zip(new.par_chunks(3));
    let sums = pixels.map(|(old, new)| {
        let sum = |a: &[f32], b: &[f32]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        [sum(old, old), sum(new, new), sum(old, new)]
    });
    sums.collect::<Vec<[f32; 3]>>().into_flattened()
}

/// The mean of every interleaved triple over a square around it, as far as it lies in the picture.
pub(super) fn local_mean(values: &[f32], (width, height): (usize, usize), side: usize) -> Vec<f32> {
    let around = |at: usize, n: usize| at.saturating_sub(side / 2)..(at + side / 2 + 1).min(n);
    let mut across = vec![0.0; values.len()];
    across.par_chunks_mut(3 * width).zip(values.par_chunks(3 * width)).for_each(|(out, row)| {
        // The sum follows the window: what comes in is added, what goes out taken away.
        let (row, out) = (row.as_chunks::<3>().0, out.as_chunks_mut::<3>().0);
        let (mut sum, mut summed) = ([0.0f32; 3], 0..0);
        for (x, out) in out.iter_mut().enumerate() {
            let window = around(x, width);
            for triple in &row[summed.end..window.end] {
                sum = std::array::from_fn(|c| sum[c] + triple[c]);
            }
            for triple in &row[summed.start..window.start] {
                sum = std::array::from_fn(|c| sum[c] - triple[c]);
            }
            let share = 1.0 / window.len() as f32;
            *out = sum.map(|sum| sum * share);
            summed = window;
        }
    });
    let mut mean = vec![0.0; values.len()];
    mean.par_chunks_mut(3 * width).enumerate().for_each(|(y, out)| {
        let window = around(y, height);
        let share = 1.0 / window.len() as f32;
        for v in window {
            let row = &across[3 * width * v..][..3 * width];
            out.iter_mut().zip(row).for_each(|(out, value)| *out += share * value);
        }
    });
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 48;

    fn noise(seed: usize) -> Picture {
        let hash = |at: usize| {
            let mixed = (at as u32 ^ (seed as u32).wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0xc2b2_ae35);
            (mixed >> 8) as f32 / (1 << 24) as f32
        };
        let rgb = (0..3 * SIZE * SIZE).map(|at| 0.4 + 0.2 * hash(at)).collect();
        Picture::new(SIZE, SIZE, rgb).unwrap()
    }

    fn deviation(rgb: &[f32]) -> f32 {
        let mean = rgb.iter().sum::<f32>() / rgb.len() as f32;
        (rgb.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / rgb.len() as f32).sqrt()
    }

    #[test]
    fn strokes_keep_their_strength_and_come_nearer() {
        let (now, before) = (noise(1), noise(2));
        let mixed = mix(&now, &before, &vec![1.0; SIZE * SIZE], 0.7);
        let (strength, wanted) = (deviation(&mixed), deviation(now.rgb()));
        assert!((strength / wanted - 1.0).abs() < 0.05, "{strength} {wanted}");
        let apart =
            |a: &[f32], b: &[f32]| deviation(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
        assert!(apart(&mixed, before.rgb()) < 0.62 * apart(now.rgb(), before.rgb()));
    }

    #[test]
    fn what_agrees_or_is_not_trusted_stays() {
        let (now, before) = (noise(1), noise(2));
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(&mix(&now, &before, &vec![0.0; SIZE * SIZE], 0.7), now.rgb()));
        assert!(near(&mix(&now, &now, &vec![1.0; SIZE * SIZE], 0.7), now.rgb()));
    }
}
