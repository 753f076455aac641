//! Channel statistics of a feature map and the gradient of a loss on them.

use crate::Map;

/// First and raw second moments of a map's channels over its positions.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Mean of every channel.
    pub mean: Vec<f64>,
    /// `channels × channels` means of products (the Gram matrix divided by positions), row-major and symmetric;
    /// empty unless asked for.
    pub second: Vec<f64>,
    /// Mean square of every channel (the diagonal of `second`), always present.
    pub square: Vec<f64>,
}

/// Computes the moments of `map`; the full second-moment matrix only if `full`.
pub fn moments(map: Map<'_>, full: bool) -> Moments {
    let c = map.channels;
    let n = map.positions() as f64;
    let mut mean = vec![0.0; c];
    let mut square = vec![0.0; c];
    let mut second = vec![0.0; if full { c * c } else { 0 }];
    for x in map.data.chunks_exact(c) {
        for i in 0..c {
            mean[i] += x[i] as f64 / n;
            square[i] += x[i] as f64 * x[i] as f64 / n;
        }
        if full {
            for i in 0..c {
                for j in 0..c {
                    second[i * c + j] += x[i] as f64 * x[j] as f64 / n;
                }
            }
        }
    }
    Moments { mean, second, square }
}

/// How the gradient of a loss on channel statistics depends on the map itself: at every position
/// `gradient += matrix · x + diagonal ∘ x + offset`.
#[derive(Clone, Debug, Default)]
pub struct Affine {
    /// Symmetric `channels × channels` matrix, row-major; empty means none.
    pub matrix: Vec<f32>,
    /// One factor a channel; empty means none.
    pub diagonal: Vec<f32>,
    /// One value a channel; empty means none.
    pub offset: Vec<f32>,
}

/// Adds the affine image of every position of `map` to `gradient`, laid out as `map.data`.
pub fn add_affine(map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
    let c = map.channels;
    for (x, g) in map.data.chunks_exact(c).zip(gradient.chunks_exact_mut(c)) {
        for i in 0..c {
            let mut v = affine.offset.get(i).copied().unwrap_or(0.0);
            v += affine.diagonal.get(i).copied().unwrap_or(0.0) * x[i];
            if !affine.matrix.is_empty() {
                v += affine.matrix[i * c..][..c].iter().zip(x).map(|(m, x)| m * x).sum::<f32>();
            }
            g[i] += v;
        }
    }
}
