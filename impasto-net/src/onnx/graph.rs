//! An ONNX file being written: nodes, constants, input and output.

use super::wire::Writer;

/// Version of ONNX's operations that files ask for; the later one knows borders that wrap around and numbers' bits.
const OPSET: i64 = 17;
const LATER_OPSET: i64 = 19;
/// Version of the file format.
const FORMAT: i64 = 8;
/// ONNX's number of f32 and of 64-bit integers.
pub const FLOAT: i64 = 1;
const INTEGER: i64 = 7;

/// Name of the graph's input.
pub const IMAGE: &str = "image";
/// Name of its output.
pub const PICTURE: &str = "picture";

/// An attribute of a node.
pub enum Attribute<'a> {
    Integer(i64),
    Integers(&'a [i64]),
    Float(f32),
    Text(&'a str),
    /// The integer that a function was called with under this name.
    Called(&'a str),
}

/// A graph being written.
#[derive(Default)]
pub struct Graph {
    message: Writer,
    later: bool,
    functions: Vec<Function>,
}

/// An operation that a file defines itself.
pub struct Function {
    /// Whose it is; not ONNX's.
    pub domain: &'static str,
    /// What it is called in nodes.
    pub op: &'static str,
    /// The tensor that it reads.
    pub input: &'static str,
    /// The tensor that it gives.
    pub output: &'static str,
    /// Integers that it is called with.
    pub attributes: &'static [&'static str],
    /// Messages of its nodes.
    pub nodes: Vec<Writer>,
}

impl Graph {
    /// Asks for the later version of ONNX's operations.
    pub fn ask_for_later(&mut self) {
        self.later = true;
    }

    /// Adds a node.
    pub fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[(&str, Attribute<'_>)]) {
        self.message.message(1, &node(op, inputs, output, attributes));
    }

    /// Adds a node of the operation that `function` defines, which files hold once.
    pub fn call(
        &mut self,
        function: Function,
        [input, output]: [&str; 2],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let mut node = node(function.op, &[input], output, attributes);
        node.bytes(7, function.domain.as_bytes());
        self.message.message(1, &node);
        if !self.functions.iter().any(|known| (known.domain, known.op) == (function.domain, function.op)) {
            self.ask_for_later();
            self.functions.push(function);
        }
    }

    /// Adds a constant of f32.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT, &bytes);
    }

    /// Adds a constant of 64-bit integers.
    pub fn integers(&mut self, name: &str, shape: &[usize], values: &[i64]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, INTEGER, &bytes);
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
    pub fn finish<'a>(
        mut self,
        name: &str,
        planes: usize,
        remarks: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Vec<u8> {
        self.message.bytes(2, name.as_bytes());
        self.message.message(11, &port(IMAGE, 3, ["height", "width"]));
        self.message.message(12, &port(PICTURE, planes, ["picture_height", "picture_width"]));
        let mut file = Writer::default();
        file.integer(1, FORMAT).bytes(2, b"impasto").bytes(3, env!("CARGO_PKG_VERSION").as_bytes());
        file.message(7, &self.message);
        file.message(8, &operations("", if self.later { LATER_OPSET } else { OPSET }));
        for function in &self.functions {
            file.message(8, &operations(function.domain, 1)).message(25, &function.message());
        }
        for (key, value) in remarks {
            let mut entry = Writer::default();
            entry.bytes(1, key.as_bytes()).bytes(2, value.as_bytes());
            file.message(14, &entry);
        }
        file.finish()
    }
}

impl Function {
    fn message(&self) -> Writer {
        let mut message = Writer::default();
        message.bytes(1, self.op.as_bytes()).bytes(4, self.input.as_bytes()).bytes(5, self.output.as_bytes());
        for name in self.attributes {
            message.bytes(6, name.as_bytes());
        }
        for node in &self.nodes {
            message.message(7, node);
        }
        message.message(9, &operations("", LATER_OPSET)).bytes(10, self.domain.as_bytes());
        message
    }
}

/// Which version of a domain's operations is meant.
fn operations(domain: &str, version: i64) -> Writer {
    let mut message = Writer::default();
    message.bytes(1, domain.as_bytes()).integer(2, version);
    message
}

/// The message of a node.
pub fn node(op: &str, inputs: &[&str], output: &str, attributes: &[(&str, Attribute<'_>)]) -> Writer {
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
            Attribute::Called(name) => message.integer(20, 2).bytes(21, name.as_bytes()),
            Attribute::Integers(values) => {
                values.iter().for_each(|value| {
                    message.integer(8, *value);
                });
                message.integer(20, 7)
            }
        };
        node.message(5, &message);
    }
    node
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
