//! Whose VGG a file holds: torchvision's naming of its layers, or the papers'.

use super::{Array, Weights, damaged};
use crate::NetError;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Which of the two networks that style transfer uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VggKind {
    /// 13 convolutions, configuration D of Simonyan & Zisserman 2014.
    Vgg16,
    /// 16 convolutions, configuration E of Simonyan & Zisserman 2014.
    Vgg19,
}

/// What the first convolution expects of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Blue, green, red from 0 to 255, less 103.939, 116.779, 123.68: the original weights.
    Caffe,
    /// Red, green, blue from 0 to 1, less 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225: torchvision's own training.
    Torchvision,
}

/// Output channels of each block's convolutions.
const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// First biases of the original VGG-19. Files with torchvision's names that start so hold Caffe's weights.
const ORIGINAL_VGG19_BIAS: [f32; 4] = [0.7301776, 0.06493629, 0.03428847, 0.8260386];

impl VggKind {
    /// The network's short name: `vgg16` or `vgg19`.
    pub fn name(self) -> &'static str {
        match self {
            VggKind::Vgg16 => "vgg16",
            VggKind::Vgg19 => "vgg19",
        }
    }

    /// Every convolution in order: name, input channels, output channels. All kernels are 3×3.
    pub fn convolutions(self) -> Vec<(String, usize, usize)> {
        let mut input = 3;
        let mut convolutions = Vec::new();
        for (block, (count, output)) in self.blocks().into_iter().zip(CHANNELS).enumerate() {
            for layer in 1..=count {
                convolutions.push((format!("conv{}_{layer}", block + 1), input, output));
                input = output;
            }
        }
        convolutions
    }

    /// Convolutions in each block.
    fn blocks(self) -> [usize; 5] {
        match self {
            VggKind::Vgg16 => [2, 2, 3, 3, 3],
            VggKind::Vgg19 => [2, 2, 4, 4, 4],
        }
    }

    /// Place of each convolution in torchvision's `features`, where ReLU and pooling layers count as well.
    fn torchvision_places(self) -> Vec<usize> {
        let mut place = 0;
        let mut places = Vec::new();
        for count in self.blocks() {
            places.extend((0..count).map(|layer| place + 2 * layer));
            place += 2 * count + 1;
        }
        places
    }
}

/// Tells which VGG these weights are and what input they expect, and gives each array the papers' name
/// (`conv1_1.weight`, `conv1_1.bias`, …).
///
/// Two namings are known. torchvision's, `features.0.weight` …, also with `module.` before or after `features.`;
/// its classifier is left out. And the papers', `conv1_1.weight` ….
///
/// The convention is what the metadata entry `input` says (JSON, `"channels": "BGR"` or `"RGB"`). Without one it is
/// [`Convention::Caffe`] for the papers' names, as Gatys published them, and [`Convention::Torchvision`] for
/// torchvision's, except where the first biases are those of the original VGG-19, which some programs distribute
/// under torchvision's names.
///
/// # Errors
/// [`NetError::Format`] naming `path` and the tensor: neither naming, a variant with batch normalisation, a tensor
/// too many, missing, or of another shape.
pub fn recognise_vgg(weights: Weights, path: &Path) -> Result<(VggKind, Convention, Weights), NetError> {
    let damaged = |reason: String| damaged(path, reason);
    let stated = stated_convention(&weights.metadata).map_err(damaged)?;
    let mut codes = weights.codes;
    let (kind, usual, arrays) = if weights.arrays.keys().any(|name| name.starts_with("conv1_1.")) {
        let (kind, arrays) = papers(weights.arrays).map_err(damaged)?;
        codes.retain(|name, _| arrays.contains_key(name));
        (kind, Convention::Caffe, arrays)
    } else {
        let (kind, arrays) = torchvision(weights.arrays).map_err(damaged)?;
        codes.clear();
        let original =
            arrays.get("conv1_1.bias").is_some_and(|bias| bias.data.starts_with(&ORIGINAL_VGG19_BIAS));
        (kind, if original { Convention::Caffe } else { Convention::Torchvision }, arrays)
    };
    Ok((kind, stated.unwrap_or(usual), Weights { arrays, codes, metadata: weights.metadata }))
}

/// Whether an array belongs to a VGG's fully connected layers.
pub(super) fn is_classifier(name: &str) -> bool {
    let name = name.strip_prefix("module.").unwrap_or(name);
    ["classifier.", "fc6.", "fc7.", "fc8."].iter().any(|prefix| name.starts_with(prefix))
}

/// The convention that a file's metadata states.
fn stated_convention(metadata: &BTreeMap<String, String>) -> Result<Option<Convention>, String> {
    let Some(text) = metadata.get("input") else { return Ok(None) };
    let input: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    match input["channels"].as_str() {
        Some("BGR") => Ok(Some(Convention::Caffe)),
        Some("RGB") => Ok(Some(Convention::Torchvision)),
        _ => Err(format!(
            "its metadata entry \"input\" is {text:?}; it should state \"channels\": \"BGR\" or \"RGB\""
        )),
    }
}

/// Arrays under the papers' names, checked.
fn papers(mut arrays: BTreeMap<String, Array>) -> Result<(VggKind, BTreeMap<String, Array>), String> {
    arrays.retain(|name, _| !is_classifier(name));
    let only_in_19 = ["conv3_4.", "conv4_4.", "conv5_4."];
    let is_19 = arrays.keys().any(|name| only_in_19.iter().any(|prefix| name.starts_with(prefix)));
    let kind = if is_19 { VggKind::Vgg19 } else { VggKind::Vgg16 };
    let names = kind.convolutions().into_iter().map(|(name, _, _)| name).collect();
    Ok((kind, rename(kind, arrays, names)?))
}

/// Arrays under torchvision's names, checked and renamed.
fn torchvision(arrays: BTreeMap<String, Array>) -> Result<(VggKind, BTreeMap<String, Array>), String> {
    let mut features = BTreeMap::new();
    for (name, array) in arrays {
        let plain = name.strip_prefix("module.").unwrap_or(&name);
        if is_classifier(plain) {
            continue;
        }
        let Some(rest) = plain.strip_prefix("features.") else {
            return Err(format!(
                "tensor {name} is not VGG's; a VGG-16 or VGG-19 has features.0.weight or conv1_1.weight and so on"
            ));
        };
        let rest = rest.strip_prefix("module.").unwrap_or(rest);
        if rest.ends_with(".running_mean") || rest.ends_with(".running_var") {
            return Err(format!(
                "tensor {name} belongs to batch normalisation; use the VGG without it (vgg16 or vgg19, not vgg16_bn or vgg19_bn)"
            ));
        }
        features.insert(format!("features.{rest}"), array);
    }
    if features.is_empty() {
        return Err(
            "it holds no convolutions of a VGG (features.0.weight or conv1_1.weight and so on)".to_owned()
        );
    }
    let places: BTreeSet<usize> = features
        .keys()
        .filter_map(|name| name.split('.').nth(1).and_then(|place| place.parse().ok()))
        .collect();
    let has_only = |own: VggKind, other: VggKind| {
        let other = other.torchvision_places();
        own.torchvision_places().iter().any(|place| !other.contains(place) && places.contains(place))
    };
    let kind = match (has_only(VggKind::Vgg16, VggKind::Vgg19), has_only(VggKind::Vgg19, VggKind::Vgg16)) {
        (true, false) => VggKind::Vgg16,
        (false, true) => VggKind::Vgg19,
        _ => return Err(format!("its convolutions are neither VGG-16's nor VGG-19's: features {places:?}")),
    };
    let names = kind.torchvision_places().into_iter().map(|place| format!("features.{place}")).collect();
    Ok((kind, rename(kind, features, names)?))
}

/// Moves each convolution from its name in the file to the papers' name; nothing may be missing, left over or misshapen.
fn rename(
    kind: VggKind,
    mut arrays: BTreeMap<String, Array>,
    names: Vec<String>,
) -> Result<BTreeMap<String, Array>, String> {
    let mut renamed = BTreeMap::new();
    for (source, (target, input, output)) in names.into_iter().zip(kind.convolutions()) {
        for (part, shape) in [("weight", vec![output, input, 3, 3]), ("bias", vec![output])] {
            let name = format!("{source}.{part}");
            let array = arrays
                .remove(&name)
                .ok_or_else(|| format!("tensor {name} is missing for network {}", kind.name()))?;
            if array.shape != shape {
                let (found, network) = (&array.shape, kind.name());
                return Err(format!(
                    "tensor {name} has shape {found:?}, but network {network} needs {shape:?}"
                ));
            }
            renamed.insert(format!("{target}.{part}"), array);
        }
    }
    match arrays.keys().next() {
        Some(name) => Err(format!("tensor {name} is not part of network {}", kind.name())),
        None => Ok(renamed),
    }
}
