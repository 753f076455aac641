//! Noise as nodes: the hash of every value's number that the engine computes ([`noise`](crate::cpu::noise)), to the bit.

use super::graph::{Attribute, FLOAT, Graph};
use crate::cpu::noise;

/// Nodes of a layer of noise being written. Numbers are of 64 bits, kept below 2³² as the hash's are.
struct Steps<'a> {
    graph: &'a mut Graph,
    name: &'a str,
    written: usize,
}

/// Writes the layer called `name`, number `layer` of its network: so many planes of noise at the size of `image` divided by
/// `shrink`. The seed is 0, as in a plan that is told no other.
pub fn write(graph: &mut Graph, image: &str, name: &str, layer: usize, planes: usize, shrink: usize) {
    graph.ask_for_later();
    let mut steps = Steps { graph, name, written: 0 };
    let key = i64::from(noise::key(0, layer as u64));
    let size = steps.step("Shape", &[image], &[]);
    let [height, width] = [2, 3].map(|axis| {
        let axis = steps.constant(&[], &[axis]);
        let side = steps.step("Gather", &[&size, &axis], &[]);
        let side = steps.with("Add", &side, shrink as i64 - 1);
        steps.with("Div", &side, shrink as i64)
    });
    let rows = steps.range(&height, &[1, 1, -1, 1]);
    let columns = steps.range(&width, &[1, 1, 1, -1]);
    let numbers: Vec<i64> = (0..planes as i64).collect();
    let numbers = steps.constant(&[1, planes, 1, 1], &numbers);
    let before = steps.step("Mul", &[&rows, &width], &[]);
    let place = steps.step("Add", &[&before, &columns], &[]);
    let first = steps.with("Mul", &place, planes as i64);
    let index = steps.step("Add", &[&first, &numbers], &[]);
    let index = steps.word(&index);
    let mixed = steps.with("BitwiseXor", &index, key);
    let mixed = steps.hash(mixed);
    let mixed = steps.with("Add", &mixed, key);
    let mixed = steps.word(&mixed);
    let mixed = steps.hash(mixed);
    let kept = steps.with("Div", &mixed, 1 << 8);
    let value = steps.step("Cast", &[&kept], &[("to", Attribute::Integer(FLOAT))]);
    let unit = format!("{name}.unit");
    graph.floats(&unit, &[], &[1.0 / (1 << 24) as f32]);
    graph.node("Mul", &[&value, &unit], name, &[]);
}

impl Steps<'_> {
    fn next(&mut self) -> String {
        self.written += 1;
        format!("{}.{}", self.name, self.written)
    }

    fn step(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, Attribute<'_>)]) -> String {
        let output = self.next();
        self.graph.node(op, inputs, &output, attributes);
        output
    }

    fn constant(&mut self, shape: &[usize], values: &[i64]) -> String {
        let name = self.next();
        self.graph.integers(&name, shape, values);
        name
    }

    /// What `op` makes of a tensor and a number.
    fn with(&mut self, op: &str, x: &str, number: i64) -> String {
        let number = self.constant(&[], &[number]);
        self.step(op, &[x, &number], &[])
    }

    /// The numbers below `end`, along the axis of `shape` that is -1.
    fn range(&mut self, end: &str, shape: &[i64; 4]) -> String {
        let [zero, one] = [0, 1].map(|number| self.constant(&[], &[number]));
        let numbers = self.step("Range", &[&zero, end, &one], &[]);
        let shape = self.constant(&[4], shape);
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
    use crate::{
        Model, Plan, Purpose,
        network::{InputConvention, Network, Op},
        onnx::{exported, message},
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

    /// What a graph's nodes make of an image of `size`, by the definitions of ONNX's operations.
    fn run(graph: &message::Graph, [height, width]: [usize; 2]) -> Tensor {
        let constants = graph.constants.iter();
        let mut tensors: BTreeMap<&str, Tensor> = constants
            .map(|(name, known)| (&name[..], Tensor::new(&known.shape, known.data.clone())))
            .collect();
        let size = Tensor::new(&[4], [1, 3, height, width].map(|extent| extent as f64).to_vec());
        // Of the image nothing but its size counts.
        tensors.insert(&graph.inputs[0].name, size.clone());
        let whole = |op: fn(i64, i64) -> i64| move |a: f64, b: f64| op(a as i64, b as i64) as f64;
        for node in &graph.nodes {
            let tensor = |input: usize| &tensors[&node.inputs[input][..]];
            let both = |op: fn(i64, i64) -> i64| tensor(0).with(tensor(1), whole(op));
            let made = match &node.op[..] {
                "Shape" => size.clone(),
                "Gather" => Tensor::new(&[], vec![tensor(0).data[tensor(1).data[0] as usize]]),
                "Range" => {
                    let numbers: Vec<f64> =
                        (0..tensor(1).data[0] as usize).map(|number| number as f64).collect();
                    Tensor::new(&[numbers.len()], numbers)
                }
                "Reshape" => {
                    let data = &tensor(0).data;
                    let axis = tensor(1)
                        .data
                        .iter()
                        .map(|&extent| if extent < 0.0 { data.len() } else { extent as usize });
                    Tensor::new(&axis.collect::<Vec<_>>(), data.clone())
                }
                "Add" => both(|a, b| a + b),
                "Div" => both(|a, b| a / b),
                "BitwiseAnd" => both(|a, b| a & b),
                "BitwiseXor" => both(|a, b| a ^ b),
                "Mul" if tensor(1).data[0].fract() != 0.0 => tensor(0).with(tensor(1), |a, b| a * b),
                // A product of 64 bits is no f64; what follows keeps its lowest 32 bits.
                "Mul" => both(|a, b| (a * b).rem_euclid(1 << 32)),
                "Cast" | "Identity" => tensor(0).clone(),
                other => panic!("{other}"),
            };
            tensors.insert(&node.outputs[0], made);
        }
        tensors[&graph.outputs[0].name[..]].clone()
    }

    #[test]
    fn is_the_engines_to_the_bit() {
        let mut net = Network::new("noisy", InputConvention::UNCHANGED);
        net.push("noise", Op::Noise { planes: 3, shrink: 4 }, &[0]);
        let model = Model::new(net, Weights::new(BTreeMap::new(), BTreeMap::new()), None).unwrap();
        let graph = message::read(&exported(&model, "noise").unwrap()).unwrap();
        let [height, width] = [27, 41];
        let mut plan = Plan::of_last(&model, height, width, Purpose::Forward).unwrap();
        plan.forward(&vec![0.0; 3 * height * width]);
        let (map, shape) = (plan.tap(0), plan.tap_shape(0));
        let found = run(&graph, [height, width]);
        assert_eq!(found.shape, [1, 3, shape.height, shape.width]);
        for (i, &expected) in map.data.iter().enumerate() {
            let (place, plane) = (i / 3, i % 3);
            assert_eq!(found.at([0, plane, place / shape.width, place % shape.width]), f64::from(expected));
        }
    }
}
