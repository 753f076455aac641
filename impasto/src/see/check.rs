//! Whether a method shows the network: its picture for the trained network beside those for networks whose weights were
//! randomised layer by layer, from the last one on (Adebayo et al., "Sanity Checks for Saliency Maps", 2018). And which
//! planes are dead, which filters weak (how Zeiler & Fergus repaired an architecture).

use super::{Eye, Unit, closeup::part, noise::gaussian, show};
use crate::Error;
use impasto_net::{Model, Plan, Purpose, ReluRule, network::Op, weights::Weights};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// The layers with parameters up to `layer`, the last one first.
pub fn trained_layers(model: &Model, layer: &str) -> Result<Vec<String>, Error> {
    let network = model.network();
    let last = network.require(layer)?;
    let mut needed = vec![false; last + 1];
    needed[last] = true;
    // Layers read earlier ones only.
    for index in (0..=last).rev() {
        if needed[index] {
            network.layers[index].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    let parameters = |index: &usize| matches!(network.layers[*index].op, Op::Convolution(_));
    let layers = (0..=last).rev().filter(|&index| needed[index]).filter(parameters);
    Ok(layers.map(|index| network.layers[index].name.clone()).collect())
}

/// The model with the weights of `layers` replaced by normally distributed ones of the same deviation about zero, their
/// biases by zero.
///
/// # Errors
/// Those of decoding weights.
pub fn randomised(model: &Model, layers: &[String], seed: u64) -> Result<Arc<Model>, Error> {
    let mut arrays = BTreeMap::new();
    for (index, layer) in model.network().layers.iter().enumerate() {
        let Some([(weight_name, mut weight), (bias_name, mut bias)]) = model.arrays(index)? else { continue };
        if layers.contains(&layer.name) {
            // Every layer has its own numbers, whichever others are replaced too.
            let mut random = ChaCha8Rng::seed_from_u64(seed.wrapping_add(index as u64));
            let square: f64 = weight.data.iter().map(|&w| f64::from(w).powi(2)).sum();
            let deviation = (square / weight.data.len().max(1) as f64).sqrt() as f32;
            weight.data.iter_mut().for_each(|w| *w = deviation * gaussian(&mut random));
            bias.data.fill(0.0);
        }
        arrays.insert(weight_name, weight);
        arrays.insert(bias_name, bias);
    }
    Ok(Model::new(model.network().clone(), Weights::new(arrays, BTreeMap::new()), None)?)
}

/// The value of `unit` of `layer`, and its back-projection under each of `rules`, interleaved.
///
/// # Errors
/// Those of planning.
pub fn projections(
    model: &Arc<Model>,
    layer: &str,
    (rgb, size): (&[f32], (usize, usize)),
    unit: Unit,
    rules: &[ReluRule],
) -> Result<(f64, Vec<Vec<f32>>), Error> {
    let mut eye = Eye::new(model, layer, size)?;
    eye.look(rgb);
    Ok((eye.value(unit), rules.iter().map(|&rule| eye.project(rule, &[unit])).collect()))
}

/// How alike two back-projections to pictures `width` pixels wide are within `field` (rows and columns): the rank correlation
/// (Spearman's) of their pixels' sizes, and the correlation (Pearson's) of their signed values.
///
/// Outside of what the unit sees both are zero, which would count as likeness. None if one of them is zero everywhere.
pub fn likeness(
    a: &[f32],
    b: &[f32],
    width: usize,
    field: &(Range<usize>, Range<usize>),
) -> Option<(f64, f64)> {
    let (a, b) = (part(a, width, field), part(b, width, field));
    if [&a, &b].iter().any(|values| values.iter().all(|&v| v == 0.0)) {
        return None;
    }
    let ranked = |values: &[f32]| ranks(&show::magnitude(values));
    let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    Some((correlation(&ranked(&a), &ranked(&b)), correlation(&wide(&a), &wide(&b))))
}

/// Ranks of values, equal values sharing their mean rank.
fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let equal = order[first..].iter().take_while(|&&i| values[i] == values[order[first]]).count();
        let mean = first as f64 + (equal - 1) as f64 / 2.0;
        order[first..first + equal].iter().for_each(|&i| ranks[i] = mean);
        first += equal;
    }
    ranks
}

/// Pearson's correlation; 0 if one of them is constant.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().max(1) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut product, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        product += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    let size = (square_a * square_b).sqrt();
    if size > 0.0 { product / size } else { 0.0 }
}

/// A layer's planes before a picture, and its filters.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LayerStatistics {
    /// The convolution's name.
    pub layer: String,
    /// Its planes.
    pub planes: usize,
    /// Planes that are zero everywhere after the ReLU.
    pub dead: Vec<usize>,
    /// Part of the values above zero.
    pub active: f64,
    /// Mean value after the ReLU.
    pub mean: f64,
    /// Largest value after the ReLU.
    pub largest: f64,
    /// Smallest, middle and largest root mean square of a filter's weights.
    pub filters: [f64; 3],
}

/// Statistics of every convolution up to `layer` before a picture.
///
/// # Errors
/// Those of planning.
pub fn statistics(
    model: &Arc<Model>,
    layer: &str,
    (rgb, (height, width)): (&[f32], (usize, usize)),
) -> Result<Vec<LayerStatistics>, Error> {
    let network = model.network();
    let mut layers = trained_layers(model, layer)?;
    layers.reverse();
    let mut plan = Plan::new(model, height, width, &layers, Purpose::Forward)?;
    plan.forward(rgb);
    let mut all = Vec::new();
    for (tap, name) in layers.into_iter().enumerate() {
        let map = plan.tap(tap);
        let mut largest = vec![f32::NEG_INFINITY; map.channels];
        let (mut active, mut sum) = (0usize, 0.0);
        for position in map.data.chunks_exact(map.channels) {
            for (largest, &value) in largest.iter_mut().zip(position) {
                *largest = largest.max(value);
                active += usize::from(value > 0.0);
                sum += f64::from(value.max(0.0));
            }
        }
        let index = network.require(&name)?;
        let mut filters = Vec::new();
        if let Some([(_, weight), _]) = model.arrays(index)? {
            let len = weight.data.len() / map.channels;
            let size =
                |filter: &[f32]| filter.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / len as f64;
            filters = weight.data.chunks_exact(len).map(|filter| size(filter).sqrt()).collect();
            filters.sort_by(f64::total_cmp);
        }
        let at =
            |part: usize| filters.get((filters.len().max(1) - 1) * part / 2).copied().unwrap_or_default();
        let count = map.data.len() as f64;
        all.push(LayerStatistics {
            layer: name,
            planes: map.channels,
            dead: (0..map.channels).filter(|&plane| largest[plane] <= 0.0).collect(),
            active: active as f64 / count,
            mean: sum / count,
            largest: f64::from(largest.iter().copied().fold(0.0, f32::max)),
            filters: [at(0), at(1), at(2)],
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_of_known_values() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
        assert!((correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]) - 1.0).abs() < 1e-12);
        assert!((correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0);
        // Two pixels, and a third one outside of the field.
        let (a, b) =
            ([1.0, 0.0, 0.0, -2.0, 0.0, 0.0, 9.0, 9.0, 9.0], [-1.0, 0.0, 0.0, 5.0, 0.0, 0.0, 8.0, 7.0, 0.0]);
        let field = (0..1, 0..2);
        let (ranked, signed) = likeness(&a, &b, 3, &field).unwrap();
        assert!((ranked - 1.0).abs() < 1e-12 && signed < -0.9);
        assert_eq!(likeness(&a, &[0.0; 9], 3, &field), None);
        assert_eq!(likeness(&a, &b, 3, &(0..0, 0..0)), None);
    }
}
