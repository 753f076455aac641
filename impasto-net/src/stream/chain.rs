//! An end of a network: layers one after another, whose norms are settled one by one.

use super::bands::Bands;
use crate::{
    Map, Model, NetError,
    device::Shape,
    engine::Placement,
    jobs,
    network::{InputConvention, Network, Op},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// Positions to a job of statistics.
const BLOCK: usize = 4096;

/// Layers one after another, with their parameters.
pub struct Chain {
    input: InputConvention,
    planes: usize,
    links: Vec<Link>,
    placement: Option<Placement>,
}

struct Link {
    op: Op,
    /// Weight and bias.
    arrays: Option<[Array; 2]>,
}

impl Chain {
    /// The layers `layers` of `model`, each of which reads the one before.
    pub fn of(model: &Model, layers: Range<usize>) -> Result<Chain, NetError> {
        let network = model.network();
        let source = layers.start - 1;
        let link = |index: usize| {
            let arrays = model.arrays(index)?.map(|arrays| arrays.map(|(_, array)| array));
            Ok(Link { op: network.layers[index].op, arrays })
        };
        Ok(Chain {
            input: if source == 0 { network.input } else { InputConvention::UNCHANGED },
            planes: network.channels()[source],
            links: layers.map(link).collect::<Result<_, NetError>>()?,
            placement: model.placement().cloned(),
        })
    }

    /// Number of layers.
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// The first `count` layers as a network of their own.
    pub fn model(&self, count: usize) -> Result<Arc<Model>, NetError> {
        let mut network = Network::reading("end", self.input, self.planes);
        let mut arrays = BTreeMap::new();
        for (number, link) in self.links[..count].iter().enumerate() {
            let name = format!("layer{number}");
            network.push(&name, link.op, &[number]);
            if let Some([weight, bias]) = &link.arrays {
                arrays.insert(format!("{name}.weight"), weight.clone());
                arrays.insert(format!("{name}.bias"), bias.clone());
            }
        }
        let model = Model::new(network, Weights::new(arrays, BTreeMap::new()), None)?;
        Ok(model.on(self.placement.clone()))
    }

    /// Measures what every norm reads over the whole map `x`, parts of it side by side, of shape `input`, in bands of `rows`
    /// rows, and makes the norm a part of the convolution before it.
    pub fn settle(&mut self, x: &[Map<'_>], input: Shape, rows: usize) -> Result<(), NetError> {
        while let Some(at) = self.links.iter().position(|link| matches!(link.op, Op::InstanceNorm { .. })) {
            let mut bands = Bands::new(self.model(at)?, input, rows)?;
            let planes = bands.output().channels;
            let mut sums = Sums::new(planes);
            bands.run(x, &mut |_, values| sums.add(values))?;
            self.fold(at, &sums);
        }
        Ok(())
    }

    /// Makes the norm at `at`, which reads a map of these sums, a part of the convolution before it.
    fn fold(&mut self, at: usize, sums: &Sums) {
        let norm = self.links.remove(at);
        let (Op::InstanceNorm { epsilon }, Some([scale, shift])) = (norm.op, norm.arrays) else { return };
        let Some([weight, bias]) = &mut self.links[at - 1].arrays else { return };
        let each = weight.data.len() / bias.data.len();
        for plane in 0..bias.data.len() {
            let (mean, variance) = sums.moments(plane);
            let factor = f64::from(scale.data[plane]) / (variance + f64::from(epsilon)).sqrt();
            for value in &mut weight.data[plane * each..(plane + 1) * each] {
                *value = (f64::from(*value) * factor) as f32;
            }
            let centred = f64::from(bias.data[plane]) - mean;
            bias.data[plane] = (centred * factor + f64::from(shift.data[plane])) as f32;
        }
    }
}

/// Sums over the positions of a map.
struct Sums {
    count: usize,
    /// Of values, then of their squares, one a plane.
    sums: Vec<f64>,
    planes: usize,
}

impl Sums {
    fn new(planes: usize) -> Self {
        Sums { count: 0, sums: vec![0.0; 2 * planes], planes }
    }

    /// Adds rows of the map.
    fn add(&mut self, values: &[f32]) {
        let (planes, positions) = (self.planes, values.len() / self.planes);
        let mut parts = vec![0.0f64; 2 * planes * positions.div_ceil(BLOCK)];
        jobs::each_chunk(&mut parts, 2 * planes, |block, part| {
            let (sum, square) = part.split_at_mut(planes);
            let values = &values[block * BLOCK * planes..values.len().min((block + 1) * BLOCK * planes)];
            for position in values.chunks_exact(planes) {
                for ((sum, square), value) in sum.iter_mut().zip(square.iter_mut()).zip(position) {
                    *sum += f64::from(*value);
                    *square += f64::from(*value) * f64::from(*value);
                }
            }
        });
        for part in parts.chunks_exact(2 * planes) {
            self.sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        self.count += positions;
    }

    /// Mean and biased variance of a plane.
    fn moments(&self, plane: usize) -> (f64, f64) {
        let n = self.count.max(1) as f64;
        let mean = self.sums[plane] / n;
        (mean, (self.sums[self.planes + plane] / n - mean * mean).max(0.0))
    }
}

/// The layers `layers` of `model`, which read nothing before the one in front of them, as a network of their own.
pub fn part(model: &Model, layers: Range<usize>) -> Result<Arc<Model>, NetError> {
    let whole = model.network();
    let source = layers.start - 1;
    let mut network = Network::reading("middle", InputConvention::UNCHANGED, whole.channels()[source]);
    let mut arrays = BTreeMap::new();
    for index in layers {
        let layer = &whole.layers[index];
        let inputs: Vec<usize> = layer.inputs.iter().map(|input| input - source).collect();
        let pushed = network.push(&layer.name, layer.op, &inputs);
        network.layers[pushed].parameters.clone_from(&layer.parameters);
        arrays.extend(model.arrays(index)?.into_iter().flatten());
    }
    let part = Model::new(network, Weights::new(arrays, BTreeMap::new()), None)?;
    Ok(part.on(model.placement().cloned()))
}
