//! Nodes that compute maps.

use super::{Border, Import, Value, affine::per_plane, fold};
use crate::{
    network::{Convolution, Op, Padding, Pool, Pooling},
    onnx::{
        message::{Attribute, Constant, Node},
        noise,
    },
    weights::Array,
};

/// Largest kernel, stride, padding and window accepted.
const LARGEST: i64 = 1 << 12;
/// Most planes accepted.
const MOST_PLANES: usize = 1 << 16;

impl Import<'_> {
    /// The value of a node that reads a map.
    pub fn layer(&mut self, node: &Node) -> Result<Value, String> {
        let first = self.input(node, 0)?;
        let map = |import: &mut Self| import.map(&first);
        Ok(match &node.op[..] {
            _ if noise::is_noise(node) => {
                let x = map(self)?;
                let noise = noise::read(node, MOST_PLANES, LARGEST)?;
                Value::Map(self.push(noise, &[x]))
            }
            "Conv" => Value::Map(self.convolution(node, &first)?),
            "ConvTranspose" => Value::Map(self.transposed(node, &first)?),
            "Pad" => self.pad(node, &first)?,
            "Relu" => {
                let x = map(self)?;
                Value::Map(self.push(Op::Relu, &[x]))
            }
            "Sigmoid" => {
                let x = map(self)?;
                Value::Map(self.push(Op::Squash { low: 0.0, high: 1.0 }, &[x]))
            }
            "Tanh" => {
                // tanh x = 2 / (1 + exp(−2x)) − 1.
                let x = map(self)?;
                let (alone, planes) = (self.alone_at(node, 0, x), self.channels[x]);
                let x = self.affine(x, alone, &vec![2.0; planes], &vec![0.0; planes])?;
                Value::Map(self.push(Op::Squash { low: -1.0, high: 1.0 }, &[x]))
            }
            "Clip" => Value::Map(self.clip(node, &first)?),
            "Identity" | "Dropout" | "Cast" | "QuantizeLinear" | "DequantizeLinear" => first,
            "Add" | "Sub" | "Mul" | "Div" | "Pow" => self.arithmetic(node, first)?,
            "Sqrt" | "Reciprocal" => {
                Self::norm_root(&node.op, &first).ok_or("it is only supported in norms")?
            }
            "ReduceMean" => {
                let axes = self.constant(node, 1)?.map(|axes| fold::whole(&axes));
                let axes = axes.or_else(|| node.integers("axes").map(<[i64]>::to_vec)).unwrap_or_default();
                if ![[2, 3], [-2, -1], [3, 2], [-1, -2]].iter().any(|known| axes == known)
                    || node.integer("keepdims", 1) != 1
                {
                    return Err(
                        "means over other axes than height and width, kept as 1, are not supported".into()
                    );
                }
                self.mean(&first)?
            }
            "GlobalAveragePool" => self.mean(&first)?,
            "InstanceNormalization" => {
                let x = map(self)?;
                let norm = self.norm(x, node.float("epsilon", 1e-5).into());
                let (scale, shift) = (self.planes(node, 1, norm)?, self.planes(node, 2, norm)?);
                Value::Map(self.affine(norm, true, &scale, &shift)?)
            }
            "BatchNormalization" => {
                let x = map(self)?;
                let alone = self.alone_at(node, 0, x);
                let [scale, shift, mean, variance] = [1, 2, 3, 4].map(|i| self.planes(node, i, x));
                let (mut scale, mut shift, mean, variance) = (scale?, shift?, mean?, variance?);
                for c in 0..scale.len() {
                    scale[c] /= (variance[c] + f64::from(node.float("epsilon", 1e-5))).sqrt();
                    shift[c] -= mean[c] * scale[c];
                }
                Value::Map(self.affine(x, alone, &scale, &shift)?)
            }
            "MaxPool" | "AveragePool" => {
                let x = map(self)?;
                let pool = pool(node)?;
                Value::Map(self.push(Op::Pool(pool), &[x]))
            }
            "Concat" => {
                if node.integer("axis", 1) != 1 {
                    return Err("only planes can be put one after another".into());
                }
                let mut parts = Vec::with_capacity(node.inputs.len());
                for index in 0..node.inputs.len() {
                    let part = self.input(node, index)?;
                    parts.push(self.map(&part)?);
                }
                let planes: usize = parts.iter().map(|&part| self.channels[part]).sum();
                if planes > MOST_PLANES {
                    return Err(format!("{planes} planes are not supported"));
                }
                Value::Map(self.push(Op::Concat, &parts))
            }
            "Resize" | "Upsample" => {
                let x = map(self)?;
                let doublings = self.doublings(node)?;
                Value::Map((0..doublings).fold(x, |x, _| self.push(Op::Upsample, &[x])))
            }
            "Transpose" => {
                let perm = node.integers("perm").unwrap_or_default();
                let arrives = perm == [0, 3, 1, 2] && matches!(first, Value::Map(0));
                // Whatever reads maps with planes last again, apart from the graph's end, will not fit.
                let leaves = perm == [0, 2, 3, 1];
                match arrives || leaves {
                    true => first,
                    false => return Err(format!("the order {perm:?} of axes is not supported here")),
                }
            }
            other => return Err(format!("the operation {other} is not supported")),
        })
    }

    /// As [`Import::alone`], for the map that a node's input number `index` is.
    fn alone_at(&self, node: &Node, index: usize, layer: usize) -> bool {
        node.inputs.get(index).is_some_and(|name| self.alone(name, layer))
    }

    /// A constant input with a value a plane of `layer`.
    fn planes(&self, node: &Node, index: usize, layer: usize) -> Result<Vec<f64>, String> {
        let constant =
            self.constant(node, index)?.ok_or_else(|| format!("input number {index} is missing"))?;
        match constant.data.len() == self.channels[layer] {
            true => Ok(constant.data.clone()),
            false => {
                Err(format!("it has {} values for {} planes", constant.data.len(), self.channels[layer]))
            }
        }
    }

    fn convolution(&mut self, node: &Node, first: &Value) -> Result<usize, String> {
        let weight = self.constant(node, 1)?.ok_or("it has no weight")?;
        let [outputs, each, kernel, width] = weight.shape[..] else {
            return Err(format!("a weight of shape {:?} is not supported", weight.shape));
        };
        if kernel != width || kernel == 0 || kernel as i64 > LARGEST || outputs == 0 || outputs > MOST_PLANES
        {
            return Err(format!("a kernel of {kernel}×{width} is not supported"));
        }
        if node.integers("dilations").is_some_and(|all| all.iter().any(|&d| d != 1)) {
            return Err("dilated convolutions are not supported".into());
        }
        let stride = alike(node.integers("strides"), 1).ok_or("strides that differ are not supported")?;
        let (mut before, mut after) = match node.text("auto_pad") {
            None | Some("NOTSET") => pads(node.integers("pads").unwrap_or(&[0; 4]))?,
            Some("VALID") => (0, 0),
            Some("SAME_UPPER") if stride == 1 => ((kernel - 1) / 2, kernel / 2),
            Some("SAME_LOWER") if stride == 1 => (kernel / 2, (kernel - 1) / 2),
            Some(other) => return Err(format!("the padding {other} with stride {stride} is not supported")),
        };
        // A border put around the map before becomes the convolution's own.
        let (x, padding) = match *first {
            Value::Padded(layer, border) if (before, after) == (0, 0) || border.padding == Padding::Zero => {
                (before, after) = (before + border.before, after + border.after);
                (layer, border.padding)
            }
            ref other => (self.map(other)?, Padding::Zero),
        };
        let inputs = self.channels[x];
        let conv = Convolution { outputs, kernel, stride, before, after, padding };
        let groups = node.integer("group", 1);
        let op = match usize::try_from(groups) {
            Ok(1) if each == inputs => Op::Convolution(conv),
            Ok(groups) if groups == inputs && outputs == inputs && each == 1 => Op::Depthwise(conv),
            _ => return Err(format!("{groups} groups of {inputs} planes to {outputs} are not supported")),
        };
        let bias = match self.constant(node, 2)? {
            Some(bias) if bias.data.len() == outputs => bias.data.clone(),
            Some(bias) => return Err(format!("it has {} biases for {outputs} planes", bias.data.len())),
            None => vec![0.0; outputs],
        };
        let layer = self.push(op, &[x]);
        let weight = Array { shape: weight.shape.clone(), data: narrow(&weight.data)? };
        self.parameters(layer, weight, narrow(&bias)?);
        Ok(layer)
    }

    fn pad(&mut self, node: &Node, first: &Value) -> Result<Value, String> {
        let all = self.constant(node, 1)?.map(|pads| fold::whole(&pads));
        let all = all.or_else(|| node.integers("pads").map(<[i64]>::to_vec)).ok_or("it says no padding")?;
        let &[0, 0, top, left, 0, 0, bottom, right] = &all[..] else {
            return Err(format!("the padding {all:?} is not supported"));
        };
        let (before, after) = pads(&[top, left, bottom, right])?;
        let padding = match node.text("mode").unwrap_or("constant") {
            "constant" => Padding::Zero,
            "reflect" => Padding::Reflect,
            "edge" => Padding::Replicate,
            "wrap" => Padding::Circular,
            other => return Err(format!("the padding {other} is not supported")),
        };
        let value = self.constant(node, 2)?.and_then(|value| value.data.first().copied());
        let value = value.unwrap_or_else(|| node.float("value", 0.0).into());
        if padding == Padding::Zero && value != 0.0 {
            return Err(format!("padding with {value} instead of zero is not supported"));
        }
        let layer = self.map(first)?;
        Ok(Value::Padded(layer, Border { before, after, padding }))
    }

    /// Adds a border that no convolution takes.
    pub fn pad_alone(&mut self, layer: usize, border: Border) -> usize {
        let planes = self.channels[layer];
        let Border { before, after, padding } = border;
        let conv = Convolution { outputs: planes, kernel: 1, stride: 1, before, after, padding };
        let padded = self.push(Op::Depthwise(conv), &[layer]);
        self.parameters(
            padded,
            Array { shape: vec![planes, 1, 1, 1], data: vec![1.0; planes] },
            vec![0.0; planes],
        );
        padded
    }

    fn clip(&mut self, node: &Node, first: &Value) -> Result<usize, String> {
        let x = self.map(first)?;
        let bound = |import: &Self, index, name| -> Result<f64, String> {
            let constant = import.constant(node, index)?.and_then(|value| value.data.first().copied());
            let absent = if index == 1 { f32::NEG_INFINITY } else { f32::INFINITY };
            Ok(constant.unwrap_or_else(|| node.float(name, absent).into()))
        };
        let (low, high) = (bound(self, 1, "min")?, bound(self, 2, "max")?);
        if low != 0.0 || high.is_nan() || high <= 0.0 {
            return Err(format!("a clip to {low} … {high} is not supported, only one that begins at 0"));
        }
        let op = if high >= f32::MAX.into() { Op::Relu } else { Op::ClippedRelu { ceiling: high as f32 } };
        Ok(self.push(op, &[x]))
    }

    fn arithmetic(&mut self, node: &Node, first: Value) -> Result<Value, String> {
        let second = self.input(node, 1)?;
        if let Some(value) = self.norm_step(&node.op, &first, &second) {
            return Ok(value);
        }
        let (a, b) = (first.layer(), second.layer());
        let flipped = a.is_none();
        match (&node.op[..], &first, &second) {
            ("Add", _, _) if a.is_some() && b.is_some() => {
                let (a, b) = (self.map(&first)?, self.map(&second)?);
                if self.channels[a] != self.channels[b] {
                    return Err(format!("it adds {} planes to {}", self.channels[a], self.channels[b]));
                }
                Ok(Value::Map(self.push(Op::Add, &[a, b])))
            }
            (op, map, Value::Constant(constant)) | (op, Value::Constant(constant), map) => {
                let layer = self.map(map)?;
                let alone = self.alone_at(node, usize::from(flipped), layer);
                let planes = self.channels[layer];
                let values = per_plane(constant, planes)
                    .ok_or_else(|| format!("a constant of shape {:?} is not supported", constant.shape))?;
                let (ones, zeros) = (vec![1.0; planes], vec![0.0; planes]);
                let all = |f: fn(f64) -> f64| values.iter().map(|&v| f(v)).collect::<Vec<f64>>();
                let (scale, shift) = match (op, flipped) {
                    ("Add", _) => (ones, values),
                    ("Mul", _) => (values, zeros),
                    ("Sub", false) => (ones, all(|v| -v)),
                    ("Sub", true) => (vec![-1.0; planes], values),
                    ("Div", false) => (all(|v| 1.0 / v), zeros),
                    _ => return Err("this use of it is not supported".into()),
                };
                Ok(Value::Map(self.affine(layer, alone, &scale, &shift)?))
            }
            _ => Err("it is not supported between two maps".into()),
        }
    }

    /// How often a resizing node doubles the size.
    fn doublings(&self, node: &Node) -> Result<u32, String> {
        if node.text("mode").is_some_and(|mode| mode != "nearest") {
            return Err("only enlargement by nearest neighbour is supported".into());
        }
        // Where these round differently, values would not be repeated evenly.
        let place = node.text("coordinate_transformation_mode").unwrap_or("half_pixel");
        let rounding = node.text("nearest_mode").unwrap_or("round_prefer_floor");
        let even = match (place, rounding) {
            ("asymmetric", rounding) => ["floor", "round_prefer_floor"].contains(&rounding),
            ("half_pixel" | "pytorch_half_pixel", rounding) => {
                ["round_prefer_floor", "round_prefer_ceil"].contains(&rounding)
            }
            _ => false,
        };
        if node.op == "Resize" && !even {
            return Err(format!("enlargement with {place} and {rounding} is not supported"));
        }
        let scales = match (&node.op[..], node.inputs.len()) {
            ("Upsample", 1) | ("Resize", 1) => None,
            ("Upsample", _) | ("Resize", 2) => self.constant(node, 1)?,
            _ => self.constant(node, 2)?,
        };
        let own = node.attributes.get("scales").map(|scales| match scales {
            Attribute::Floats(values) => {
                let data: Vec<f64> = values.iter().map(|&v| v.into()).collect();
                Constant { shape: vec![data.len()], data }
            }
            _ => Constant::default(),
        });
        let scales = scales.map(|scales| (*scales).clone()).or(own).unwrap_or_default();
        match scales.data[..] {
            [1.0, 1.0, 1.0, 1.0] => Ok(0),
            [1.0, 1.0, 2.0, 2.0] => Ok(1),
            [1.0, 1.0, 4.0, 4.0] => Ok(2),
            _ => Err(format!(
                "enlargement by {:?} is not supported, only by constant powers of 2",
                scales.data
            )),
        }
    }
}

/// As f32, all finite.
pub(super) fn narrow(values: &[f64]) -> Result<Vec<f32>, String> {
    let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    match narrow.iter().all(|v| v.is_finite()) {
        true => Ok(narrow),
        false => Err("a weight is not finite".into()),
    }
}

/// The number that all of a list's are.
pub(super) fn alike(list: Option<&[i64]>, absent: usize) -> Option<usize> {
    let Some(list) = list else { return Some(absent) };
    let &first = list.first()?;
    (list.iter().all(|&v| v == first) && (1..=LARGEST).contains(&first)).then_some(first as usize)
}

/// Rows before and after of a padding [top, left, bottom, right] that is the same on both axes.
pub(super) fn pads(all: &[i64]) -> Result<(usize, usize), String> {
    match *all {
        [top, left, bottom, right] if top == left && bottom == right => {
            let accepted = 0..=LARGEST;
            if accepted.contains(&top) && accepted.contains(&bottom) {
                return Ok((top as usize, bottom as usize));
            }
        }
        _ => {}
    }
    Err(format!("the padding {all:?} is not supported"))
}

/// A pool without padding.
fn pool(node: &Node) -> Result<Pool, String> {
    let window = alike(node.integers("kernel_shape"), 0).filter(|n| (1..=16).contains(n));
    let window = window.ok_or("its window is not supported")?;
    let stride = alike(node.integers("strides"), 1).ok_or("strides that differ are not supported")?;
    let padded = node.integers("pads").is_some_and(|all| all.iter().any(|&n| n != 0))
        || node.text("auto_pad").is_some_and(|pad| !["NOTSET", "VALID"].contains(&pad));
    let dilated = node.integers("dilations").is_some_and(|all| all.iter().any(|&d| d != 1));
    if padded || dilated || node.integer("ceil_mode", 0) != 0 {
        return Err("pools with padding, dilation or incomplete windows are not supported".into());
    }
    let pooling = if node.op == "MaxPool" { Pooling::Max } else { Pooling::Average };
    Ok(Pool { pooling, window, stride })
}
