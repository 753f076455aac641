//! Parameters of layers, arranged as kernels read them; each is arranged once for all plans of a model.

use crate::{
    gpu::Inner,
    kernel::Kernel,
    record::{Dispatch, Finish, NONE, Op, Shared},
};
use impasto_net::{Model, engine::EngineError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use wgpu::Buffer;

/// How a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// As a product of matrices.
    Direct,
    /// F(4×4, 3×3).
    Winograd,
}

/// An arrangement of a layer's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Of a convolution; for the way back if `back`.
    Convolution { algorithm: Algorithm, back: bool },
    /// Of a convolution of every plane by itself.
    Depthwise { back: bool },
    /// Of a norm: as they are, one behind the other.
    Plain,
}

/// A layer's parameters on the device.
#[derive(Clone)]
pub struct Arranged {
    pub buffer: Buffer,
    /// Where the bias begins, in the kernel's unit; [`NONE`] if there is none.
    pub bias: u32,
}

struct Entry {
    model: Weak<()>,
    layer: usize,
    arrangement: Arrangement,
    arranged: Arranged,
}

/// What plans on a device share, as long as the models live.
#[derive(Default)]
pub struct Filters(Mutex<Vec<Entry>>);

impl Inner {
    /// The parameters of a model's layer.
    ///
    /// # Errors
    /// [`EngineError::Memory`]; [`EngineError::Failed`] if they cannot be decoded.
    pub fn arranged(
        &self,
        model: &Model,
        layer: usize,
        arrangement: Arrangement,
    ) -> Result<Arranged, EngineError> {
        let mut entries = self.filters.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.model.strong_count() > 0);
        let known = |entry: &&Entry| {
            (entry.layer, entry.arrangement) == (layer, arrangement)
                && Weak::ptr_eq(&entry.model, &Arc::downgrade(model.identity()))
        };
        if let Some(entry) = entries.iter().find(known) {
            return Ok(entry.arranged.clone());
        }
        let arranged = self.arrange(model, layer, arrangement, None)?;
        let (model, arranged_too) = (Arc::downgrade(model.identity()), arranged.clone());
        entries.push(Entry { model, layer, arrangement, arranged: arranged_too });
        Ok(arranged)
    }

    /// The parameters of a model's layer, in new memory or in that of those `before`, which they take the place of.
    ///
    /// # Errors
    /// As [`Inner::arranged`].
    pub fn arrange(
        &self,
        model: &Model,
        layer: usize,
        arrangement: Arrangement,
        before: Option<&Arranged>,
    ) -> Result<Arranged, EngineError> {
        let arrays = model.arrays(layer).map_err(|error| EngineError::Failed(error.to_string()))?;
        let Some([(_, weight), (_, bias)]) = arrays else {
            unreachable!("only layers with parameters are asked for")
        };
        let bias = bias.data;
        let (values, bias) = match arrangement {
            Arrangement::Plain => ([weight.data, bias].concat(), NONE),
            Arrangement::Depthwise { back } => {
                planes(&weight.data, (!back).then_some(&bias), weight.shape[2], back)
            }
            Arrangement::Convolution { algorithm, back } => {
                let shape = [weight.shape[0], weight.shape[1], weight.shape[2]];
                let bias = (!back).then_some(&bias[..]);
                if algorithm == Algorithm::Winograd {
                    return self.transformed(weight.data, bias, shape, back, before);
                }
                matrix(&weight.data, bias, shape, back)
            }
        };
        let buffer = self.room("a filter", values.len(), before)?;
        self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&values));
        Ok(Arranged { buffer, bias })
    }

    fn room(&self, label: &str, len: usize, before: Option<&Arranged>) -> Result<Buffer, EngineError> {
        before.map_or_else(|| self.storage(label, 4 * len as u64), |before| Ok(before.buffer.clone()))
    }

    /// Filters transformed for Winograd's algorithm, which the device does.
    fn transformed(
        &self,
        mut values: Vec<f32>,
        bias: Option<&[f32]>,
        [outputs, inputs, _]: [usize; 3],
        back: bool,
        before: Option<&Arranged>,
    ) -> Result<Arranged, EngineError> {
        let (rows, columns) = if back { (outputs, inputs) } else { (inputs, outputs) };
        let width = columns.next_multiple_of(4);
        values.extend(bias.unwrap_or_default());
        let given = self.upload("a filter as it is", &values)?;
        let len = (36 * rows + usize::from(bias.is_some())) * width;
        let buffer = self.room("a transformed filter", len, before)?;
        let shared = Shared::alone(self, buffer.clone())?;
        let flag = u32::from;
        let [outputs32, inputs32, width32] = [outputs, inputs, width].map(|value| value as u32);
        let parameters = [outputs32, inputs32, flag(back), width32, flag(bias.is_some()), 0, 0, 0];
        let op = Op::each(Kernel::WinogradFilter, &Finish::plain(0, 1), &parameters, outputs * inputs);
        let dispatch = Dispatch::new(self, &shared, &op, Some(&given));
        let mut encoder = self.device.create_command_encoder(&Default::default());
        dispatch.run(self, &mut encoder.begin_compute_pass(&Default::default()));
        self.queue.submit([encoder.finish()]);
        let bias = if bias.is_some() { (36 * rows * width / 4) as u32 } else { NONE };
        Ok(Arranged { buffer, bias })
    }
}

/// `[outputs, inputs, kernel, kernel]` as `[kernel places, inputs][outputs]`, outputs padded to vectors of four, the bias
/// behind it; or, for the way `back`, turned round and with inputs and outputs exchanged. Gives the number of the vector where
/// the bias begins, too.
fn matrix(
    weight: &[f32],
    bias: Option<&[f32]>,
    [outputs, inputs, kernel]: [usize; 3],
    back: bool,
) -> (Vec<f32>, u32) {
    let places = kernel * kernel;
    let (rows, columns) = if back { (outputs, inputs) } else { (inputs, outputs) };
    let width = columns.next_multiple_of(4);
    let mut values = vec![0.0; (places * rows + usize::from(bias.is_some())) * width];
    for (o, weight) in weight.chunks_exact(inputs * places).enumerate() {
        for (i, weight) in weight.chunks_exact(places).enumerate() {
            let (row, column) = if back { (o, i) } else { (i, o) };
            for (place, &value) in weight.iter().enumerate() {
                let place = if back { places - 1 - place } else { place };
                values[(place * rows + row) * width + column] = value;
            }
        }
    }
    let Some(bias) = bias else { return (values, NONE) };
    let at = places * rows * width;
    values[at..at + bias.len()].copy_from_slice(bias);
    (values, (at / 4) as u32)
}

/// `[planes, 1, kernel, kernel]` as `[kernel places][planes]`, the bias behind it; turned round for the way `back`. Gives the
/// number of the value where the bias begins, too.
fn planes(weight: &[f32], bias: Option<&[f32]>, kernel: usize, back: bool) -> (Vec<f32>, u32) {
    let places = kernel * kernel;
    let count = weight.len() / places;
    let mut values = vec![0.0; weight.len()];
    for (plane, weight) in weight.chunks_exact(places).enumerate() {
        for (place, &value) in weight.iter().enumerate() {
            let place = if back { places - 1 - place } else { place };
            values[place * count + plane] = value;
        }
    }
    let Some(bias) = bias else { return (values, NONE) };
    let at = values.len() as u32;
    values.extend_from_slice(bias);
    (values, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_turned_round_for_the_way_back() {
        // Two outputs, three inputs, 1 × 1 and then two places of a row that is part of 3 × 3.
        let weight: Vec<f32> = (0..6).map(|v| v as f32).collect();
        let (there, bias) = matrix(&weight, Some(&[7.0, 8.0]), [2, 3, 1], false);
        assert_eq!(there, [0., 3., 0., 0., 1., 4., 0., 0., 2., 5., 0., 0., 7., 8., 0., 0.]);
        assert_eq!(bias, 3);
        let (back, none) = matrix(&weight, None, [2, 3, 1], true);
        assert_eq!((&back[..], none), (&[0., 1., 2., 0., 3., 4., 5., 0.][..], NONE));
        let weight: Vec<f32> = (0..18).map(|v| v as f32).collect();
        let (back, _) = planes(&weight, None, 3, true);
        assert_eq!(back[..4], [8.0, 17.0, 7.0, 16.0]);
    }
}
