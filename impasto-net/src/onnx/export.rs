//! From a network to an ONNX file.

use super::{
    graph::{Attribute, Graph, IMAGE, PICTURE},
    noise,
};
use crate::{
    Model, NetError,
    network::{Convolution, InputConvention, Layer, Op, Padding, Pooling},
};
use std::path::Path;

/// Writes the network up to the layer called `output` as an ONNX file: its input `image` is RGB [0, 1], `[1, 3, height,
/// width]` of any size; its output `picture` is the layer's map, planes before rows. A model's remarks go with it.
///
/// # Errors
/// [`NetError::UnknownLayer`]; [`NetError::Write`]; those of decoding a model that is built into the program.
pub fn export(model: &Model, output: &str, path: &Path) -> Result<(), NetError> {
    let bytes = exported(model, output)?;
    std::fs::write(path, bytes).map_err(|source| NetError::Write { path: path.to_owned(), source })
}

/// The bytes that [`export`] writes.
///
/// # Errors
/// As [`export`], none of writing.
pub fn exported(model: &Model, output: &str) -> Result<Vec<u8>, NetError> {
    let network = model.network();
    let last = network.require(output)?;
    let mut needed = vec![false; network.layers.len()];
    needed[last] = true;
    for index in (0..=last).rev() {
        if needed[index] {
            network.layers[index].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    let channels = network.channels();
    let mut graph = Graph::default();
    for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| needed[*index]) {
        let inputs: Vec<String> =
            layer.inputs.iter().map(|&input| tensor_name(&network.layers[input].name)).collect();
        if layer.op == Op::Input {
            graph.input(&network.input, &tensor_name(&layer.name));
            continue;
        }
        let parameters = model.arrays(index)?;
        let parameters = parameters.into_iter().flatten().map(|(name, array)| {
            graph.floats(&name, &array.shape, &array.data);
            name
        });
        let parameters: Vec<String> = parameters.collect();
        graph.layer(layer, [inputs, parameters].concat(), channels[index]);
    }
    let planes = channels[last];
    graph.node("Identity", &[&tensor_name(&network.layers[last].name)], PICTURE, &[]);
    Ok(graph.finish(&network.name, planes, model.metadata()))
}

/// What a layer's map is called: as the layer, unless the graph's ends are called so.
fn tensor_name(layer: &str) -> String {
    if [IMAGE, PICTURE].contains(&layer) { format!("layer.{layer}") } else { layer.to_owned() }
}

impl Graph {
    /// The picture in the network's convention, as the layer called `name`.
    fn input(&mut self, input: &InputConvention, name: &str) {
        let mut last = IMAGE.to_owned();
        if input.bgr {
            self.integers("input.order", &[3], &[2, 1, 0]);
            self.node("Gather", &[&last, "input.order"], "input.bgr", &[("axis", Attribute::Integer(1))]);
            last = "input.bgr".into();
        }
        let scale = input.std.map(|std| input.scale / std);
        let shift: Vec<f32> = input.mean.iter().zip(input.std).map(|(mean, std)| -mean / std).collect();
        if scale == [1.0; 3] && shift == [0.0; 3] {
            return self.node("Identity", &[&last], name, &[]);
        }
        self.floats("input.scale", &[1, 3, 1, 1], &scale);
        self.floats("input.shift", &[1, 3, 1, 1], &shift);
        self.node("Mul", &[&last, "input.scale"], "input.scaled", &[]);
        self.node("Add", &["input.scaled", "input.shift"], name, &[]);
    }

    /// One layer of so many planes; `inputs` are the names of its inputs and parameters.
    fn layer(&mut self, layer: &Layer, inputs: Vec<String>, planes: usize) {
        let name = &tensor_name(&layer.name);
        let mut inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        match layer.op {
            Op::Input => {}
            Op::Convolution(conv) | Op::Depthwise(conv) => {
                let depthwise = matches!(layer.op, Op::Depthwise(_));
                let padded = format!("{name}.padded");
                if conv.padding != Padding::Zero && conv.before + conv.after > 0 {
                    self.pad(conv, inputs[0], &padded);
                    inputs[0] = &padded;
                }
                self.convolution(conv, depthwise, &inputs, name);
            }
            Op::Relu => self.node("Relu", &inputs, name, &[]),
            Op::ClippedRelu { ceiling } => {
                let (low, high) = (format!("{name}.low"), format!("{name}.high"));
                self.floats(&low, &[], &[0.0]);
                self.floats(&high, &[], &[ceiling]);
                inputs.extend([&low[..], &high[..]]);
                self.node("Clip", &inputs, name, &[]);
            }
            Op::Pool(pool) => {
                let op = if pool.pooling == Pooling::Max { "MaxPool" } else { "AveragePool" };
                let (window, stride) = (pool.window as i64, pool.stride as i64);
                let (window, stride) = ([window; 2], [stride; 2]);
                let attributes = [
                    ("kernel_shape", Attribute::Integers(&window)),
                    ("strides", Attribute::Integers(&stride)),
                ];
                self.node(op, &inputs, name, &attributes);
            }
            Op::Concat => self.node("Concat", &inputs, name, &[("axis", Attribute::Integer(1))]),
            Op::Add => self.node("Add", &inputs, name, &[]),
            Op::InstanceNorm { epsilon } => {
                let epsilon = [("epsilon", Attribute::Float(epsilon))];
                self.node("InstanceNormalization", &inputs, name, &epsilon);
            }
            Op::Upsample => {
                let scales = format!("{name}.scales");
                self.floats(&scales, &[4], &[1.0, 1.0, 2.0, 2.0]);
                let attributes = [
                    ("mode", Attribute::Text("nearest")),
                    ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
                    ("nearest_mode", Attribute::Text("floor")),
                ];
                self.node("Resize", &[inputs[0], "", &scales], name, &attributes);
            }
            Op::Spread => {
                let ones = format!("{name}.ones");
                self.floats(&ones, &[planes, 1, 1, 1], &vec![1.0; planes]);
                let attributes = [
                    ("strides", Attribute::Integers(&[2, 2])),
                    ("output_padding", Attribute::Integers(&[1, 1])),
                    ("group", Attribute::Integer(planes as i64)),
                ];
                self.node("ConvTranspose", &[inputs[0], &ones], name, &attributes);
            }
            Op::Squash { low, high } => {
                let [squashed, span, scaled, least] =
                    ["squashed", "span", "scaled", "least"].map(|part| format!("{name}.{part}"));
                self.floats(&span, &[], &[high - low]);
                self.floats(&least, &[], &[low]);
                self.node("Sigmoid", &inputs, &squashed, &[]);
                self.node("Mul", &[&squashed, &span], &scaled, &[]);
                self.node("Add", &[&scaled, &least], name, &[]);
            }
            Op::Noise { planes, shrink, stream } => {
                noise::write(self, inputs[0], name, [planes, shrink], stream);
            }
            Op::Mean => self.node("GlobalAveragePool", &inputs, name, &[]),
        }
    }

    /// A border that is not zero.
    fn pad(&mut self, conv: Convolution, input: &str, output: &str) {
        let (before, after) = (conv.before as i64, conv.after as i64);
        let pads = format!("{output}.pads");
        self.integers(&pads, &[8], &[0, 0, before, before, 0, 0, after, after]);
        let mode = match conv.padding {
            Padding::Zero => "constant",
            Padding::Replicate => "edge",
            Padding::Reflect => "reflect",
            Padding::Circular => "wrap",
        };
        if conv.padding == Padding::Circular {
            self.ask_for_later();
        }
        self.node("Pad", &[input, &pads], output, &[("mode", Attribute::Text(mode))]);
    }

    fn convolution(&mut self, conv: Convolution, depthwise: bool, inputs: &[&str], output: &str) {
        let Convolution { kernel, stride, before, after, .. } = conv;
        let [before, after] = match conv.padding {
            Padding::Zero => [before as i64, after as i64],
            _ => [0; 2],
        };
        let (pads, kernel) = ([before, before, after, after], [kernel as i64; 2]);
        let stride = [stride as i64; 2];
        let attributes = [
            ("kernel_shape", Attribute::Integers(&kernel)),
            ("strides", Attribute::Integers(&stride)),
            ("pads", Attribute::Integers(&pads)),
            ("group", Attribute::Integer(if depthwise { conv.outputs as i64 } else { 1 })),
        ];
        self.node("Conv", inputs, output, &attributes);
    }
}
