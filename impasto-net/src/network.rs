//! Networks as data: graphs of named layers with an input convention; they mention no kernel and no device.

pub mod squeezenet;
pub mod vgg;

use crate::NetError;

/// How a map is continued beyond its border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Zeros, the published convention of VGG and SqueezeNet.
    #[default]
    Zero,
    /// The border value repeated.
    Replicate,
    /// Mirrored about the border position, which is not repeated.
    Reflect,
    /// Wrapped around: the map tiles the plane.
    Circular,
}

impl Padding {
    /// The position inside `0..n` that stands for position `i` of the continued map; `None` means zero.
    pub fn index(self, i: isize, n: usize) -> Option<usize> {
        let last = n as isize - 1;
        if (0..=last).contains(&i) {
            return Some(i as usize);
        }
        match self {
            Padding::Zero => None,
            Padding::Replicate => Some(i.clamp(0, last) as usize),
            Padding::Circular => Some(i.rem_euclid(n as isize) as usize),
            Padding::Reflect if last == 0 => Some(0),
            Padding::Reflect => {
                let folded = i.rem_euclid(2 * last);
                Some(folded.min(2 * last - folded) as usize)
            }
        }
    }
}

/// Kind of pooling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// Largest value of the window.
    #[default]
    Max,
    /// Mean of the window.
    Average,
}

/// Variations of a VGG network that style transfer uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Replaces the network's pooling layers.
    pub pooling: Pooling,
    /// Border of the first convolution; later ones keep zeros. `Replicate` avoids frames in optimised pictures.
    pub border: Padding,
}

/// A square convolution (a cross-correlation, as everywhere in this field).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Planes it produces.
    pub outputs: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// Rows added above and columns added at the left.
    pub before: usize,
    /// Rows added below and columns added at the right.
    pub after: usize,
    /// What the added rows and columns hold.
    pub padding: Padding,
}

impl Convolution {
    /// Stride one, odd kernel, output as large as the input.
    pub fn same(outputs: usize, kernel: usize, padding: Padding) -> Self {
        Convolution { outputs, kernel, stride: 1, before: kernel / 2, after: kernel / 2, padding }
    }

    /// Length of the output along an axis of `n` positions; zero if the kernel does not fit.
    pub fn output_len(&self, n: usize) -> usize {
        (n + self.before + self.after + self.stride).saturating_sub(self.kernel) / self.stride
    }
}

/// A square pooling window without padding; incomplete windows at the far border are dropped ("floor").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Maximum or average.
    pub pooling: Pooling,
    /// Side of the window, at most 16: a maximum's place is remembered in a byte.
    pub window: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
}

impl Pool {
    /// Length of the output along an axis of `n` positions; zero if the window does not fit.
    pub fn output_len(&self, n: usize) -> usize {
        (n + self.stride).saturating_sub(self.window) / self.stride
    }
}

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The picture in the network's own convention; every network's first layer.
    Input,
    /// Convolution; its parameters are `P.weight` (`[outputs, inputs, kernel, kernel]`) and `P.bias`, with P from
    /// [`Layer::parameters`].
    Convolution(Convolution),
    /// max(x, 0).
    Relu,
    /// Spatial pooling.
    Pool(Pool),
    /// Planes of all inputs one after another.
    Concat,
    /// Mean of every plane over all positions: one position remains.
    Mean,
}

/// A named node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Network {
    /// A network that so far only has its input layer, named `image`.
    pub fn new(name: &str, input: InputConvention) -> Self {
        let mut network = Network { name: name.into(), layers: vec![], input };
        network.push("image", Op::Input, &[]);
        network
    }

    /// Appends a layer that reads `inputs`; returns its index.
    pub fn push(&mut self, name: &str, op: Op, inputs: &[usize]) -> usize {
        self.layers.push(Layer { name: name.into(), op, inputs: inputs.to_vec(), parameters: name.into() });
        self.layers.len() - 1
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
                Op::Input => 3,
                Op::Convolution(conv) => conv.outputs,
                Op::Concat => layer.inputs.iter().map(|&i| channels[i]).sum(),
                Op::Relu | Op::Pool(_) | Op::Mean => channels[layer.inputs[0]],
            });
        }
        channels
    }
}
