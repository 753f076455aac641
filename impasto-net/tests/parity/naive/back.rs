//! Vector-Jacobian products, layer by layer from the last to the picture.

use super::{Field, Run, Shaking, convolution::Kernel, first_largest, norm::Norm, window};
use impasto_net::{
    ReluRule,
    network::{Network, Op, Pooling},
    weights::Weights,
};
use std::collections::BTreeMap;

/// Derivatives of a sum of products ⟨cotangent, map⟩.
pub struct Derivatives {
    /// By the picture.
    pub picture: Vec<f64>,
    /// By every parameter, by name.
    pub parameters: BTreeMap<String, Vec<f64>>,
}

/// d / d picture of the sum over `seeds` of ⟨cotangent, map of that layer⟩, under a ReLU rule.
pub fn backward(
    network: &Network,
    weights: &Weights,
    run: &Run,
    rule: ReluRule,
    seeds: &[(usize, Vec<f64>)],
) -> Vec<f64> {
    pull(network, weights, run, rule, seeds, &mut Shaking::none(), None)
}

/// As [`backward`], by the parameters too, with every value shaken.
pub fn derivatives(
    network: &Network,
    weights: &Weights,
    run: &Run,
    rule: ReluRule,
    seeds: &[(usize, Vec<f64>)],
    shaking: &mut Shaking,
) -> Derivatives {
    let mut parameters = BTreeMap::new();
    let picture = pull(network, weights, run, rule, seeds, shaking, Some(&mut parameters));
    Derivatives { picture, parameters }
}

fn pull(
    network: &Network,
    weights: &Weights,
    run: &Run,
    rule: ReluRule,
    seeds: &[(usize, Vec<f64>)],
    shaking: &mut Shaking,
    mut parameters: Option<&mut BTreeMap<String, Vec<f64>>>,
) -> Vec<f64> {
    let mut cotangents: Vec<Field> = run.maps.iter().map(Field::like).collect();
    for (layer, seed) in seeds {
        cotangents[*layer].data.iter_mut().zip(seed).for_each(|(g, s)| *g += s);
    }
    for (index, layer) in network.layers.iter().enumerate().rev() {
        let mut dy = cotangents[index].clone();
        shaking.shake_sums(&mut dy.data);
        if let Some(parameters) = &mut parameters {
            let x = layer.inputs.first().map_or(&run.maps[0], |&input| &run.maps[input]);
            let values = match layer.op {
                Op::Convolution(conv) => {
                    Some(Kernel::new(conv, weights, &layer.parameters).by_parameters(x, &dy))
                }
                Op::Depthwise(conv) => {
                    Some(Kernel::depthwise(conv, weights, &layer.parameters).by_own_parameters(x, &dy))
                }
                Op::InstanceNorm { epsilon } => {
                    Some(Norm::new(epsilon, weights, &layer.parameters).by_parameters(x, &dy))
                }
                _ => None,
            };
            for (part, values) in ["weight", "bias"].iter().zip(values.into_iter().flatten()) {
                let sum = parameters.entry(format!("{}.{part}", layer.parameters));
                let sum = sum.or_insert(vec![0.0; values.len()]);
                sum.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
            }
        }
        let mut first = 0;
        for &input in &layer.inputs {
            let x = &run.maps[input];
            let dx = &mut cotangents[input];
            match layer.op {
                Op::Input => {}
                Op::Convolution(conv) => Kernel::new(conv, weights, &layer.parameters).backward(&dy, dx),
                Op::Depthwise(conv) => Kernel::depthwise(conv, weights, &layer.parameters).backward(&dy, dx),
                Op::Relu | Op::ClippedRelu { .. } => {
                    let ceiling = match layer.op {
                        Op::ClippedRelu { ceiling } => ceiling as f64,
                        _ => f64::INFINITY,
                    };
                    for ((dx, &g), &x) in dx.data.iter_mut().zip(&dy.data).zip(&x.data) {
                        let passes = match rule {
                            ReluRule::Gradient => x > 0.0 && x < ceiling,
                            ReluRule::Guided => x > 0.0 && x < ceiling && g > 0.0,
                            ReluRule::Deconv => g > 0.0,
                        };
                        *dx += if passes { g } else { 0.0 };
                    }
                }
                Op::Pool(pool) => {
                    for (at, g) in dy.data.iter().enumerate() {
                        let c = at % dy.channels;
                        let (row, column) = (at / dy.channels / dy.width, at / dy.channels % dy.width);
                        let values = window(pool, x, row, column, c);
                        for i in 0..values.len() {
                            let share = match pool.pooling {
                                Pooling::Max => f64::from(u8::from(i == first_largest(&values))),
                                Pooling::Average => 1.0 / values.len() as f64,
                            };
                            let (r, q) = (i / pool.window, i % pool.window);
                            dx.at_mut(row * pool.stride + r, column * pool.stride + q)[c] += share * g;
                        }
                    }
                }
                Op::Concat => {
                    for row in 0..dy.height {
                        for column in 0..dy.width {
                            let part = &dy.at(row, column)[first..first + x.channels];
                            dx.at_mut(row, column).iter_mut().zip(part).for_each(|(dx, g)| *dx += g);
                        }
                    }
                    first += x.channels;
                }
                Op::Add => dx.data.iter_mut().zip(&dy.data).for_each(|(dx, g)| *dx += g),
                Op::InstanceNorm { epsilon } => {
                    Norm::new(epsilon, weights, &layer.parameters).backward(x, &dy, dx, shaking);
                }
                Op::Upsample => {
                    for row in 0..dy.height {
                        for column in 0..dy.width {
                            let dx = dx.at_mut(row / 2, column / 2).iter_mut();
                            dx.zip(dy.at(row, column)).for_each(|(dx, g)| *dx += g);
                        }
                    }
                }
                Op::Spread => {
                    for row in 0..dx.height {
                        for column in 0..dx.width {
                            let g = dy.at(2 * row, 2 * column);
                            dx.at_mut(row, column).iter_mut().zip(g).for_each(|(dx, g)| *dx += g);
                        }
                    }
                }
                Op::Squash { low, high } => {
                    let slope = |x: &f64| (high - low) as f64 / (2.0 + x.exp() + (-x).exp());
                    dx.data
                        .iter_mut()
                        .zip(&dy.data)
                        .zip(&x.data)
                        .for_each(|((dx, g), x)| *dx += slope(x) * g);
                }
                Op::Noise { .. } => {}
                Op::Mean => {
                    let share = 1.0 / (x.height * x.width) as f64;
                    for (i, dx) in dx.data.iter_mut().enumerate() {
                        *dx += share * dy.data[i % dy.channels];
                    }
                }
            }
        }
    }
    let (input, image) = (&network.input, &cotangents[0].data);
    let of = |i: usize| {
        let c = if input.bgr { 2 - i % 3 } else { i % 3 };
        image[i - i % 3 + c] * input.scale as f64 / input.std[c] as f64
    };
    (0..image.len()).map(of).collect()
}
