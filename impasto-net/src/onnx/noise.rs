//! Noise as an operation that files define themselves: the hash of every value's number that the engine computes
//! ([`noise`](crate::cpu::noise)), to the bit.

use super::{
    graph::{Attribute, FLOAT, Function, Graph, node},
    message::Node,
    wire::Writer,
};
use crate::{cpu::noise, network::Op};

/// Whose operation it is.
pub const DOMAIN: &str = "impasto";
/// What it is called.
pub const OP: &str = "Noise";

/// Its input, which tells the size, and its output.
const ENDS: [&str; 2] = ["map", "noise"];

/// Adds so many planes of noise of the stream `stream`, called `name`, at the size of the map `input` divided by `shrink`. The
/// seed is 0, as in a plan that is told no other.
pub fn write(graph: &mut Graph, input: &str, name: &str, [planes, shrink]: [usize; 2], stream: u32) {
    let key = noise::key(0, u64::from(stream));
    let attributes = [
        ("planes", Attribute::Integer(planes as i64)),
        ("shrink", Attribute::Integer(shrink as i64)),
        ("stream", Attribute::Integer(stream.into())),
        ("key", Attribute::Integer(key.into())),
    ];
    graph.call(function(), [input, name], &attributes);
}

/// Whether a node is such an operation.
pub fn is_noise(node: &Node) -> bool {
    node.domain == DOMAIN && node.op == OP
}

/// What [`write`] wrote: the layer, of at most `most_planes` planes.
pub fn read(node: &Node, most_planes: usize, largest_shrink: i64) -> Result<Op, String> {
    let number = |name, least, most| {
        let found = node.integer(name, -1);
        match (least..=most).contains(&found) {
            true => Ok(found),
            false => Err(format!("{name} = {found} is not supported")),
        }
    };
    Ok(Op::Noise {
        planes: number("planes", 1, most_planes as i64)? as usize,
        shrink: number("shrink", 1, largest_shrink)? as usize,
        stream: number("stream", 0, u32::MAX.into())? as u32,
    })
}

/// Nodes being written. Numbers are of 64 bits, kept below 2³² as the hash's are.
#[derive(Default)]
struct Steps {
    nodes: Vec<Writer>,
}

fn function() -> Function {
    let mut steps = Steps::default();
    let [planes, shrink, key] = ["planes", "shrink", "key"].map(|name| steps.called_with(name));
    let size = steps.step("Shape", &[ENDS[0]], &[]);
    let ahead = steps.with("Sub", &shrink, 1);
    let [height, width] = [2, 3].map(|axis| {
        let side = steps.with("Gather", &size, axis);
        let side = steps.step("Add", &[&side, &ahead], &[]);
        steps.step("Div", &[&side, &shrink], &[])
    });
    let plane = steps.range(&planes, &[1, -1, 1, 1]);
    let row = steps.range(&height, &[1, 1, -1, 1]);
    let column = steps.range(&width, &[1, 1, 1, -1]);
    let before = steps.step("Mul", &[&row, &width], &[]);
    let place = steps.step("Add", &[&before, &column], &[]);
    let first = steps.step("Mul", &[&place, &planes], &[]);
    let index = steps.step("Add", &[&first, &plane], &[]);
    let index = steps.word(&index);
    let mixed = steps.step("BitwiseXor", &[&index, &key], &[]);
    let mixed = steps.hash(mixed);
    let mixed = steps.step("Add", &[&mixed, &key], &[]);
    let mixed = steps.word(&mixed);
    let mixed = steps.hash(mixed);
    let kept = steps.with("Div", &mixed, 1 << 8);
    let value = steps.step("Cast", &[&kept], &[("to", Attribute::Integer(FLOAT))]);
    let unit = steps.step("Constant", &[], &[("value_float", Attribute::Float(1.0 / (1 << 24) as f32))]);
    steps.nodes.push(node("Mul", &[&value, &unit], ENDS[1], &[]));
    let attributes = &["planes", "shrink", "stream", "key"];
    Function { domain: DOMAIN, op: OP, input: ENDS[0], output: ENDS[1], attributes, nodes: steps.nodes }
}

impl Steps {
    /// Adds a node and names what it gives.
    fn step(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, Attribute<'_>)]) -> String {
        let output = format!("step{}", self.nodes.len());
        self.nodes.push(node(op, inputs, &output, attributes));
        output
    }

    fn called_with(&mut self, name: &str) -> String {
        self.step("Constant", &[], &[("value_int", Attribute::Called(name))])
    }

    fn number(&mut self, number: i64) -> String {
        self.step("Constant", &[], &[("value_int", Attribute::Integer(number))])
    }

    /// What `op` makes of a tensor and a number.
    fn with(&mut self, op: &str, x: &str, number: i64) -> String {
        let number = self.number(number);
        self.step(op, &[x, &number], &[])
    }

    /// The numbers below `end`, along the axis of `shape` that is -1.
    fn range(&mut self, end: &str, shape: &[i64; 4]) -> String {
        let [zero, one] = [0, 1].map(|number| self.number(number));
        let numbers = self.step("Range", &[&zero, end, &one], &[]);
        let shape = self.step("Constant", &[], &[("value_ints", Attribute::Integers(shape))]);
        self.step("Reshape", &[&numbers, &shape], &[])
    }

    /// The lowest 32 bits.
    fn word(&mut self, x: &str) -> String {
        self.with("BitwiseAnd", x, 0xffff_ffff)
    }

    /// MurmurHash3's mix of 32 bits. Its factors are written with their sign, so that products stay within 64 bits.
    fn hash(&mut self, mut x: String) -> String {
        for (shift, factor) in [(16, 0x85eb_ca6b_u32), (13, 0xc2b2_ae35)] {
            x = self.shifted(&x, shift);
            x = self.with("Mul", &x, i64::from(factor as i32));
            x = self.word(&x);
        }
        self.shifted(&x, 16)
    }

    /// `x ^ (x >> shift)`.
    fn shifted(&mut self, x: &str, shift: u32) -> String {
        let high = self.with("Div", x, 1 << shift);
        self.step("BitwiseXor", &[x, &high], &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Model, Plan, Purpose,
        network::{InputConvention, Network},
        onnx::message,
        weights::Weights,
    };
    use std::collections::BTreeMap;

    /// A tensor of up to four axes, the missing ones in front.
    #[derive(Clone)]
    struct Tensor {
        shape: [usize; 4],
        data: Vec<f64>,
    }

    impl Tensor {
        fn new(shape: &[usize], data: Vec<f64>) -> Tensor {
            let mut whole = [1; 4];
            whole[4 - shape.len()..].copy_from_slice(shape);
            Tensor { shape: whole, data }
        }

        /// The value at a place of a tensor that this one is stretched to.
        fn at(&self, place: [usize; 4]) -> f64 {
            let within = |axis: usize| if self.shape[axis] == 1 { 0 } else { place[axis] };
            self.data[(0..4).fold(0, |at, axis| at * self.shape[axis] + within(axis))]
        }

        fn with(&self, other: &Tensor, op: impl Fn(f64, f64) -> f64) -> Tensor {
            let shape = std::array::from_fn(|axis| self.shape[axis].max(other.shape[axis]));
            let [_, planes, height, width] = shape;
            let places = (0..planes * height * width)
                .map(|i| [0, i / (height * width), i / width % height, i % width]);
            Tensor { shape, data: places.map(|place| op(self.at(place), other.at(place))).collect() }
        }
    }

    /// What the function makes of a map of `size`, by the definitions of ONNX's operations.
    fn run([height, width]: [usize; 2], called_with: &BTreeMap<&str, i64>) -> Tensor {
        let mut tensors: BTreeMap<String, Tensor> = BTreeMap::new();
        // Of the map nothing but its size counts.
        let size = [1, 3, height, width].map(|extent| extent as f64).to_vec();
        tensors.insert(ENDS[0].into(), Tensor::new(&[4], size));
        let whole = |op: fn(i64, i64) -> i64| move |a: f64, b: f64| op(a as i64, b as i64) as f64;
        for bytes in function().nodes.into_iter().map(Writer::finish) {
            let node = message::read_node(&bytes).unwrap();
            let tensor = |input: usize| &tensors[&node.inputs[input]];
            let both = |op: fn(i64, i64) -> i64| tensor(0).with(tensor(1), whole(op));
            let made = match &node.op[..] {
                "Shape" => tensor(0).clone(),
                "Constant" => match node.attributes.iter().next().unwrap().1 {
                    message::Attribute::Integer(value) => Tensor::new(&[], vec![*value as f64]),
                    message::Attribute::Float(value) => Tensor::new(&[], vec![f64::from(*value)]),
                    message::Attribute::Integers(values) => {
                        Tensor::new(&[values.len()], values.iter().map(|&value| value as f64).collect())
                    }
                    message::Attribute::Called(name) => Tensor::new(&[], vec![called_with[&name[..]] as f64]),
                    other => panic!("{other:?}"),
                },
                "Gather" => Tensor::new(&[], vec![tensor(0).data[tensor(1).data[0] as usize]]),
                "Range" => {
                    let numbers: Vec<f64> =
                        (0..tensor(1).data[0] as usize).map(|number| number as f64).collect();
                    Tensor::new(&[numbers.len()], numbers)
                }
                "Reshape" => {
                    let data = &tensor(0).data;
                    let extent = |&extent: &f64| if extent < 0.0 { data.len() } else { extent as usize };
                    let shape: Vec<usize> = tensor(1).data.iter().map(extent).collect();
                    Tensor::new(&shape, data.clone())
                }
                "Add" => both(|a, b| a + b),
                "Sub" => both(|a, b| a - b),
                "Div" => both(|a, b| a / b),
                "BitwiseAnd" => both(|a, b| a & b),
                "BitwiseXor" => both(|a, b| a ^ b),
                "Mul" if tensor(1).data[0].fract() != 0.0 => tensor(0).with(tensor(1), |a, b| a * b),
                // A product of 64 bits is no f64; what follows keeps its lowest 32 bits.
                "Mul" => both(|a, b| (a * b).rem_euclid(1 << 32)),
                "Cast" => tensor(0).clone(),
                other => panic!("{other}"),
            };
            tensors.insert(node.outputs[0].clone(), made);
        }
        tensors[ENDS[1]].clone()
    }

    #[test]
    fn is_the_engines_to_the_bit() {
        let mut net = Network::new("noisy", InputConvention::UNCHANGED);
        net.push("noise", Op::Noise { planes: 3, shrink: 4, stream: 5 }, &[0]);
        let model = Model::new(net, Weights::new(BTreeMap::new(), BTreeMap::new()), None).unwrap();
        let [height, width] = [27, 41];
        let mut plan = Plan::of_last(&model, height, width, Purpose::Forward).unwrap();
        plan.forward(&vec![0.0; 3 * height * width]);
        let (map, shape) = (plan.tap(0), plan.tap_shape(0));
        let key = i64::from(noise::key(0, 5));
        let called_with = BTreeMap::from([("planes", 3), ("shrink", 4), ("key", key)]);
        let found = run([height, width], &called_with);
        assert_eq!(found.shape, [1, 3, shape.height, shape.width]);
        for (i, &expected) in map.data.iter().enumerate() {
            let (place, plane) = (i / 3, i % 3);
            assert_eq!(found.at([0, plane, place / shape.width, place % shape.width]), f64::from(expected));
        }
    }
}
