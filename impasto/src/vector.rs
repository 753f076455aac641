//! Operations on long vectors, parallel and bit-identical for any number of threads.
//!
//! Vectors are cut into chunks of [`CHUNK`] values whatever the thread count; sums are accumulated in f64 within a
//! chunk and the chunks' sums are added in order.

use rayon::prelude::*;

/// Values a task handles at a time; part of the numerical result, so never derived from the machine.
pub(crate) const CHUNK: usize = 1 << 14;

/// Sums `term` over the values of vectors of one length, in f64.
pub(crate) fn sum<const N: usize>(vectors: [&[f32]; N], term: impl Fn([f32; N]) -> f64 + Sync) -> f64 {
    let len = vectors[0].len();
    debug_assert!(vectors.iter().all(|vector| vector.len() == len));
    let chunk = |start: usize| {
        let vectors = vectors.map(|vector| &vector[start..len.min(start + CHUNK)]);
        // Eight independent accumulators, so that the compiler can use vector registers without reordering sums.
        let mut lanes = [0.0f64; 8];
        let whole = vectors.map(|vector| vector.as_chunks::<8>().0);
        for i in 0..whole[0].len() {
            let values = whole.map(|whole| whole[i]);
            for lane in 0..8 {
                lanes[lane] += term(values.map(|values| values[lane]));
            }
        }
        let rest = vectors.map(|vector| vector.as_chunks::<8>().1);
        for lane in 0..rest[0].len() {
            lanes[lane] += term(rest.map(|rest| rest[lane]));
        }
        lanes.iter().sum::<f64>()
    };
    let partial: Vec<f64> = (0..len.div_ceil(CHUNK)).into_par_iter().map(|at| chunk(at * CHUNK)).collect();
    partial.iter().sum()
}

/// Inner product.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    sum([a, b], |[a, b]| f64::from(a) * f64::from(b))
}

/// Sum of squares.
pub(crate) fn sum_of_squares(a: &[f32]) -> f64 {
    dot(a, a)
}

/// Sum of absolute values.
pub(crate) fn norm1(a: &[f32]) -> f64 {
    sum([a], |[a]| f64::from(a).abs())
}

/// `out = f(a, b)`, value by value.
pub(crate) fn combine(a: &[f32], b: &[f32], out: &mut [f32], f: impl Fn(f32, f32) -> f32 + Sync) {
    out.par_chunks_mut(CHUNK).zip(a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK))).for_each(|(out, (a, b))| {
        for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *out = f(*a, *b);
        }
    });
}

/// `a = f(a)`, value by value.
pub(crate) fn apply(a: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    a.par_chunks_mut(CHUNK).for_each(|a| {
        for a in a {
            *a = f(*a);
        }
    });
}

/// `a = f(a, b)`, value by value.
pub(crate) fn apply_with(a: &mut [f32], b: &[f32], f: impl Fn(f32, f32) -> f32 + Sync) {
    a.par_chunks_mut(CHUNK).zip(b.par_chunks(CHUNK)).for_each(|(a, b)| {
        for (a, b) in a.iter_mut().zip(b) {
            *a = f(*a, *b);
        }
    });
}

/// `a = f(a, b, c)`, value by value.
pub(crate) fn apply_with2(a: &mut [f32], b: &[f32], c: &[f32], f: impl Fn(f32, f32, f32) -> f32 + Sync) {
    a.par_chunks_mut(CHUNK).zip(b.par_chunks(CHUNK).zip(c.par_chunks(CHUNK))).for_each(|(a, (b, c))| {
        for (a, (b, c)) in a.iter_mut().zip(b.iter().zip(c)) {
            *a = f(*a, *b, *c);
        }
    });
}

/// `out = f(a)`, value by value.
pub(crate) fn map(a: &[f32], out: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    out.par_chunks_mut(CHUNK).zip(a.par_chunks(CHUNK)).for_each(|(out, a)| {
        for (out, a) in out.iter_mut().zip(a) {
            *out = f(*a);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_number_of_threads() {
        let a: Vec<f32> = (0..100_003u64).map(|i| ((i * 7919) % 1013) as f32 * 0.37 - 150.0).collect();
        let b: Vec<f32> = (0..100_003u64).map(|i| ((i * 104_729) % 997) as f32 * 0.11 - 40.0).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
            pool.install(|| [dot(&a, &b), norm1(&a)].map(f64::to_bits))
        };
        assert_eq!(run(1), run(3));
        let plain: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        assert!((dot(&a, &b) - plain).abs() <= 1e-9 * plain.abs());
    }
}
