//! The part of Python's pickle language that describes a `state_dict`, as data.
//!
//! A pickle may name any Python function and call it. This interpreter knows the few names of [`Global`], each of which
//! it replaces by a record of its own, and refuses every other by name. Memory is bounded by the pickle's length.
//! The language: Python's `pickletools`.

mod machine;

use crate::weights::element::Element;
use std::{io::Read, rc::Rc};

/// A value; what has parts lies in the list of objects of its [`Pickle`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Python's `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer of up to 64 bits.
    Int(i64),
    /// A number or string of bytes that no tensor's description needs.
    Other,
    /// A known name.
    Global(Global),
    /// The place of an object.
    Object(usize),
}

/// The Python names that a `state_dict` needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor_v2`, and `_rebuild_tensor` with fewer arguments.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter` or `torch.nn.parameter.Parameter`: the tensor that they are given.
    Parameter,
    /// `torch.Size`: the tuple that it is given.
    Size,
    /// A storage class such as `torch.FloatStorage`.
    Storage(Element),
}

/// A value with parts.
#[derive(Debug)]
pub enum Object {
    /// A string.
    Text(Rc<str>),
    /// A tuple or list.
    Sequence(Vec<Value>),
    /// A dictionary in its order.
    Dict(Vec<(Value, Value)>),
    /// A tensor's arguments: storage, offset, shape, stride.
    Tensor([Value; 4]),
    /// Values in the file.
    Storage(Storage),
}

/// Values of one type in the file, which tensors are views of.
#[derive(Clone, Debug, PartialEq)]
pub struct Storage {
    /// Its name in the file.
    pub key: Rc<str>,
    /// Type of its values.
    pub element: Element,
    /// Number of its values.
    pub count: usize,
}

/// An interpreted pickle.
#[derive(Debug)]
pub struct Pickle {
    objects: Vec<Object>,
    root: Value,
}

impl Pickle {
    /// The value that the pickle is of.
    pub fn root(&self) -> Value {
        self.root
    }

    /// The object that a value stands for.
    pub fn object(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Object(place) => self.objects.get(place),
            _ => None,
        }
    }

    /// The string that a value stands for.
    pub fn text(&self, value: Value) -> Option<&str> {
        match self.object(value) {
            Some(Object::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The parts of the tuple or list that a value stands for.
    pub fn sequence(&self, value: Value) -> Option<&[Value]> {
        match self.object(value) {
            Some(Object::Sequence(parts)) => Some(parts),
            _ => None,
        }
    }

    /// Whether the pickle is of a dictionary that has this value under this key.
    pub fn says(&self, key: &str, value: Value) -> bool {
        match self.object(self.root) {
            Some(Object::Dict(entries)) => {
                entries.iter().any(|&(k, v)| self.text(k) == Some(key) && v == value)
            }
            _ => false,
        }
    }

    /// Every storage that is mentioned, some of them more than once.
    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.objects.iter().filter_map(|object| match object {
            Object::Storage(storage) => Some(storage),
            _ => None,
        })
    }
}

/// Reads one pickle and leaves the stream behind it; otherwise says what is wrong.
pub fn read(stream: &mut impl Read) -> Result<Pickle, String> {
    let (objects, root) = machine::run(stream)?;
    Ok(Pickle { objects, root })
}

/// The record that stands for a Python name.
fn known(module: &str, name: &str) -> Result<Global, String> {
    Ok(match (module, name) {
        ("collections", "OrderedDict") => Global::OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Global::RebuildTensor,
        ("torch._utils", "_rebuild_parameter") | ("torch.nn.parameter", "Parameter") => Global::Parameter,
        ("torch", "Size") => Global::Size,
        ("torch", "DoubleStorage") => Global::Storage(Element::F64),
        ("torch", "FloatStorage") => Global::Storage(Element::F32),
        ("torch", "HalfStorage") => Global::Storage(Element::F16),
        ("torch", "BFloat16Storage") => Global::Storage(Element::BF16),
        ("torch", "LongStorage") => Global::Storage(Element::I64),
        ("torch", "IntStorage") => Global::Storage(Element::I32),
        ("torch", "ShortStorage") => Global::Storage(Element::I16),
        ("torch", "CharStorage") => Global::Storage(Element::I8),
        ("torch", "ByteStorage" | "BoolStorage") => Global::Storage(Element::U8),
        _ => {
            return Err(format!(
                "it asks for {module}.{name}, which no state_dict needs; nothing in it was executed. \
                 Save only the model's state_dict, or convert it to safetensors"
            ));
        }
    })
}
