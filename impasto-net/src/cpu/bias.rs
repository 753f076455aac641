//! Derivatives by biases.

use rayon::prelude::*;

/// Stretches of positions whose sums are added in order: the result does not depend on the number of threads.
const STRETCHES: usize = 16;

/// Adds to `dbias` the sum of the cotangent `dy` over all positions, plane by plane.
pub fn bias_vjp(dy: &[f32], dbias: &mut [f32]) {
    let channels = dbias.len();
    let stretch = (dy.len() / channels).div_ceil(STRETCHES).max(1) * channels;
    let sums: Vec<Vec<f32>> = dy
        .par_chunks(stretch)
        .map(|dy| {
            let mut sum = vec![0.0; channels];
            for dy in dy.chunks_exact(channels) {
                sum.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
            }
            sum
        })
        .collect();
    for sum in sums {
        dbias.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
    }
}
