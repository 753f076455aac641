//! Channel statistics and their gradients against plain sums in f64.

use crate::{case::noise_of, distance::relative_error};
use impasto_net::{
    Map,
    cpu::{Cpu, Isa},
    device::Device,
    statistics::{Affine, Positions, add_affine, moments},
};

const CHANNELS: [usize; 10] = [1, 3, 5, 16, 17, 32, 33, 64, 100, 130];
const SIZES: [(usize, usize); 6] = [(1, 1), (1, 17), (5, 7), (16, 16), (13, 29), (70, 61)];

/// Values as after a ReLU with a bias: means far from zero, some exact zeros.
fn values(channels: usize, (height, width): (usize, usize)) -> Vec<f32> {
    let noise = noise_of((channels * 31 + height * 7 + width) as u64, height * width * channels);
    noise.into_iter().map(|v| (3.0 * v + 1.0).max(0.0)).collect()
}

/// Σ over positions of f(position's channels), divided by their number.
fn mean_of(data: &[f32], channels: usize, f: impl Fn(&[f32]) -> f64) -> f64 {
    let positions = data.len() / channels;
    data.chunks_exact(channels).map(f).sum::<f64>() / positions as f64
}

fn assert_close(found: &[f64], expected: &[f64], context: &str) {
    let found: Vec<f32> = found.iter().map(|&v| v as f32).collect();
    let error = relative_error(&found, expected);
    assert!(error < 2e-6, "{context}: {error:.1e}");
}

#[test]
fn moments_are_the_sums_they_stand_for() {
    for (channels, size) in CHANNELS.into_iter().flat_map(|c| SIZES.map(|size| (c, size))) {
        let data = values(channels, size);
        let map = Map { height: size.0, width: size.1, channels, data: &data };
        let product = |i: usize, j: usize| mean_of(&data, channels, |x| x[i] as f64 * x[j] as f64);
        let mean: Vec<f64> = (0..channels).map(|i| mean_of(&data, channels, |x| x[i] as f64)).collect();
        let square: Vec<f64> = (0..channels).map(|i| product(i, i)).collect();
        let second: Vec<f64> =
            (0..channels * channels).map(|at| product(at / channels, at % channels)).collect();
        for isa in Isa::available() {
            let context = format!("{isa:?}, {channels} channels, {size:?}");
            let full = Cpu { isa, precise: false }.moments(map, true);
            assert_close(&full.mean, &mean, &context);
            assert_close(&full.square, &square, &context);
            assert_close(&full.second, &second, &context);
            let symmetric =
                |at: usize| full.second[at] == full.second[at % channels * channels + at / channels];
            assert!((0..channels * channels).all(symmetric), "{context}");
            let short = Cpu { isa, precise: false }.moments(map, false);
            assert!(short.second.is_empty());
            assert_eq!((&short.mean, &short.square), (&full.mean, &full.square), "{context}");
        }
        assert_eq!(moments(map, true), Cpu::default().moments(map, true));
    }
}

#[test]
fn affine_images_are_added_at_every_position() {
    for (channels, size) in CHANNELS.into_iter().flat_map(|c| SIZES.map(|size| (c, size))) {
        let data = values(channels, size);
        let map = Map { height: size.0, width: size.1, channels, data: &data };
        let (diagonal, offset) = (noise_of(2, channels), noise_of(3, channels));
        let mut matrix = noise_of(4, channels * channels);
        for i in 0..channels {
            for j in 0..i {
                matrix[i * channels + j] = matrix[j * channels + i];
            }
        }
        let before = noise_of(5, data.len());
        for parts in 0..8 {
            let part =
                |bit: u32, values: &[f32]| if parts >> bit & 1 == 1 { values.to_vec() } else { vec![] };
            let affine =
                Affine { matrix: part(0, &matrix), diagonal: part(1, &diagonal), offset: part(2, &offset) };
            let mut expected = Vec::with_capacity(data.len());
            for (x, g) in data.chunks_exact(channels).zip(before.chunks_exact(channels)) {
                for i in 0..channels {
                    let dot =
                        |row: &[f32]| row.iter().zip(x).map(|(m, x)| *m as f64 * *x as f64).sum::<f64>();
                    let mut sum = g[i] as f64;
                    sum += affine.matrix.get(i * channels..(i + 1) * channels).map_or(0.0, dot);
                    sum += affine.diagonal.get(i).map_or(0.0, |d| *d as f64 * x[i] as f64);
                    sum += affine.offset.get(i).map_or(0.0, |o| *o as f64);
                    expected.push(sum);
                }
            }
            for isa in Isa::available() {
                let mut found = before.clone();
                Cpu { isa, precise: false }.add_affine(map, &affine, &mut found);
                let error = relative_error(&found, &expected);
                assert!(error < 1e-6, "{isa:?}, {channels} channels, {size:?}, parts {parts}: {error:.1e}");
            }
            let (mut one, mut other) = (before.clone(), before.clone());
            add_affine(map, &affine, &mut one);
            Cpu::default().add_affine(map, &affine, &mut other);
            assert_eq!(one, other);
        }
    }
}

#[test]
fn weighted_statistics_are_the_weighted_sums() {
    for (channels, size) in [(3, (5, 7)), (17, (13, 29)), (33, (150, 130))] {
        let data = values(channels, size);
        let map = Map { height: size.0, width: size.1, channels, data: &data };
        let weights: Vec<f32> = noise_of(9, size.0 * size.1).into_iter().map(|v| v.max(0.0)).collect();
        let total: f64 = weights.iter().map(|&w| w as f64).sum();
        let weighted = |f: &dyn Fn(&[f32]) -> f64| -> f64 {
            data.chunks_exact(channels).zip(&weights).map(|(x, &w)| w as f64 * f(x)).sum::<f64>() / total
        };
        let mean: Vec<f64> = (0..channels).map(|i| weighted(&|x| x[i] as f64)).collect();
        let second: Vec<f64> = (0..channels * channels)
            .map(|at| weighted(&|x| x[at / channels] as f64 * x[at % channels] as f64))
            .collect();
        let positions = Positions::new(&weights);
        let found = positions.moments(map, true);
        let context = format!("{channels} channels, {size:?}");
        assert_close(&found.mean, &mean, &context);
        assert_close(&found.second, &second, &context);
        let squares: Vec<f64> = (0..channels).map(|i| second[i * channels + i]).collect();
        assert_close(&positions.moments(map, false).square, &squares, &context);

        let offset = noise_of(3, channels);
        let affine = Affine { offset: offset.clone(), ..Affine::default() };
        let mut gradient = vec![0.0; data.len()];
        positions.add_affine(map, &affine, &mut gradient);
        let scale = weights.len() as f64 / total;
        let expected: Vec<f64> =
            weights.iter().flat_map(|&w| offset.iter().map(move |&o| w as f64 * scale * o as f64)).collect();
        assert!(relative_error(&gradient, &expected) < 1e-6, "{context}");
    }
    // Weights of one are no weights.
    let data = values(16, (16, 16));
    let map = Map { height: 16, width: 16, channels: 16, data: &data };
    assert_eq!(Positions::new(&[1.0; 256]).moments(map, true), moments(map, true));
    let nothing = Positions::new(&[0.0; 256]).moments(map, true);
    assert!(nothing.mean.iter().chain(&nothing.second).all(|v| *v == 0.0));
}
