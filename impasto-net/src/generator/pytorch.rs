//! Generators of PyTorch's example `fast_neural_style`, which reads and gives values from 0 to 255.

use super::{Architecture, Generator};
use crate::{
    NetError,
    network::Padding,
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, path::Path};

/// Value of white there.
const WHITE: f32 = 255.0;

/// Residual blocks there.
const BLOCKS: usize = 5;

/// Names of convolutions and norms there and in [`transform`](crate::network::transform::transform()), but for the blocks'.
const NAMES: [(&str, &str, &str); 5] = [
    ("conv1", "in1", "c1"),
    ("conv2", "in2", "d1"),
    ("conv3", "in3", "d2"),
    ("deconv1", "in4", "u1"),
    ("deconv2", "in5", "u2"),
];

/// Whether these are such a generator's parameters.
pub fn recognise(weights: &Weights) -> bool {
    ["conv1.conv2d.weight", "res1.in1.weight", "deconv3.conv2d.weight"]
        .iter()
        .all(|name| weights.get(name).is_some())
}

/// The generator, its style named after the file `path`. Running statistics that old files hold are of no use: its norms are
/// of single pictures.
///
/// # Errors
/// [`NetError::MissingTensor`] or [`NetError::TensorShape`].
pub fn generator(weights: Weights, path: &Path) -> Result<Generator, NetError> {
    let take = |name: &str| {
        let missing = || NetError::MissingTensor { network: "fast_neural_style".into(), tensor: name.into() };
        weights.get(name).cloned().ok_or_else(missing)
    };
    let mut arrays = BTreeMap::new();
    let mut put = |theirs: &str, ours: &str, norm: bool, scales: [f32; 2]| -> Result<(), NetError> {
        for (part, scale) in ["weight", "bias"].iter().zip(scales) {
            let Array { mut shape, mut data } = take(&format!("{theirs}.{part}"))?;
            data.iter_mut().for_each(|value| *value *= scale);
            if norm {
                shape.insert(0, 1);
            }
            arrays.insert(format!("{ours}.{part}"), Array { shape, data });
        }
        Ok(())
    };
    for (convolution, norm, ours) in NAMES {
        let white = if ours == "c1" { WHITE } else { 1.0 };
        put(&format!("{convolution}.conv2d"), ours, false, [white, 1.0])?;
        put(norm, &format!("{ours}.norm"), true, [1.0; 2])?;
    }
    for block in 1..=BLOCKS {
        for (number, part) in [(1, "a"), (2, "b")] {
            put(&format!("res{block}.conv{number}.conv2d"), &format!("r{block}.{part}"), false, [1.0; 2])?;
            put(&format!("res{block}.in{number}"), &format!("r{block}.{part}.norm"), true, [1.0; 2])?;
        }
    }
    put("deconv3.conv2d", "c2", false, [1.0 / WHITE; 2])?;
    let planes =
        |name: &str| arrays.get(name).and_then(|array: &Array| array.shape.first().copied()).unwrap_or(0);
    let widths = [planes("c1.weight"), planes("d1.weight"), planes("d2.weight")];
    let architecture = Architecture::Transform {
        widths,
        blocks: BLOCKS,
        noise: 0,
        skip: 0,
        padding: Padding::Reflect,
        range: None,
    };
    let style = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Generator::new(architecture, vec![style], arrays, BTreeMap::new())
}
