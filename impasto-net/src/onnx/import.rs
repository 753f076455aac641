//! From an ONNX file to a network.

mod affine;
mod fold;
mod layers;
mod norm;
mod transposed;

use super::{
    message::{self, Attribute, Constant, Graph, Node, Port},
    noise,
};
use crate::{
    NetError,
    network::{InputConvention, Network, Op, Padding},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, path::Path, rc::Rc};

/// Characters of an error's reason that are kept.
const LONGEST_REASON: usize = 600;
/// Largest file read, bytes.
const LARGEST: u64 = 1 << 29;
/// Most nodes read.
const MOST_NODES: usize = 10_000;

/// What an ONNX file does not say of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options<'a> {
    /// Value of white in the picture that the graph reads: 1 or 255.
    pub white: f32,
    /// Value of white in the picture that it gives.
    pub output_white: f32,
    /// Numbers for the second input of networks of several styles, see [`style_input`].
    pub style: Option<&'a [f32]>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { white: 1.0, output_white: 1.0, style: None }
    }
}

/// A network read from an ONNX file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its layers, named after what they do and numbered.
    pub network: Network,
    /// Its parameters.
    pub weights: Weights,
    /// Name of the layer that holds the picture painted, RGB [0, 1].
    pub output: String,
}

/// The second input of a network of several styles.
#[derive(Clone, Debug, PartialEq)]
pub struct StyleInput {
    /// Its name.
    pub name: String,
    /// How many numbers it takes: usually the weight of each style, of which one is 1 and the others 0.
    pub len: usize,
}

/// The second input of the graph in the file `path`, if it has one.
///
/// # Errors
/// [`NetError::Read`]; [`NetError::Onnx`] if the file is none of ONNX's.
pub fn style_input(path: &Path) -> Result<Option<StyleInput>, NetError> {
    let graph = graph(path)?;
    let image = image(&graph).map_err(|reason| failed(path, reason))?;
    let other = graph.inputs.iter().find(|port| port.name != image.name);
    Ok(other.map(|port| StyleInput { name: port.name.clone(), len: len(port) }))
}

/// A generator from an ONNX file: a graph that makes a picture `[1, 3, height, width]` of such a picture, in which borders,
/// convolutions, instance or batch norms, ReLUs, sums, enlargement by 2 and a squashed end may occur.
///
/// Where the file has its values rounded to 8 bits between layers, that is left out.
///
/// # Errors
/// [`NetError::Read`]; [`NetError::Onnx`], which names the node that is not supported.
pub fn import(path: &Path, options: Options<'_>) -> Result<Imported, NetError> {
    let graph = graph(path)?;
    let name = path.file_stem().map_or("onnx".into(), |stem| stem.to_string_lossy().into_owned());
    Import::run(&graph, &name, options).map_err(|reason| failed(path, reason))
}

fn graph(path: &Path) -> Result<Graph, NetError> {
    let read = |source| NetError::Read { path: path.to_owned(), source };
    let len = std::fs::metadata(path).map_err(read)?.len();
    if len > LARGEST {
        return Err(failed(path, format!("it is larger than {LARGEST} bytes")));
    }
    let bytes = std::fs::read(path).map_err(read)?;
    message::read(&bytes).map_err(|reason| failed(path, reason))
}

/// The error of a file; its names shall neither flood a terminal nor command it.
fn failed(path: &Path, reason: impl AsRef<str>) -> NetError {
    let shown = reason.as_ref().chars().take(LONGEST_REASON);
    let reason = shown.map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    NetError::Onnx { path: path.to_owned(), reason }
}

/// The input that holds the picture.
fn image(graph: &Graph) -> Result<&Port, String> {
    let is_image = |port: &&Port| port.shape.len() == 4 && port.shape.iter().skip(1).any(|n| *n == Some(3));
    let mut images = graph.inputs.iter().filter(is_image);
    images.next().ok_or_else(|| "it has no input of shape [1, 3, height, width]".into())
}

/// Values of an input whose open extents are 1.
fn len(port: &Port) -> usize {
    port.shape.iter().fold(1, |product: usize, n| product.saturating_mul(n.unwrap_or(1)))
}

/// What a name of the graph stands for.
#[derive(Clone)]
enum Value {
    Constant(Rc<Constant>),
    /// A layer's map.
    Map(usize),
    /// A layer's map, continued beyond its border by the same before and after on both axes.
    Padded(usize, Border),
    /// Something on the way to the norm of a layer's map.
    Norm(usize, norm::Part),
}

/// What is added around a map.
#[derive(Clone, Copy, PartialEq)]
struct Border {
    before: usize,
    after: usize,
    padding: Padding,
}

impl Value {
    /// The layer that it is made of.
    fn layer(&self) -> Option<usize> {
        match self {
            Value::Constant(_) => None,
            Value::Map(layer) | Value::Padded(layer, _) | Value::Norm(layer, _) => Some(*layer),
        }
    }
}

struct Import<'a> {
    /// How many nodes and outputs are still to read a name.
    uses: BTreeMap<&'a str, usize>,
    values: BTreeMap<&'a str, Value>,
    network: Network,
    arrays: BTreeMap<String, Array>,
    /// Planes of every layer.
    channels: Vec<usize>,
    /// For every layer, how many names that are still to be read are made of its map.
    made_of: Vec<usize>,
}

impl<'a> Import<'a> {
    fn run(graph: &'a Graph, name: &str, options: Options<'_>) -> Result<Imported, String> {
        let image = image(graph)?;
        let Some(output) = graph.outputs.first() else { return Err("its graph has no output".into()) };
        if graph.nodes.len() > MOST_NODES {
            return Err(format!("it has {} nodes, more than {MOST_NODES}", graph.nodes.len()));
        }
        let needed = needed(graph, &output.name);
        let mut uses: BTreeMap<&str, usize> = BTreeMap::from([(&output.name[..], 1)]);
        for node in graph.nodes.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(node, _)| node) {
            node.inputs.iter().for_each(|input| *uses.entry(input).or_default() += 1);
        }
        let mut import = Import {
            uses,
            values: BTreeMap::new(),
            network: Network::new(
                name,
                InputConvention { scale: options.white, ..InputConvention::UNCHANGED },
            ),
            arrays: BTreeMap::new(),
            channels: vec![3],
            made_of: vec![0],
        };
        for (name, constant) in &graph.constants {
            import.values.insert(name, Value::Constant(Rc::new(constant.clone())));
        }
        import.set(&image.name, Value::Map(0))?;
        for port in graph.inputs.iter().filter(|port| port.name != image.name) {
            import.set(&port.name, style(port, options.style)?)?;
        }
        for (node, _) in graph.nodes.iter().zip(needed).filter(|(_, needed)| *needed) {
            import.node(node).map_err(|reason| format!("node {} ({}): {reason}", shown(node), node.op))?;
        }
        import.finish(&output.name, options.output_white)
    }

    /// The network, with white brought to one.
    fn finish(mut self, output: &str, white: f32) -> Result<Imported, String> {
        let value = self.values.get(output).cloned();
        let value = value.ok_or_else(|| format!("nothing gives its output {output}"))?;
        let layer = self.map(&value)?;
        if self.channels[layer] != 3 {
            return Err(format!("its output has {} planes instead of 3", self.channels[layer]));
        }
        let scale = 1.0 / f64::from(white);
        let alone = self.alone(output, layer);
        let layer = self.affine(layer, alone, &[scale; 3], &[0.0; 3])?;
        let output = self.network.layers[layer].name.clone();
        Ok(Imported { network: self.network, weights: Weights::new(self.arrays, BTreeMap::new()), output })
    }

    /// Gives a name its value.
    fn set(&mut self, name: &'a str, value: Value) -> Result<(), String> {
        if let Some(layer) = value.layer() {
            self.made_of[layer] += 1;
        }
        match self.values.insert(name, value) {
            Some(_) => Err(format!("the name {name} is given twice")),
            None => Ok(()),
        }
    }

    /// Whether the map of `layer`, known as `name`, is read only here, so that what is done to it may be done earlier.
    fn alone(&self, name: &str, layer: usize) -> bool {
        let read = self.network.layers.iter().any(|other| other.inputs.contains(&layer));
        !read && self.uses.get(name) == Some(&1) && self.made_of[layer] == 1
    }

    /// Notes that a node has read its inputs.
    fn done_with(&mut self, node: &Node) {
        for name in &node.inputs {
            let Some(uses) = self.uses.get_mut(&name[..]) else { continue };
            *uses = uses.saturating_sub(1);
            let layer = self.values.get(&name[..]).and_then(Value::layer).filter(|_| *uses == 0);
            if let Some(layer) = layer {
                self.made_of[layer] = self.made_of[layer].saturating_sub(1);
            }
        }
    }

    /// Appends a layer.
    fn push(&mut self, op: Op, inputs: &[usize]) -> usize {
        let word = match op {
            Op::Input => "image",
            Op::Convolution(_) => "conv",
            Op::Depthwise(_) => "depthwise",
            Op::Relu | Op::ClippedRelu { .. } => "relu",
            Op::Pool(_) => "pool",
            Op::Concat => "concat",
            Op::Add => "sum",
            Op::InstanceNorm { .. } => "norm",
            Op::Upsample => "large",
            Op::Spread => "spread",
            Op::Mean => "mean",
            Op::Squash { .. } => "squash",
            Op::Noise { .. } => "noise",
        };
        let same = |layer: &&crate::network::Layer| {
            layer.name.trim_end_matches(|c: char| c.is_ascii_digit()) == word
        };
        let number = 1 + self.network.layers.iter().filter(same).count();
        let layer = self.network.push(&format!("{word}{number}"), op, inputs);
        self.channels = self.network.channels();
        self.made_of.push(0);
        layer
    }

    /// Gives the layer pushed last its parameters.
    fn parameters(&mut self, layer: usize, weight: Array, bias: Vec<f32>) {
        let name = self.network.layers[layer].parameters.clone();
        self.arrays.insert(format!("{name}.bias"), Array { shape: vec![bias.len()], data: bias });
        self.arrays.insert(format!("{name}.weight"), weight);
    }

    /// The layer whose map a value is; steps that were put off are pushed.
    fn map(&mut self, value: &Value) -> Result<usize, String> {
        match *value {
            Value::Map(layer) => Ok(layer),
            Value::Padded(layer, border) => Ok(self.pad_alone(layer, border)),
            Value::Norm(layer, norm::Part::Mean) => Ok(self.push(Op::Mean, &[layer])),
            Value::Norm(..) => {
                Err("part of a norm is used for something else, which is not supported".into())
            }
            Value::Constant(_) => Err("a constant stands where a map should".into()),
        }
    }

    /// What a node's input number `index` stands for; none if it is left out.
    fn optional(&self, node: &Node, index: usize) -> Result<Option<Value>, String> {
        match node.inputs.get(index).filter(|name| !name.is_empty()) {
            None => Ok(None),
            Some(name) => match self.values.get(&name[..]) {
                Some(value) => Ok(Some(value.clone())),
                None => Err(format!("its input {name} is given by nothing before it")),
            },
        }
    }

    /// As [`Import::optional`], required.
    fn input(&self, node: &Node, index: usize) -> Result<Value, String> {
        self.optional(node, index)?.ok_or_else(|| format!("input number {index} is missing"))
    }

    /// A constant input, if it is there.
    fn constant(&self, node: &Node, index: usize) -> Result<Option<Rc<Constant>>, String> {
        match self.optional(node, index)? {
            None => Ok(None),
            Some(Value::Constant(constant)) => Ok(Some(constant)),
            Some(_) => Err(format!("input number {index} is not constant, which is not supported")),
        }
    }

    /// Computes one node.
    fn node(&mut self, node: &'a Node) -> Result<(), String> {
        let Some(output) = node.outputs.first() else { return Err("it has no output".into()) };
        if !["", "ai.onnx"].contains(&&node.domain[..]) && !noise::is_noise(node) {
            return Err(format!("operations of {} are not supported", node.domain));
        }
        let value = match self.folded(node)? {
            Some(constant) => Value::Constant(Rc::new(constant)),
            None => self.layer(node)?,
        };
        self.done_with(node);
        self.set(output, value)
    }

    /// The node's value if all that it reads is constant.
    fn folded(&self, node: &Node) -> Result<Option<Constant>, String> {
        let mut inputs = Vec::new();
        for index in 0..node.inputs.len() {
            match self.optional(node, index)? {
                None => inputs.push(None),
                Some(Value::Constant(constant)) => inputs.push(Some(constant)),
                Some(_) => return Ok(None),
            }
        }
        fold::fold(node, &inputs)
    }
}

/// A node's name, or what it gives where it has none.
fn shown(node: &Node) -> &str {
    let output = node.outputs.first().map_or("without a name", |name| name);
    if node.name.is_empty() { output } else { &node.name }
}

/// Which nodes the output called `output` depends on.
fn needed(graph: &Graph, output: &str) -> Vec<bool> {
    let mut wanted = std::collections::BTreeSet::from([output]);
    let mut needed = vec![false; graph.nodes.len()];
    for (node, needed) in graph.nodes.iter().zip(&mut needed).rev() {
        *needed = node.outputs.iter().any(|name| wanted.contains(&name[..]));
        if *needed {
            wanted.extend(node.inputs.iter().map(|name| &name[..]));
        }
    }
    needed
}

/// The numbers for an input that is no picture.
fn style(port: &Port, given: Option<&[f32]>) -> Result<Value, String> {
    let (name, len) = (&port.name, len(port));
    let Some(given) = given else {
        return Err(format!("its input {name} takes {len} numbers that say which style: none are given"));
    };
    if given.len() != len || !given.iter().all(|v| v.is_finite()) {
        return Err(format!(
            "its input {name} takes {len} numbers that say which style, but {} are given",
            given.len()
        ));
    }
    let shape = port.shape.iter().map(|n| n.unwrap_or(1)).collect();
    Ok(Value::Constant(Rc::new(Constant { shape, data: given.iter().map(|&v| v.into()).collect() })))
}

impl Node {
    /// An integer attribute.
    pub fn integer(&self, name: &str, absent: i64) -> i64 {
        match self.attributes.get(name) {
            Some(Attribute::Integer(value)) => *value,
            _ => absent,
        }
    }

    /// A number.
    fn float(&self, name: &str, absent: f32) -> f32 {
        match self.attributes.get(name) {
            Some(Attribute::Float(value)) => *value,
            _ => absent,
        }
    }

    /// Integers.
    fn integers(&self, name: &str) -> Option<&[i64]> {
        match self.attributes.get(name) {
            Some(Attribute::Integers(values)) => Some(values),
            _ => None,
        }
    }

    /// Text.
    fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name) {
            Some(Attribute::Text(text)) => Some(text),
            _ => None,
        }
    }
}
