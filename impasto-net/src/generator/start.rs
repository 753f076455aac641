//! Parameters to begin training with.

use super::{Architecture, Generator, parameter_shapes};
use crate::{NetError, cpu::noise, network::enlarge::LINEAR, weights::Array};
use std::collections::BTreeMap;

impl Generator {
    /// A generator that has learnt nothing: filters uniform with the variance 1 / inputs, which keeps signals alive behind
    /// norms, or 2 / inputs where a ReLU without a norm follows (He et al. 2015); norms change nothing; the last layers of
    /// residual parts without norms are a tenth of that, so that the network begins near the identity. Convolutions from
    /// picture to picture begin as the filter of linear interpolation.
    ///
    /// # Errors
    /// [`NetError::Architecture`].
    pub fn untrained(
        architecture: Architecture,
        styles: Vec<String>,
        seed: u64,
    ) -> Result<Generator, NetError> {
        architecture.check()?;
        let network = architecture.network();
        let norms: Vec<&str> =
            network.layers.iter().filter(|l| l.is_norm()).map(|l| l.parameters.as_str()).collect();
        let residual = |name: &str| {
            let reads = |layer: &crate::network::Layer| {
                layer.op == crate::network::Op::Add
                    && layer.inputs.iter().any(|&input| network.layers[input].name == name)
            };
            norms.is_empty() && network.layers.iter().any(reads)
        };
        let mut arrays = BTreeMap::new();
        for (number, (name, shape)) in parameter_shapes(&network, styles.len()).into_iter().enumerate() {
            let (layer, part) = name.rsplit_once('.').unwrap_or((&name, ""));
            let mut data = vec![0.0; shape.iter().product()];
            if norms.contains(&layer) {
                data.fill(if part == "weight" { 1.0 } else { 0.0 });
            } else if part == "weight" && shape == [3; 4] {
                for (at, value) in data.iter_mut().enumerate().filter(|(at, _)| at / 27 == at / 9 % 3) {
                    *value = LINEAR[at / 3 % 3] * LINEAR[at % 3];
                }
            } else if part == "weight" {
                let inputs: usize = shape[1..].iter().product();
                let gain = if norms.is_empty() { 2.0 } else { 1.0 };
                let part = if residual(layer) { 0.1 } else { 1.0 };
                // A uniform value of [−a, a] has the variance a² / 3.
                let reach = part * (3.0 * gain / inputs as f32).sqrt();
                noise::noise(seed, number as u64, &mut data);
                data.iter_mut().for_each(|value| *value = reach * (2.0 * *value - 1.0));
            }
            arrays.insert(name, Array { shape, data });
        }
        Generator::new(architecture, styles, arrays, BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Purpose, network::Padding};

    #[test]
    fn an_enlarging_network_begins_with_linear_interpolation() {
        let shape = Architecture::Enlarge { factor: 2, width: 4, blocks: 1, padding: Padding::Replicate };
        let mut generator = Generator::untrained(shape, vec!["enlarge".into()], 1).unwrap();
        for (_, values) in generator.arrays_mut().filter(|(name, _)| name.starts_with("c2.")) {
            values.fill(0.0);
        }
        let model = generator.model(&[1.0]).unwrap();
        let mut plan = Plan::of_last(&model, 1, 2, Purpose::Forward).unwrap();
        plan.forward(&[0.0, 0.2, 1.0, 1.0, 0.6, 0.0]);
        let first: Vec<f32> = plan.tap(0).data.chunks(3).map(|pixel| pixel[0]).collect();
        let expected = [0.0, 0.25, 0.75, 1.0];
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
        assert!(first.iter().zip(expected.repeat(2).iter()).all(near), "{first:?}");
    }
}
