//! Vectors in this machine's memory.

use crate::vector::{CHUNK, apply, apply_with, apply_with2, combine, dot, map, norm1, sum};
use impasto_net::engine::{
    Space, Vector,
    space::{AdamStep, Each, Sum},
};
use rayon::prelude::*;
use std::{any::Any, borrow::Cow};

/// Vectors of one length, here.
pub(super) struct Host {
    len: usize,
    vectors: Vec<Vec<f32>>,
    expected: Vec<Sum>,
}

impl Host {
    /// Of this length.
    pub(super) fn new(len: usize) -> Self {
        Host { len, vectors: Vec::new(), expected: Vec::new() }
    }

    fn get(&self, vector: Vector) -> &[f32] {
        &self.vectors[vector.0]
    }

    /// `to` = f(a), where a may be `to`.
    fn one(&mut self, a: Vector, to: Vector, f: impl Fn(f32) -> f32 + Sync) {
        let mut out = self.take(to);
        match a == to {
            true => apply(&mut out, f),
            false => map(self.get(a), &mut out, f),
        }
        self.put(to, out);
    }

    /// `to` = f(a, b), where a may be `to`.
    fn two(&mut self, [a, b]: [Vector; 2], to: Vector, f: impl Fn(f32, f32) -> f32 + Sync) {
        let mut out = self.take(to);
        match a == to {
            true => apply_with(&mut out, self.get(b), f),
            false => combine(self.get(a), self.get(b), &mut out, f),
        }
        self.put(to, out);
    }
}

/// Whether the variable `x` rests on a bound and `step` leads past it.
fn leads_out(x: f32, step: f32, [low, high]: [f32; 2]) -> bool {
    (x <= low && step < 0.0) || (x >= high && step > 0.0)
}

impl Space for Host {
    fn len(&self) -> usize {
        self.len
    }

    fn vector(&mut self) -> Vector {
        self.vectors.push(vec![0.0; self.len]);
        Vector(self.vectors.len() - 1)
    }

    fn read(&self, from: Vector) -> Cow<'_, [f32]> {
        Cow::Borrowed(self.get(from))
    }

    fn take(&mut self, from: Vector) -> Vec<f32> {
        std::mem::take(&mut self.vectors[from.0])
    }

    fn put(&mut self, to: Vector, values: Vec<f32>) {
        debug_assert_eq!(values.len(), self.len);
        self.vectors[to.0] = values;
    }

    fn each(&mut self, what: Each, from: &[Vector], to: Vector) {
        match (what, from) {
            (Each::Scaled(factor), &[a]) => self.one(a, to, |a| a * factor),
            (Each::Within([low, high]), &[a]) => self.one(a, to, |a| a.clamp(low, high)),
            (Each::Sum { factor, bounds: None }, &[a, b]) => self.two([a, b], to, |a, b| a + factor * b),
            (Each::Sum { factor, bounds: Some([low, high]) }, &[a, b]) => {
                self.two([a, b], to, |a, b| (a + factor * b).clamp(low, high));
            }
            (Each::Difference, &[a, b]) => self.two([a, b], to, |a, b| a - b),
            (Each::Where, &[a, b]) => self.two([a, b], to, |a, b| if b == 0.0 { 0.0 } else { a }),
            (Each::Free(bounds), &[a, b, c]) => {
                if a != to {
                    self.copy(a, to);
                }
                let mut out = self.take(to);
                apply_with2(&mut out, self.get(b), self.get(c), |d, x, g| {
                    if leads_out(x, d, bounds) || leads_out(x, -g, bounds) { 0.0 } else { d }
                });
                self.put(to, out);
            }
            (what, from) => unreachable!("{what:?} of {} vectors", from.len()),
        }
    }

    fn sums(&mut self, sums: &[Sum]) -> Vec<f64> {
        let of = |vector: Vector| self.get(vector);
        let one =
            |asked: &Sum| match *asked {
                Sum::Products(a, b) => dot(of(a), of(b)),
                Sum::Differences([a, b], [c, d]) => {
                    sum([of(a), of(b), of(c), of(d)], |[a, b, c, d]| f64::from(a - b) * f64::from(c - d))
                }
                Sum::Change { of: [a, b], by } => {
                    sum([of(a), of(b), of(by)], |[a, b, c]| f64::from(a - b) * f64::from(c))
                }
                Sum::Changed { of: [a, b], along: [c, d] } => sum(
                    [of(a), of(b), of(c), of(d)],
                    |[a, b, c, d]| {
                        if c == d { 0.0 } else { f64::from(a - b).powi(2) }
                    },
                ),
                Sum::Free { x, gradient, bounds } => sum([of(x), of(gradient)], |[x, g]| {
                    if leads_out(x, -g, bounds) { 0.0 } else { f64::from(g).powi(2) }
                }),
                Sum::Absolute(a) => norm1(of(a)),
                Sum::Slope { x, direction, gradient, bounds } => {
                    sum([of(x), of(direction), of(gradient)], |[x, d, g]| {
                        if leads_out(x, d, bounds) { 0.0 } else { f64::from(d) * f64::from(g) }
                    })
                }
            };
        sums.iter().map(one).collect()
    }

    fn expect(&mut self, sums: &[Sum]) {
        self.expected = sums.to_vec();
    }

    fn expected(&mut self) -> Vec<f64> {
        let sums = std::mem::take(&mut self.expected);
        self.sums(&sums)
    }

    fn adam(&mut self, step: &AdamStep, vectors: [Vector; 5], gradient: Vector) {
        let [mut x, mut first, mut second, mut sum, mut result] = vectors.map(|vector| self.take(vector));
        let [b1, b2] = step.betas;
        let [low, high] = step.bounds;
        x.par_chunks_mut(CHUNK)
            .zip(self.get(gradient).par_chunks(CHUNK))
            .zip(first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)))
            .zip(sum.par_chunks_mut(CHUNK).zip(result.par_chunks_mut(CHUNK)))
            .for_each(|(((x, g), (m, v)), (sum, result))| {
                for i in 0..x.len() {
                    m[i] = b1 * m[i] + (1.0 - b1) * g[i];
                    v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
                    let size = (v[i] * step.correct_square).sqrt() + 1e-15;
                    x[i] = (x[i] - step.step * m[i] / size).clamp(low, high);
                    sum[i] = step.decay * sum[i] + (1.0 - step.decay) * x[i];
                    result[i] = sum[i] * step.correct_average;
                }
            });
        for (vector, values) in vectors.into_iter().zip([x, first, second, sum, result]) {
            self.put(vector, values);
        }
    }

    fn is_elsewhere(&self) -> bool {
        false
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
