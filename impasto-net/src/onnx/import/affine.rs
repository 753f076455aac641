//! Scales and shifts of planes, put into the layer before where that is possible.

use super::Import;
use crate::{
    network::{Convolution, Op, Padding},
    onnx::message::Constant,
    weights::Array,
};

/// A value a plane from a constant that is broadcast over positions; none if it differs between positions.
pub fn per_plane(constant: &Constant, planes: usize) -> Option<Vec<f64>> {
    if let [value] = constant.data[..] {
        return Some(vec![value; planes]);
    }
    // Extents of 1 before the planes' own: [1, planes, 1, 1] or [planes, 1, 1].
    let first = constant.shape.iter().position(|&n| n != 1)?;
    (constant.shape[first..] == [planes, 1, 1]).then(|| constant.data.clone())
}

/// Whether all values are the same.
fn alike(values: &[f64]) -> bool {
    values.iter().all(|v| *v == values[0])
}

impl Import<'_> {
    /// The map of `layer` with every plane times `scale` plus `shift`; `alone` tells that nobody else reads the map.
    pub fn affine(
        &mut self,
        layer: usize,
        alone: bool,
        scale: &[f64],
        shift: &[f64],
    ) -> Result<usize, String> {
        if !scale.iter().chain(shift).all(|v| v.is_finite() && v.abs() < f32::MAX.into()) {
            return Err("a scale or shift is not finite".into());
        }
        if scale.iter().all(|s| *s == 1.0) && shift.iter().all(|t| *t == 0.0) {
            return Ok(layer);
        }
        match self.network.layers[layer].op {
            Op::Input if alone && !scale.contains(&0.0) => {
                let input = &mut self.network.input;
                for c in 0..3 {
                    let (mean, std) = (f64::from(input.mean[c]), f64::from(input.std[c]) / scale[c]);
                    input.std[c] = std as f32;
                    input.mean[c] = (mean - shift[c] * std) as f32;
                }
                return Ok(layer);
            }
            Op::Convolution(_) | Op::Depthwise(_) | Op::InstanceNorm { .. } if alone => {
                let name = self.network.layers[layer].parameters.clone();
                for part in ["weight", "bias"] {
                    let Some(array) = self.arrays.get_mut(&format!("{name}.{part}")) else { continue };
                    let len = (array.data.len() / scale.len()).max(1);
                    for (plane, values) in array.data.chunks_mut(len).enumerate() {
                        let shift = if part == "bias" { shift[plane] } else { 0.0 };
                        values.iter_mut().for_each(|v| *v = (f64::from(*v) * scale[plane] + shift) as f32);
                    }
                }
                return Ok(layer);
            }
            Op::Squash { low, high } if alone && alike(scale) && alike(shift) => {
                let moved = |v: f32| (f64::from(v) * scale[0] + shift[0]) as f32;
                self.network.layers[layer].op = Op::Squash { low: moved(low), high: moved(high) };
                return Ok(layer);
            }
            _ => {}
        }
        let kernel = Convolution::same(scale.len(), 1, Padding::Zero);
        let layer = self.push(Op::Depthwise(kernel), &[layer]);
        let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        self.parameters(
            layer,
            Array { shape: vec![scale.len(), 1, 1, 1], data: narrow(scale) },
            narrow(shift),
        );
        Ok(layer)
    }
}
