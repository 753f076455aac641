//! The messages of an ONNX file, as far as they matter here (the format's field numbers: onnx.proto).

use super::wire::{Damage, Field, Reader};
use std::collections::BTreeMap;

/// Longest side of a constant without values.
const LONGEST_EMPTY: usize = 1 << 12;

/// Values of a constant; integers of all kinds are exact up to 2⁵³.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constant {
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// As many values as the extents multiply to.
    pub data: Vec<f64>,
}

/// An attribute of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A number.
    Float(f32),
    /// An integer.
    Integer(i64),
    /// Text.
    Text(String),
    /// Integers.
    Integers(Vec<i64>),
    /// Numbers.
    Floats(Vec<f32>),
    /// Values.
    Constant(Constant),
    /// What a function was called with under this name.
    Called(String),
    /// A graph, or whatever else.
    Other,
}

/// An operation.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its own name, maybe empty.
    pub name: String,
    /// What it does, such as `Conv`.
    pub op: String,
    /// Where the operation is defined; empty for ONNX itself.
    pub domain: String,
    /// Names of what it reads; an empty one is left out.
    pub inputs: Vec<String>,
    /// Names of what it gives.
    pub outputs: Vec<String>,
    /// By name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// An input or output of the graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its extents; `None` where the file leaves one open.
    pub shape: Vec<Option<usize>>,
}

/// A graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// In an order in which they can be computed.
    pub nodes: Vec<Node>,
    /// By name.
    pub constants: BTreeMap<String, Constant>,
    /// What it reads, constants not included.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
}

/// The graph of a file.
pub fn read(bytes: &[u8]) -> Result<Graph, Damage> {
    let mut graph = None;
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        if number == 7 {
            graph = Some(read_graph(field.bytes()?)?);
        }
    }
    graph.ok_or_else(|| "it holds no graph".into())
}

fn read_graph(bytes: &[u8]) -> Result<Graph, Damage> {
    let mut graph = Graph::default();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        match number {
            1 => graph.nodes.push(read_node(field.bytes()?)?),
            5 => {
                let (name, constant) = read_tensor(field.bytes()?)?;
                graph.constants.insert(name, constant);
            }
            11 => graph.inputs.push(read_port(field.bytes()?)?),
            12 => graph.outputs.push(read_port(field.bytes()?)?),
            _ => {}
        }
    }
    // Files of old list constants among the inputs.
    graph.inputs.retain(|input| !graph.constants.contains_key(&input.name));
    Ok(graph)
}

/// A node.
pub fn read_node(bytes: &[u8]) -> Result<Node, Damage> {
    let mut node = Node::default();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        match number {
            1 => node.inputs.push(field.text()?),
            2 => node.outputs.push(field.text()?),
            3 => node.name = field.text()?,
            4 => node.op = field.text()?,
            5 => {
                let (name, attribute) = read_attribute(field.bytes()?)?;
                node.attributes.insert(name, attribute);
            }
            7 => node.domain = field.text()?,
            _ => {}
        }
    }
    Ok(node)
}

fn read_attribute(bytes: &[u8]) -> Result<(String, Attribute), Damage> {
    let (mut name, mut called, mut kind) = (String::new(), None, 0);
    let (mut float, mut integer, mut text, mut constant) = (0.0, 0, String::new(), None);
    let (mut floats, mut integers) = (Vec::new(), Vec::new());
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        match number {
            1 => name = field.text()?,
            2 => {
                let mut one = Vec::new();
                field.floats(&mut one)?;
                float = one.first().copied().unwrap_or(0.0);
            }
            3 => integer = field.integer()?,
            4 => text = String::from_utf8_lossy(field.bytes()?).into_owned(),
            5 => constant = Some(read_tensor(field.bytes()?)?.1),
            7 => field.floats(&mut floats)?,
            8 => field.integers(&mut integers)?,
            20 => kind = field.integer()?,
            21 => called = Some(field.text()?),
            _ => {}
        }
    }
    if let Some(called) = called {
        return Ok((name, Attribute::Called(called)));
    }
    let attribute = match (kind, constant) {
        (1, _) => Attribute::Float(float),
        (2, _) => Attribute::Integer(integer),
        (3, _) => Attribute::Text(text),
        (4, Some(constant)) => Attribute::Constant(constant),
        (6, _) => Attribute::Floats(floats),
        (7, _) => Attribute::Integers(integers),
        _ => Attribute::Other,
    };
    Ok((name, attribute))
}

fn read_port(bytes: &[u8]) -> Result<Port, Damage> {
    let mut port = Port::default();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        match number {
            1 => port.name = field.text()?,
            2 => port.shape = read_type(field.bytes()?)?,
            _ => {}
        }
    }
    Ok(port)
}

/// The extents of a type: of the message in field 1 (a tensor's), the one in field 2 (its shape), the ones in field 1.
fn read_type(bytes: &[u8]) -> Result<Vec<Option<usize>>, Damage> {
    let mut extents = Vec::new();
    for tensor in messages(bytes, 1)? {
        for shape in messages(tensor, 2)? {
            for extent in messages(shape, 1)? {
                let mut value = None;
                let mut reader = Reader::new(extent);
                while let Some((number, field)) = reader.next_field()? {
                    if number == 1 {
                        value = usize::try_from(field.integer()?).ok();
                    }
                }
                extents.push(value);
            }
        }
    }
    Ok(extents)
}

/// The messages in all fields of one number.
fn messages(bytes: &[u8], wanted: u64) -> Result<Vec<&[u8]>, Damage> {
    let mut found = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        if number == wanted {
            found.push(field.bytes()?);
        }
    }
    Ok(found)
}

/// Name and values of a tensor.
fn read_tensor(bytes: &[u8]) -> Result<(String, Constant), Damage> {
    let (mut name, mut dims, mut kind) = (String::new(), Vec::new(), 0);
    let (mut raw, mut floats, mut integers): (Option<&[u8]>, _, _) = (None, Vec::new(), Vec::new());
    let mut doubles = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next_field()? {
        match number {
            1 => field.integers(&mut dims)?,
            2 => kind = field.integer()?,
            4 => field.floats(&mut floats)?,
            5 | 7 | 11 => field.integers(&mut integers)?,
            8 => name = field.text()?,
            9 => raw = Some(field.bytes()?),
            10 => match field {
                Field::Bytes(bytes) => {
                    doubles.extend(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)))
                }
                Field::Eight(bytes) => doubles.push(f64::from_le_bytes(bytes)),
                _ => return Err(format!("tensor {name} is damaged")),
            },
            13 | 14 => {
                return Err(format!("tensor {name} lies in another file, which is not supported"));
            }
            _ => {}
        }
    }
    let shape: Result<Vec<usize>, _> = dims.iter().map(|&d| usize::try_from(d)).collect();
    let shape = shape.map_err(|_| format!("tensor {name} has a negative extent"))?;
    let data: Vec<f64> = match raw {
        Some(raw) => decode(kind, raw)
            .ok_or_else(|| format!("tensor {name} is of type {kind}, which is not supported"))?,
        None if kind == 11 => doubles,
        None if kind == 1 => floats.into_iter().map(f64::from).collect(),
        None if kind == 10 => {
            integers.iter().map(|&bits| half::f16::from_bits(bits as u16).to_f64()).collect()
        }
        None => integers.iter().map(|&v| v as f64).collect(),
    };
    if len(&shape) != Some(data.len()) {
        return Err(format!("tensor {name} of shape {shape:?} holds {} values", data.len()));
    }
    Ok((name, Constant { shape, data }))
}

/// Values of a shape; none where there would be too many to count, or an empty one is long in another direction.
pub fn len(shape: &[usize]) -> Option<usize> {
    let len = shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent))?;
    (len > 0 || shape.iter().all(|&extent| extent <= LONGEST_EMPTY)).then_some(len)
}

/// Values of one of ONNX's types; none for types that have no place here.
fn decode(kind: i64, raw: &[u8]) -> Option<Vec<f64>> {
    fn each<const N: usize>(raw: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        raw.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)).collect()
    }
    Some(match kind {
        1 => each(raw, |b| f32::from_le_bytes(b).into()),
        2 | 9 => each(raw, |[b]| b.into()),
        3 => each(raw, |b| i8::from_le_bytes(b).into()),
        4 => each(raw, |b| u16::from_le_bytes(b).into()),
        5 => each(raw, |b| i16::from_le_bytes(b).into()),
        6 => each(raw, |b| i32::from_le_bytes(b).into()),
        7 => each(raw, |b| i64::from_le_bytes(b) as f64),
        10 => each(raw, |b| half::f16::from_le_bytes(b).to_f64()),
        11 => each(raw, f64::from_le_bytes),
        12 => each(raw, |b| u32::from_le_bytes(b).into()),
        16 => each(raw, |b| half::bf16::from_le_bytes(b).to_f64()),
        _ => return None,
    })
}
