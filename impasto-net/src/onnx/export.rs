//! From a network to an ONNX file.

use super::wire::Writer;
use crate::{
    Model, NetError,
    network::{Convolution, InputConvention, Layer, Op, Padding, Pooling},
};
use std::path::Path;

/// Version of ONNX's operations that files ask for; the later one knows borders that wrap around.
const OPSET: i64 = 17;
const OPSET_OF_WRAPPING: i64 = 19;
/// Version of the file format.
const FORMAT: i64 = 8;
/// ONNX's number of f32 and of 64-bit integers.
const FLOAT: i64 = 1;
const INTEGER: i64 = 7;

/// Writes the network up to the layer called `output` as an ONNX file: its input `image` is RGB [0, 1], `[1, 3, height,
/// width]` of any size; its output `picture` is the layer's map, planes before rows. A model's remarks go with it.
///
/// # Errors
/// [`NetError::UnknownLayer`]; [`NetError::Export`] for layers that ONNX does not know; [`NetError::Write`]; those of
/// decoding a model that is built into the program.
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
        let refused = |reason: &str| NetError::Export {
            network: network.name.clone(),
            layer: layer.name.clone(),
            reason: reason.into(),
        };
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
        graph.layer(layer, [inputs, parameters].concat(), channels[index]).map_err(refused)?;
    }
    let planes = channels[last];
    graph.node("Identity", &[&tensor_name(&network.layers[last].name)], PICTURE, &[]);
    Ok(graph.finish(&network.name, planes, model.metadata()))
}

/// Name of the graph's input.
const IMAGE: &str = "image";
/// Name of its output.
const PICTURE: &str = "picture";

/// What a layer's map is called: as the layer, unless the graph's ends are called so.
fn tensor_name(layer: &str) -> String {
    if [IMAGE, PICTURE].contains(&layer) { format!("layer.{layer}") } else { layer.to_owned() }
}

/// An attribute of a node.
enum Attribute<'a> {
    Integer(i64),
    Integers(&'a [i64]),
    Float(f32),
    Text(&'a str),
}

/// A graph being written.
#[derive(Default)]
struct Graph {
    message: Writer,
    wraps: bool,
}

impl Graph {
    /// The picture in the network's convention, as the layer called `name`.
    fn input(&mut self, input: &InputConvention, name: &str) {
        let mut last = IMAGE.to_owned();
        if input.bgr {
            self.integers("input.order", &[2, 1, 0]);
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
    fn layer(&mut self, layer: &Layer, inputs: Vec<String>, planes: usize) -> Result<(), &'static str> {
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
            Op::Noise { .. } => return Err("noise would be another one at every run"),
            Op::Mean => self.node("GlobalAveragePool", &inputs, name, &[]),
        }
        Ok(())
    }

    /// A border that is not zero.
    fn pad(&mut self, conv: Convolution, input: &str, output: &str) {
        let (before, after) = (conv.before as i64, conv.after as i64);
        let pads = format!("{output}.pads");
        self.integers(&pads, &[0, 0, before, before, 0, 0, after, after]);
        let mode = match conv.padding {
            Padding::Zero => "constant",
            Padding::Replicate => "edge",
            Padding::Reflect => "reflect",
            Padding::Circular => "wrap",
        };
        self.wraps |= conv.padding == Padding::Circular;
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

    /// Adds a node.
    fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[(&str, Attribute<'_>)]) {
        let mut node = Writer::default();
        inputs.iter().for_each(|input| {
            node.bytes(1, input.as_bytes());
        });
        node.bytes(2, output.as_bytes()).bytes(3, output.as_bytes()).bytes(4, op.as_bytes());
        for (name, attribute) in attributes {
            let mut message = Writer::default();
            message.bytes(1, name.as_bytes());
            match attribute {
                Attribute::Integer(value) => message.integer(3, *value).integer(20, 2),
                Attribute::Float(value) => message.float(2, *value).integer(20, 1),
                Attribute::Text(text) => message.bytes(4, text.as_bytes()).integer(20, 3),
                Attribute::Integers(values) => {
                    values.iter().for_each(|value| {
                        message.integer(8, *value);
                    });
                    message.integer(20, 7)
                }
            };
            node.message(5, &message);
        }
        self.message.message(1, &node);
    }

    /// Adds a constant of f32.
    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT, &bytes);
    }

    /// Adds a line of integers.
    fn integers(&mut self, name: &str, values: &[i64]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, &[values.len()], INTEGER, &bytes);
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: i64, bytes: &[u8]) {
        let mut tensor = Writer::default();
        shape.iter().for_each(|&extent| {
            tensor.integer(1, extent as i64);
        });
        tensor.integer(2, kind).bytes(8, name.as_bytes()).bytes(9, bytes);
        self.message.message(5, &tensor);
    }

    /// The file.
    fn finish<'a>(
        mut self,
        name: &str,
        planes: usize,
        remarks: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Vec<u8> {
        self.message.bytes(2, name.as_bytes());
        self.message.message(11, &port(IMAGE, 3, ["height", "width"]));
        self.message.message(12, &port(PICTURE, planes, ["picture_height", "picture_width"]));
        let mut opset = Writer::default();
        opset.bytes(1, b"").integer(2, if self.wraps { OPSET_OF_WRAPPING } else { OPSET });
        let mut file = Writer::default();
        file.integer(1, FORMAT).bytes(2, b"impasto").bytes(3, env!("CARGO_PKG_VERSION").as_bytes());
        file.message(7, &self.message).message(8, &opset);
        for (key, value) in remarks {
            let mut entry = Writer::default();
            entry.bytes(1, key.as_bytes()).bytes(2, value.as_bytes());
            file.message(14, &entry);
        }
        file.finish()
    }
}

/// A picture of so many planes and any size.
fn port(name: &str, planes: usize, sides: [&str; 2]) -> Writer {
    let mut shape = Writer::default();
    for extent in [Ok(1), Ok(planes as i64), Err(sides[0]), Err(sides[1])] {
        let mut message = Writer::default();
        match extent {
            Ok(value) => message.integer(1, value),
            Err(name) => message.bytes(2, name.as_bytes()),
        };
        shape.message(1, &message);
    }
    let (mut tensor, mut kind, mut port) = (Writer::default(), Writer::default(), Writer::default());
    tensor.integer(1, FLOAT).message(2, &shape);
    kind.message(1, &tensor);
    port.bytes(1, name.as_bytes()).message(2, &kind);
    port
}
