//! A `state_dict`: tensors by name, each a strided view of a storage.

use super::pickle::{Object, Pickle, Storage, Value};
use std::collections::BTreeMap;

/// Keys under which training programs keep a `state_dict` beside other things.
const KEYS: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// Largest number of dimensions; a convolution has four.
const MOST_DIMENSIONS: usize = 8;

/// A tensor's description, which is known to lie within its storage.
#[derive(Debug)]
pub struct Tensor {
    /// What it is a view of.
    pub storage: Storage,
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    stride: Vec<usize>,
    offset: usize,
    values: usize,
    /// Values from the first to the last in the storage.
    span: usize,
}

impl Tensor {
    /// Number of values.
    pub fn values(&self) -> usize {
        self.values
    }

    /// The values in row-major order; `bytes` are the whole storage's.
    pub fn decode(&self, bytes: &[u8]) -> Vec<f32> {
        let size = self.storage.element.size();
        let span = bytes.get(self.offset * size..(self.offset + self.span) * size).unwrap_or_default();
        let span = self.storage.element.decode(span);
        if self.stride == row_major(&self.shape) {
            return span;
        }
        let mut index = vec![0; self.shape.len()];
        let mut position = 0;
        let mut data = Vec::with_capacity(self.values);
        while data.len() < self.values {
            data.push(span[position]);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                position += self.stride[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                position -= self.stride[axis] * self.shape[axis];
                index[axis] = 0;
            }
        }
        data
    }
}

/// Distance in the storage between neighbours along each axis of a contiguous tensor.
fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut stride = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        stride[axis - 1] = stride[axis] * shape[axis].max(1);
    }
    stride
}

/// The tensors of the pickle's `state_dict` whose names `keep` accepts, or what is wrong with it.
///
/// The pickle is either a `state_dict` or a dictionary with one under a usual key.
pub fn tensors(pickle: &Pickle, keep: &dyn Fn(&str) -> bool) -> Result<Vec<(String, Tensor)>, String> {
    let named = |value| -> Option<BTreeMap<&str, Value>> {
        let Some(Object::Dict(entries)) = pickle.object(value) else { return None };
        Some(entries.iter().filter_map(|&(key, value)| Some((pickle.text(key)?, value))).collect())
    };
    let is_tensor = |value: &Value| matches!(pickle.object(*value), Some(Object::Tensor(_)));
    let mut entries = named(pickle.root()).ok_or("it holds no dictionary of tensors (state_dict)")?;
    if !entries.values().any(is_tensor)
        && let Some(inner) = KEYS.iter().find_map(|key| named(*entries.get(key)?))
    {
        entries = inner;
    }
    if !entries.values().any(is_tensor) {
        return Err("it holds no tensors; save the model's state_dict".to_owned());
    }
    let mut tensors = Vec::new();
    for (name, value) in entries {
        if let Some(Object::Tensor(arguments)) = pickle.object(value)
            && keep(name)
        {
            let tensor = describe(pickle, arguments)
                .ok_or_else(|| format!("tensor {name} is not within its storage"))?;
            tensors.push((name.to_owned(), tensor));
        }
    }
    Ok(tensors)
}

/// A tensor from the arguments that rebuild it; none if they are no tensor's or reach beyond the storage.
fn describe(pickle: &Pickle, &[storage, offset, shape, stride]: &[Value; 4]) -> Option<Tensor> {
    let Some(Object::Storage(storage)) = pickle.object(storage) else { return None };
    let natural = |value: &Value| match value {
        Value::Int(value) => usize::try_from(*value).ok(),
        _ => None,
    };
    let naturals = |value| {
        let parts = pickle.sequence(value).filter(|parts| parts.len() <= MOST_DIMENSIONS)?;
        parts.iter().map(natural).collect::<Option<Vec<usize>>>()
    };
    let (offset, shape, stride) = (natural(&offset)?, naturals(shape)?, naturals(stride)?);
    if shape.len() != stride.len() {
        return None;
    }
    let values = shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent))?;
    let span = if values == 0 {
        0
    } else {
        let mut steps = shape.iter().zip(&stride).map(|(&extent, &stride)| (extent - 1).checked_mul(stride));
        steps.try_fold(1_usize, |sum, step| sum.checked_add(step?))?
    };
    let end = offset.checked_add(span)?;
    end.checked_mul(storage.element.size())?;
    // A view that repeats values may be far larger than its storage; a trained parameter never is.
    (end <= storage.count && values <= storage.count).then(|| Tensor {
        storage: storage.clone(),
        shape,
        stride,
        offset,
        values,
        span,
    })
}
