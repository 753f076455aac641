//! Uniform noise that depends on a seed and a place only.

use crate::jobs;

/// Values to a job.
const BLOCK: usize = 4096;

/// Fills `y` with values of [0, 1) that are independent to the eye of any test of this use: value `i` of stream `stream`
/// is a hash of the three numbers (the finaliser of MurmurHash3, applied twice).
pub fn noise(seed: u64, stream: u64, y: &mut [f32]) {
    let key = key(seed, stream);
    jobs::each_chunk(y, BLOCK, |block, y| {
        for (i, y) in y.iter_mut().enumerate() {
            let index = (block * BLOCK + i) as u32;
            *y = (hash(hash(index ^ key).wrapping_add(key)) >> 8) as f32 / (1 << 24) as f32;
        }
    });
}

/// What seed and stream come to: value `i` is made of `hash(hash(i ^ key) + key)`.
pub fn key(seed: u64, stream: u64) -> u32 {
    let mixed = (seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash((mixed >> 32) as u32 ^ hash(mixed as u32))
}

/// MurmurHash3's mix of 32 bits (Appleby, public domain).
#[inline(always)]
fn hash(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_uniform_and_white() {
        let mut y = vec![0.0; 100_000];
        noise(7, 3, &mut y);
        let n = y.len() as f64;
        let mean = y.iter().map(|&v| v as f64).sum::<f64>() / n;
        let variance = y.iter().map(|&v| (v as f64 - mean).powi(2)).sum::<f64>() / n;
        assert!((mean - 0.5).abs() < 4.0 / (12.0 * n).sqrt(), "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 1e-3, "{variance}");
        for lag in [1, 3, 48, 1024] {
            let pairs = y.iter().zip(&y[lag..]);
            let product: f64 = pairs.map(|(a, b)| (*a as f64 - mean) * (*b as f64 - mean)).sum();
            assert!((product / n / variance).abs() < 0.015, "lag {lag}");
        }
        let mut other = vec![0.0; y.len()];
        noise(7, 4, &mut other);
        assert_ne!(y, other);
        noise(8, 3, &mut other);
        assert_ne!(y, other);
    }
}
