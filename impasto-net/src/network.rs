//! Networks as data: graphs of named layers with an input convention; they mention no kernel and no device.

pub mod enlarge;
pub mod magenta;
mod op;
pub mod pyramid;
mod receptive;
pub mod squeezenet;
pub mod transform;
pub mod vgg;

pub use op::{Convolution, Op, Padding, Pool, Pooling};
pub use receptive::Field;

use crate::NetError;

/// Variations of a VGG network that style transfer uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Replaces the network's pooling layers.
    pub pooling: Pooling,
    /// Border of the first convolution; later ones keep zeros. `Replicate` avoids frames in optimised pictures.
    pub border: Padding,
}

/// A named node of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The papers' name, such as `conv1_1`.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Indices of the layers it reads; always smaller than its own.
    pub inputs: Vec<usize>,
    /// What its parameters' names start with; the layer's own name unless the papers give that name to its ReLU.
    pub parameters: String,
}

impl Layer {
    /// Whether it standardises planes by their own statistics.
    pub fn is_norm(&self) -> bool {
        matches!(self.op, Op::InstanceNorm { .. })
    }
}

/// How a network wants its picture: channel `c` (in its own order) is `(value · scale − mean[c]) / std[c]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputConvention {
    /// Channels are blue, green, red instead of red, green, blue.
    pub bgr: bool,
    /// Value of white.
    pub scale: f32,
    /// Subtracted, in the network's channel order.
    pub mean: [f32; 3],
    /// Divided by, in the network's channel order.
    pub std: [f32; 3],
}

impl InputConvention {
    /// The original VGG's: BGR, 0–255, mean subtracted (Simonyan & Zisserman 2014, Caffe release).
    pub const CAFFE: Self =
        InputConvention { bgr: true, scale: 255.0, mean: [103.939, 116.779, 123.68], std: [1.0; 3] };
    /// torchvision's: RGB, 0–1, standardised by ImageNet's mean and deviation.
    pub const TORCHVISION: Self =
        InputConvention { bgr: false, scale: 1.0, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    /// The picture unchanged: RGB, 0–1.
    pub const UNCHANGED: Self = InputConvention { bgr: false, scale: 1.0, mean: [0.0; 3], std: [1.0; 3] };
}

/// A network as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Short name, such as `vgg19`.
    pub name: String,
    /// Layers in an order in which they can be computed; the first is [`Op::Input`].
    pub layers: Vec<Layer>,
    /// What the first layer holds.
    pub input: InputConvention,
    /// Planes of the first layer: 3, unless it is a part of a network.
    pub planes: usize,
}

impl Network {
    /// A network that so far only has its input layer, named `image`.
    pub fn new(name: &str, input: InputConvention) -> Self {
        Network::reading(name, input, 3)
    }

    /// [`Network::new`] for maps of `planes` planes instead of pictures.
    pub(crate) fn reading(name: &str, input: InputConvention, planes: usize) -> Self {
        let mut network = Network { name: name.into(), layers: vec![], input, planes };
        network.push("image", Op::Input, &[]);
        network
    }

    /// Appends a layer that reads `inputs`; returns its index.
    pub fn push(&mut self, name: &str, op: Op, inputs: &[usize]) -> usize {
        self.layers.push(Layer { name: name.into(), op, inputs: inputs.to_vec(), parameters: name.into() });
        self.layers.len() - 1
    }

    /// The name of the last layer, which holds the picture where the network is a generator.
    pub fn last(&self) -> &str {
        self.layers.last().map_or("", |layer| &layer.name)
    }

    /// The index of the layer called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.layers.iter().position(|layer| layer.name == name)
    }

    /// The index of the layer called `name`.
    ///
    /// # Errors
    /// [`NetError::UnknownLayer`] with the names most like it.
    pub fn require(&self, name: &str) -> Result<usize, NetError> {
        self.find(name).ok_or_else(|| {
            let mut similar: Vec<String> = self.layers.iter().map(|layer| layer.name.clone()).collect();
            let likeness = |other: &str| strsim::jaro_winkler(name, other);
            similar.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
            similar.truncate(3);
            NetError::UnknownLayer { network: self.name.clone(), layer: name.into(), similar }
        })
    }

    /// Planes of every layer.
    pub fn channels(&self) -> Vec<usize> {
        let mut channels: Vec<usize> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            channels.push(match layer.op {
                Op::Input => self.planes,
                Op::Convolution(conv) => conv.outputs,
                Op::Concat => layer.inputs.iter().map(|&i| channels[i]).sum(),
                Op::Noise { planes, .. } => planes,
                Op::Depthwise(_)
                | Op::Relu
                | Op::ClippedRelu { .. }
                | Op::Pool(_)
                | Op::Add
                | Op::InstanceNorm { .. }
                | Op::Upsample
                | Op::Spread
                | Op::Mean
                | Op::Squash { .. } => channels[layer.inputs[0]],
            });
        }
        channels
    }

    /// Shapes of the weight and the bias that the layer at index `layer` needs; none if it has no parameters.
    /// `channels` are [`Network::channels`].
    pub fn parameter_shapes(&self, layer: usize, channels: &[usize]) -> Option<[Vec<usize>; 2]> {
        match self.layers[layer].op {
            Op::Convolution(conv) => {
                let inputs = channels[self.layers[layer].inputs[0]];
                Some([vec![conv.outputs, inputs, conv.kernel, conv.kernel], vec![conv.outputs]])
            }
            Op::Depthwise(conv) => {
                Some([vec![channels[layer], 1, conv.kernel, conv.kernel], vec![channels[layer]]])
            }
            Op::InstanceNorm { .. } => Some([vec![channels[layer]], vec![channels[layer]]]),
            _ => None,
        }
    }
}
