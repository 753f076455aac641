//! Instance norms that are written out: a map less its mean, divided by the root of the mean of its square plus ε.

use super::{Import, Value};
use crate::{network::Op, onnx::message::Constant, weights::Array};

/// What has been computed of a map on the way to its norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// Every plane's mean.
    Mean,
    /// The map less that.
    Centred,
    /// The square of that.
    Squared,
    /// The mean of that.
    Variance,
    /// That plus ε.
    Raised(f64),
    /// The root of that.
    Deviation(f64),
    /// One divided by that.
    Inverse(f64),
}

/// The one value of a constant.
fn number(constant: &Constant) -> Option<f64> {
    match constant.data[..] {
        [value] => Some(value),
        _ => None,
    }
}

impl Import<'_> {
    /// A norm without scale and shift, which the layers after it may still bring.
    pub fn norm(&mut self, layer: usize, epsilon: f64) -> usize {
        let planes = self.channels[layer];
        let norm = self.push(Op::InstanceNorm { epsilon: epsilon as f32 }, &[layer]);
        self.parameters(norm, Array { shape: vec![planes], data: vec![1.0; planes] }, vec![0.0; planes]);
        norm
    }

    /// The mean over positions of a value.
    pub fn mean(&mut self, value: &Value) -> Result<Value, String> {
        Ok(match *value {
            Value::Norm(layer, Part::Squared) => Value::Norm(layer, Part::Variance),
            ref value => Value::Norm(self.map(value)?, Part::Mean),
        })
    }

    /// An operation of two values as a step on the way to a norm; none if it is none.
    pub fn norm_step(&mut self, op: &str, a: &Value, b: &Value) -> Option<Value> {
        let made = |layer, part| Some(Value::Norm(layer, part));
        match (op, a, b) {
            ("Sub", Value::Map(x), Value::Norm(y, Part::Mean)) if x == y => made(*x, Part::Centred),
            ("Mul", Value::Norm(x, Part::Centred), Value::Norm(y, Part::Centred)) if x == y => {
                made(*x, Part::Squared)
            }
            ("Pow", Value::Norm(x, part), Value::Constant(power)) => match (part, number(power)?) {
                (Part::Centred, 2.0) => made(*x, Part::Squared),
                (Part::Raised(epsilon), 0.5) => made(*x, Part::Deviation(*epsilon)),
                (Part::Raised(epsilon), -0.5) => made(*x, Part::Inverse(*epsilon)),
                _ => None,
            },
            ("Add", Value::Norm(x, Part::Variance), Value::Constant(epsilon))
            | ("Add", Value::Constant(epsilon), Value::Norm(x, Part::Variance)) => {
                made(*x, Part::Raised(number(epsilon)?))
            }
            ("Div", Value::Constant(one), Value::Norm(x, Part::Deviation(epsilon)))
                if number(one)? == 1.0 =>
            {
                made(*x, Part::Inverse(*epsilon))
            }
            ("Div", Value::Norm(x, Part::Centred), Value::Norm(y, Part::Deviation(epsilon)))
            | ("Mul", Value::Norm(x, Part::Centred), Value::Norm(y, Part::Inverse(epsilon)))
            | ("Mul", Value::Norm(y, Part::Inverse(epsilon)), Value::Norm(x, Part::Centred))
                if x == y =>
            {
                Some(Value::Map(self.norm(*x, *epsilon)))
            }
            _ => None,
        }
    }

    /// As [`Import::norm_step`], of one value.
    pub fn norm_root(op: &str, value: &Value) -> Option<Value> {
        match (op, value) {
            ("Sqrt", Value::Norm(x, Part::Raised(epsilon))) => {
                Some(Value::Norm(*x, Part::Deviation(*epsilon)))
            }
            ("Reciprocal", Value::Norm(x, Part::Deviation(epsilon))) => {
                Some(Value::Norm(*x, Part::Inverse(*epsilon)))
            }
            _ => None,
        }
    }
}
