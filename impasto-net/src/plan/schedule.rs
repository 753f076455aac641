//! Which steps compute the taps, and which maps they read and write.

use crate::{
    NetError,
    device::Shape,
    network::{Network, Op, Pooling},
};

/// A map that is held in memory for a while.
#[derive(Debug)]
pub struct Value {
    /// Its size.
    pub shape: Shape,
    /// A ReLU is the last thing that happened to it.
    pub rectified: bool,
    /// It is the result of max pooling.
    pub pooled: bool,
    /// The caller wants to see it.
    pub tapped: bool,
    /// Steps that read it, in order.
    pub consumers: Vec<usize>,
}

/// One operation. A convolution whose only reader is a ReLU computes both.
#[derive(Debug)]
pub struct Step {
    /// Index of the network's layer.
    pub layer: usize,
    /// What it computes.
    pub op: Op,
    /// Values read.
    pub inputs: Vec<usize>,
    /// Value written.
    pub output: usize,
}

/// Steps in order; value 0 is the picture.
#[derive(Debug)]
pub struct Schedule {
    /// All operations.
    pub steps: Vec<Step>,
    /// All maps.
    pub values: Vec<Value>,
    /// For every tap, its value.
    pub taps: Vec<usize>,
}

impl Schedule {
    /// Schedules what the layers named `taps` need, for pictures of `size` (height, width).
    pub fn new(network: &Network, size: (usize, usize), taps: &[String]) -> Result<Self, NetError> {
        let tapped: Vec<usize> = taps.iter().map(|name| network.require(name)).collect::<Result<_, _>>()?;
        let needed = needed(network, &tapped);
        let shapes = shapes(network, &needed, size)?;
        let mut readers = vec![Vec::new(); network.layers.len()];
        for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| needed[*index]) {
            layer.inputs.iter().for_each(|&input| readers[input].push(index));
        }
        let mut schedule = Schedule { steps: Vec::new(), values: Vec::new(), taps: Vec::new() };
        // For every layer, the value that holds its map.
        let mut held = vec![0; network.layers.len()];
        for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| needed[*index]) {
            let fused = layer.op == Op::Relu && {
                let input = layer.inputs[0];
                matches!(network.layers[input].op, Op::Convolution(_))
                    && readers[input].len() == 1
                    && !tapped.contains(&input)
            };
            if fused {
                held[index] = held[layer.inputs[0]];
                schedule.values[held[index]].rectified = true;
            } else {
                held[index] = schedule.values.len();
                let shape = shapes[index];
                let pooled = matches!(layer.op, Op::Pool(pool) if pool.pooling == Pooling::Max);
                let rectified = layer.op == Op::Relu;
                let consumers = Vec::new();
                schedule.values.push(Value { shape, rectified, pooled, tapped: false, consumers });
                if layer.op != Op::Input {
                    let inputs: Vec<usize> = layer.inputs.iter().map(|&input| held[input]).collect();
                    let step = schedule.steps.len();
                    inputs.iter().for_each(|&value| schedule.values[value].consumers.push(step));
                    schedule.steps.push(Step { layer: index, op: layer.op, inputs, output: held[index] });
                }
            }
        }
        for layer in tapped {
            schedule.values[held[layer]].tapped = true;
            schedule.taps.push(held[layer]);
        }
        Ok(schedule)
    }

    /// Size of a value's map.
    pub fn shape(&self, value: usize) -> Shape {
        self.values[value].shape
    }
}

/// Marks the layers that `taps` depend on; the picture always.
fn needed(network: &Network, taps: &[usize]) -> Vec<bool> {
    let mut needed = vec![false; network.layers.len()];
    needed[0] = true;
    taps.iter().for_each(|&tap| needed[tap] = true);
    for index in (0..needed.len()).rev() {
        if needed[index] {
            network.layers[index].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    needed
}

/// Sizes of the needed layers' maps; zeros for the others.
fn shapes(
    network: &Network,
    needed: &[bool],
    (height, width): (usize, usize),
) -> Result<Vec<Shape>, NetError> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(needed.len());
    for ((layer, channels), &needed) in network.layers.iter().zip(network.channels()).zip(needed) {
        let (height, width) = match layer.op {
            _ if !needed => (0, 0),
            Op::Input => (height, width),
            Op::Mean => (1, 1),
            op => {
                let Shape { height, width, .. } = shapes[layer.inputs[0]];
                let len = |n| match op {
                    Op::Convolution(conv) => conv.output_len(n),
                    Op::Pool(pool) => pool.output_len(n),
                    _ => n,
                };
                (len(height), len(width))
            }
        };
        if needed && (height == 0 || width == 0) {
            let Shape { height, width, .. } = shapes.first().copied().unwrap_or_default();
            let (network, layer) = (network.name.clone(), layer.name.clone());
            return Err(NetError::TooSmall { network, layer, width, height });
        }
        shapes.push(Shape { height, width, channels });
    }
    Ok(shapes)
}
