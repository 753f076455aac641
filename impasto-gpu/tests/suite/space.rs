//! Vectors of optimisers on graphics processors, against plain sums.

use crate::{case::noise_of, common::gpus};
use impasto_gpu::Gpu;
use impasto_net::{
    Model, Plan, Purpose,
    engine::{
        Space, Vector,
        space::{AdamStep, Each, Pair, Sum},
    },
    network::{InputConvention, Network, Op},
    weights::Weights,
};
use std::collections::BTreeMap;

/// A space of the device's, which plans give.
fn space(gpu: &Gpu, len: usize) -> Box<dyn Space> {
    let mut network = Network::new("none", InputConvention::UNCHANGED);
    network.push("last", Op::Relu, &[0]);
    let model = Model::new(network, Weights::new(BTreeMap::new(), BTreeMap::new()), None).unwrap();
    let model = model.on(Some(crate::common::placement(gpu)));
    Plan::of_last(&model, 4, 4, Purpose::Gradient).unwrap().space(len, 12).expect("a space")
}

fn with(space: &mut dyn Space, values: &[f32]) -> Vector {
    let vector = space.vector();
    space.put(vector, values.to_vec());
    vector
}

fn close(found: &[f32], expected: &[f64], what: &str) {
    let norm = expected.iter().map(|e| e * e).sum::<f64>().sqrt();
    let pairs = found.iter().zip(expected);
    let error = pairs.map(|(f, e)| (f64::from(*f) - e).powi(2)).sum::<f64>().sqrt();
    assert!(found.len() == expected.len() && error <= 1e-5 * norm, "{what}: off by {:.1e}", error / norm);
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// f of three vectors' values.
fn of(values: [&[f32]; 3], f: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
    let [a, b, c] = values;
    a.iter().zip(b).zip(c).map(|((&a, &b), &c)| f(a.into(), b.into(), c.into())).collect()
}

#[test]
fn values_and_sums_are_those_of_the_definitions() {
    for (name, gpu) in gpus() {
        for len in [1, 255, 4096, 4097, 30_000] {
            let mut space = space(gpu, len);
            let space = &mut *space;
            let what = format!("{name}, {len} values");
            let mut a = noise_of(3, len);
            let (b, c) = (noise_of(5, len), noise_of(7, len));
            // Some rest on bounds.
            a.iter_mut().step_by(3).for_each(|a| *a = a.clamp(-0.25, 0.25));
            let [va, vb, vc] = [&a, &b, &c].map(|values| with(space, values));
            // What is a at every second place.
            let same: Vec<f32> = a.iter().enumerate().map(|(i, a)| a + (i % 2) as f32).collect();
            let same = with(space, &same);
            let out = space.vector();
            assert!(space.take(out).iter().all(|&value| value == 0.0));
            space.put(out, vec![1.0; len]);
            let bounds = [-0.25f32, 0.25];
            let free = |d: f64, x: f64, g: f64| {
                let held = (x <= -0.25 && (g > 0.0 || d < 0.0)) || (x >= 0.25 && (g < 0.0 || d > 0.0));
                if held { 0.0 } else { d }
            };
            let all = [&a[..], &b, &c];
            let cases: Vec<(Each, Vec<Vector>, Vec<f64>)> = vec![
                (Each::Scaled(-2.5), vec![va], of(all, |a, _, _| -2.5 * a)),
                (Each::Within(bounds), vec![vb], of(all, |_, b, _| b.clamp(-0.25, 0.25))),
                (
                    Each::Sum { factor: 0.7, bounds: None },
                    vec![va, vb],
                    of(all, |a, b, _| a + 0.7f32 as f64 * b),
                ),
                (
                    Each::Sum { factor: 0.7, bounds: Some(bounds) },
                    vec![va, vb],
                    of(all, |a, b, _| (a + 0.7f32 as f64 * b).clamp(-0.25, 0.25)),
                ),
                (Each::Difference, vec![va, vc], of(all, |a, _, c| a - c)),
                (Each::Free(bounds), vec![vb, va, vc], of(all, |a, b, c| free(b, a, c))),
            ];
            for (each, from, expected) in cases {
                space.each(each, &from, out);
                close(&space.take(out).clone(), &expected, &format!("{what}, {each:?}"));
                let values = vec![0.5; len];
                space.put(out, values);
            }
            // In place, and many before anything is looked at: more than there are scalars.
            for _ in 0..100 {
                space.each(Each::Sum { factor: 0.01, bounds: None }, &[out, va], out);
            }
            close(&space.take(out).clone(), &of(all, |a, _, _| 0.5 + a), &format!("{what}, many"));
            space.put(out, (0..len).map(|i| if i % 2 == 0 { 0.0 } else { 3.0 }).collect());
            space.each(Each::Where, &[va, out], va);
            let masked: Vec<f32> =
                a.iter().enumerate().map(|(i, &a)| if i % 2 == 0 { 0.0 } else { a }).collect();
            assert_eq!(space.take(va), masked, "{what}");
            space.put(va, a.clone());

            let sums = [
                Sum::Products(va, vb),
                Sum::Absolute(vc),
                Sum::Slope { x: va, direction: vb, gradient: vc, bounds },
                Sum::Products(vc, vc),
                Sum::Differences([va, vb], [vc, va]),
                Sum::Change { of: [va, vb], by: vc },
                Sum::Changed { of: [vb, vc], along: [va, same] },
                Sum::Free { x: va, gradient: vc, bounds },
            ];
            let free = |x: f64, _, g: f64| {
                if (x <= -0.25 && g > 0.0) || (x >= 0.25 && g < 0.0) { 0.0 } else { g * g }
            };
            let changed = |(i, (&b, &c)): (usize, (&f32, &f32))| {
                if i % 2 == 0 { 0.0 } else { (f64::from(b) - f64::from(c)).powi(2) }
            };
            let slope = |x: f64, d: f64, g: f64| {
                if (x <= -0.25 && d < 0.0) || (x >= 0.25 && d > 0.0) { 0.0 } else { d * g }
            };
            let expected = [
                of(all, |a, b, _| a * b),
                of(all, |_, _, c| c.abs()),
                of(all, slope),
                of(all, |_, _, c| c * c),
                of(all, |a, b, c| (a - b) * (c - a)),
                of(all, |a, b, c| (a - b) * c),
                b.iter().zip(&c).enumerate().map(changed).collect(),
                of(all, free),
            ];
            let again = [sums, sums, sums].concat();
            for (number, (found, expected)) in
                space.sums(&again).iter().zip(expected.iter().cycle()).enumerate()
            {
                let size: f64 = expected.iter().map(|term| term.abs()).sum();
                let sum: f64 = expected.iter().sum();
                assert!((found - sum).abs() <= 1e-6 * size, "{what}, sum {number}: {found} instead of {sum}");
            }
        }
    }
}

#[test]
fn quasi_newton_steps_and_adam_are_those_of_the_definitions() {
    let len = 5000;
    for (name, gpu) in gpus() {
        let mut space = space(gpu, len);
        let space = &mut *space;
        let vectors: Vec<Vec<f32>> = (0..7).map(|seed| noise_of(seed + 11, len)).collect();
        let ids: Vec<Vector> = vectors.iter().map(|values| with(space, values)).collect();
        let pair = |s: usize, y: usize, rho: f64| (Pair { s: ids[s], y: ids[y], rho }, s, y);
        let pairs = [pair(0, 1, 1e-3), pair(2, 3, -2e-3), pair(4, 5, 5e-4)];
        let mut v = wide(&vectors[6]);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut alphas = Vec::new();
        for (pair, s, y) in pairs.iter().rev() {
            let alpha = pair.rho * dot(&wide(&vectors[*s]), &v);
            v.iter_mut().zip(&vectors[*y]).for_each(|(v, &y)| *v -= alpha * f64::from(y));
            alphas.insert(0, alpha);
        }
        v.iter_mut().for_each(|v| *v *= 0.8);
        for ((pair, s, y), alpha) in pairs.iter().zip(alphas) {
            let beta = pair.rho * dot(&wide(&vectors[*y]), &v);
            v.iter_mut().zip(&vectors[*s]).for_each(|(v, &s)| *v += (alpha - beta) * f64::from(s));
        }
        space.multiply(&pairs.map(|(pair, ..)| pair), 0.8, ids[6]);
        close(&space.take(ids[6]).clone(), &v, name);

        let mut space = self::space(gpu, len);
        let space = &mut *space;
        let starts: Vec<Vec<f32>> = (0..6).map(|seed| noise_of(seed + 31, len)).collect();
        let squares: Vec<f32> = starts[2].iter().map(|value| value * value).collect();
        let given = [&starts[0], &starts[1], &squares, &starts[3], &starts[4]];
        let ids = given.map(|values| with(space, values));
        let gradient = with(space, &starts[5]);
        let step = AdamStep {
            betas: [0.9, 0.99],
            step: 0.3,
            correct_square: 1.7,
            bounds: [-0.5, f32::INFINITY],
            decay: 0.95,
            correct_average: 1.2,
        };
        space.adam(&step, ids, gradient);
        let mut expected: [Vec<f64>; 5] = given.map(|values| wide(values));
        for i in 0..len {
            let g = f64::from(starts[5][i]);
            let [x, m, v, sum, result] = &mut expected;
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            x[i] = (x[i] - 0.3 * m[i] / ((v[i] * 1.7).sqrt() + 1e-15)).max(-0.5);
            sum[i] = 0.95 * sum[i] + 0.05 * x[i];
            result[i] = sum[i] * 1.2;
        }
        for (vector, expected) in ids.into_iter().zip(&expected) {
            close(&space.take(vector).clone(), expected, name);
        }
    }
}
