//! Transposed convolutions, as a convolution of the map with zeros between its values.

use super::{Import, Value, layers};
use crate::{
    network::{Convolution, Op, Padding},
    onnx::message::Node,
    weights::Array,
};

impl Import<'_> {
    /// The layer of a transposed convolution of stride 1 or 2.
    pub(super) fn transposed(&mut self, node: &Node, first: &Value) -> Result<usize, String> {
        let weight = self.constant(node, 1)?.ok_or("it has no weight")?;
        let [inputs, outputs, kernel, width] = weight.shape[..] else {
            return Err(format!("a weight of shape {:?} is not supported", weight.shape));
        };
        if kernel != width || kernel == 0 || outputs == 0 {
            return Err(format!("a kernel of {kernel}×{width} is not supported"));
        }
        let plain = node.integer("group", 1) == 1
            && node.integers("dilations").is_none_or(|all| all.iter().all(|&d| d == 1))
            && node.integers("output_shape").is_none()
            && matches!(node.text("auto_pad"), None | Some("NOTSET"));
        let stride = layers::alike(node.integers("strides"), 1).filter(|stride| *stride <= 2);
        let (Some(stride), true) = (stride, plain) else {
            return Err("only transposed convolutions of one group, stride 1 or 2 and written paddings are \
                        supported"
                .into());
        };
        let (cut_before, cut_after) = layers::pads(node.integers("pads").unwrap_or(&[0; 4]))?;
        let more = match node.integers("output_padding") {
            None | Some([]) => 0,
            Some(&[rows, columns]) if rows == columns && (0..2).contains(&rows) => rows as usize,
            Some(other) => return Err(format!("an output padding of {other:?} is not supported")),
        };
        // Of the zeros that a spread map ends with, all but `stride` − 1 are the convolution's own border.
        let before = (kernel - 1).checked_sub(cut_before);
        let after = (kernel + more).checked_sub(cut_after + stride);
        let (Some(before), Some(after)) = (before, after) else {
            return Err(format!(
                "a padding of {cut_before} and {cut_after} for a kernel of {kernel} is not supported"
            ));
        };
        let mut x = self.map(first)?;
        if self.channels[x] != inputs {
            return Err(format!("it reads {inputs} planes of {}", self.channels[x]));
        }
        if stride == 2 {
            x = self.push(Op::Spread, &[x]);
        }
        let bias = match self.constant(node, 2)? {
            Some(bias) if bias.data.len() == outputs => layers::narrow(&bias.data)?,
            Some(bias) => return Err(format!("it has {} biases for {outputs} planes", bias.data.len())),
            None => vec![0.0; outputs],
        };
        // What spreads a value to many places, read from these places: turned by half a turn, inputs and outputs exchanged.
        let square = kernel * kernel;
        let turned = (0..outputs * inputs * square).map(|at| {
            let (output, input, place) = (at / (inputs * square), at / square % inputs, at % square);
            weight.data[(input * outputs + output) * square + square - 1 - place]
        });
        let data = layers::narrow(&turned.collect::<Vec<f64>>())?;
        let conv = Convolution { outputs, kernel, stride: 1, before, after, padding: Padding::Zero };
        let layer = self.push(Op::Convolution(conv), &[x]);
        self.parameters(layer, Array { shape: vec![outputs, inputs, kernel, kernel], data }, bias);
        Ok(layer)
    }
}
