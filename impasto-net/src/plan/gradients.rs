//! Sums of derivatives by a network's parameters.

use super::schedule::Schedule;
use crate::network::Network;

/// Derivatives by the parameters of all steps; nothing if they are not wanted.
#[derive(Clone, Default)]
pub struct Gradients {
    slots: Vec<Slot>,
    /// For every step, its slot. Layers that share parameters share a slot.
    of_step: Vec<Option<usize>>,
}

/// Derivatives by a weight and a bias.
#[derive(Clone)]
struct Slot {
    names: [String; 2],
    values: [Vec<f32>; 2],
}

impl Gradients {
    /// Zeros for the parameters of all steps of `schedule`.
    pub fn new(network: &Network, schedule: &Schedule) -> Self {
        let channels = network.channels();
        let mut gradients = Gradients::default();
        for step in &schedule.steps {
            let prefix = &network.layers[step.layer].parameters;
            let names = ["weight", "bias"].map(|part| format!("{prefix}.{part}"));
            let slot = network.parameter_shapes(step.layer, &channels).map(|shapes| {
                let known = gradients.slots.iter().position(|slot| slot.names == names);
                known.unwrap_or_else(|| {
                    let values = shapes.map(|shape| vec![0.0; shape.iter().product()]);
                    gradients.slots.push(Slot { names, values });
                    gradients.slots.len() - 1
                })
            });
            gradients.of_step.push(slot);
        }
        gradients
    }

    /// Derivatives by weight and bias of step `index`, where they are wanted.
    pub fn of_step(&mut self, index: usize) -> Option<(&mut [f32], &mut [f32])> {
        let slot = self.of_step.get(index).copied().flatten()?;
        let [weight, bias] = &mut self.slots[slot].values;
        Some((weight, bias))
    }

    /// Adds derivatives by weight and bias of step `index`.
    pub fn add(&mut self, index: usize, weight: &[f32], bias: &[f32]) {
        let Some((weights, biases)) = self.of_step(index) else { return };
        for (sum, value) in weights.iter_mut().zip(weight).chain(biases.iter_mut().zip(bias)) {
            *sum += value;
        }
    }

    /// Names and derivatives in order of first use.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f32])> {
        let named = self.slots.iter().flat_map(|slot| slot.names.iter().zip(&slot.values));
        named.map(|(name, values)| (&name[..], &values[..]))
    }

    /// Starts again from zero.
    pub fn clear(&mut self) {
        self.slots.iter_mut().flat_map(|slot| &mut slot.values).for_each(|values| values.fill(0.0));
    }
}
