//! Which steps compute the taps, and which maps they read and write.

use super::fuse::Readers;
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
    /// The largest value that the ReLU let pass.
    pub ceiling: f32,
    /// It is the result of max pooling.
    pub pooled: bool,
    /// The caller wants to see it.
    pub tapped: bool,
    /// Steps that read it, in order.
    pub consumers: Vec<usize>,
}

/// One operation, with what is joined to it (`fuse`): first a sum, then a ReLU.
#[derive(Debug)]
pub struct Step {
    /// Index of the network's layer.
    pub layer: usize,
    /// What it computes.
    pub op: Op,
    /// Values read.
    pub inputs: Vec<usize>,
    /// The last of `inputs` is added to the result.
    pub sum: bool,
    /// It reads its input enlarged ×2.
    pub upsampled: bool,
    /// Only the maxima of the result's 2×2 windows are kept.
    pub pool: bool,
    /// Size of the result before that.
    pub computed: Shape,
    /// Value written.
    pub output: usize,
    /// Where its planes begin among those of the value, if it writes only some of them.
    pub among: Option<usize>,
}

impl Step {
    /// The value added to the result.
    pub fn residual(&self) -> Option<usize> {
        self.inputs.last().copied().filter(|_| self.sum)
    }
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
    /// Schedules what the layers named `taps` need, for pictures of `size` (height, width). `pools` tells of a step whether
    /// the device can pool its result too. If `joined`, convolutions write into concatenations of their results.
    pub fn new(
        network: &Network,
        size: (usize, usize),
        taps: &[String],
        pools: &dyn Fn(&Step, Shape) -> bool,
        joined: bool,
    ) -> Result<Self, NetError> {
        let tapped: Vec<usize> = taps.iter().map(|name| network.require(name)).collect::<Result<_, _>>()?;
        let needed = needed(network, &tapped);
        let shapes = shapes(network, &needed, size)?;
        let readers = Readers::new(network, &needed, &tapped);
        let mut schedule = Schedule { steps: Vec::new(), values: Vec::new(), taps: Vec::new() };
        // For every layer, the value that holds its map, and the step that writes it.
        let mut held = vec![0; network.layers.len()];
        let mut writer = vec![0; network.layers.len()];
        // For every concatenation whose parts are written in place, the value that holds it.
        let mut concatenated = vec![None; network.layers.len()];
        for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| needed[*index]) {
            if readers.joins_as_relu(layer) {
                held[index] = held[layer.inputs[0]];
                let value = &mut schedule.values[held[index]];
                (value.rectified, value.ceiling) = (true, layer.op.ceiling().unwrap_or(f32::INFINITY));
            } else if let Some((joined, residual)) = readers.joins_as_sum(layer) {
                (held[index], writer[index]) = (held[joined], writer[joined]);
                let step = &mut schedule.steps[writer[joined]];
                step.inputs.push(held[residual]);
                step.sum = true;
            } else if readers.joins_as_enlargement(index) {
                held[index] = held[layer.inputs[0]];
            } else if let Some(step) =
                readers.joins_as_pool(layer).map(|joined| &mut schedule.steps[writer[joined]])
                && pools(step, schedule.values[step.inputs[0]].shape)
            {
                held[index] = step.output;
                step.pool = true;
                let value = &mut schedule.values[step.output];
                (value.shape, value.pooled) = (shapes[index], true);
            } else if let Some(value) = concatenated[index] {
                held[index] = value;
            } else {
                writer[index] = schedule.steps.len();
                let part = readers.joins_as_part(index).filter(|_| joined);
                let whole = part.map_or(index, |(concatenation, _)| concatenation);
                held[index] = concatenated[whole].unwrap_or(schedule.values.len());
                if part.is_some() {
                    concatenated[whole] = Some(held[index]);
                }
                if held[index] == schedule.values.len() {
                    schedule.values.push(Value {
                        shape: shapes[whole],
                        rectified: layer.op.ceiling().is_some(),
                        ceiling: layer.op.ceiling().unwrap_or(f32::INFINITY),
                        pooled: matches!(layer.op, Op::Pool(pool) if pool.pooling == Pooling::Max),
                        tapped: false,
                        consumers: Vec::new(),
                    });
                }
                if layer.op != Op::Input {
                    schedule.steps.push(Step {
                        layer: index,
                        op: layer.op,
                        inputs: layer.inputs.iter().map(|&input| held[input]).collect(),
                        sum: layer.op == Op::Add,
                        upsampled: layer.inputs.iter().any(|&input| readers.joins_as_enlargement(input)),
                        pool: false,
                        computed: shapes[index],
                        output: held[index],
                        among: part.map(|(_, first)| first),
                    });
                }
            }
        }
        for (index, step) in schedule.steps.iter().enumerate() {
            step.inputs.iter().for_each(|&value| schedule.values[value].consumers.push(index));
        }
        for layer in tapped {
            schedule.values[held[layer]].tapped = true;
            schedule.taps.push(held[layer]);
        }
        Ok(schedule)
    }

    /// Checks that `network` has the layers that were scheduled.
    ///
    /// # Panics
    /// If it has others.
    pub fn check_network(&self, network: &Network) {
        let same = |step: &Step| network.layers.get(step.layer).is_some_and(|layer| layer.op == step.op);
        assert!(self.steps.iter().all(same), "the plan was made for another network");
    }

    /// Size of a value's map.
    pub fn shape(&self, value: usize) -> Shape {
        self.values[value].shape
    }

    /// The tapped values in the order in which the way back meets them.
    pub fn deepest_first(&self) -> Vec<usize> {
        let mut producer = vec![0; self.values.len()];
        self.steps.iter().enumerate().for_each(|(index, step)| producer[step.output] = index + 1);
        // A cotangent begins with its value's last reader or, where there is none, with its own step.
        let begins = |value: usize| {
            let reader = self.values[value].consumers.last();
            (reader.map_or(producer[value], |step| step + 1), producer[value])
        };
        let mut values: Vec<usize> = (0..self.values.len()).filter(|&v| self.values[v].tapped).collect();
        values.sort_by_key(|&value| std::cmp::Reverse(begins(value)));
        values
    }

    /// Whether a step may write over its input: a norm whose input nobody else wants.
    pub fn overwrites(&self, step: &Step) -> bool {
        let input = &self.values[step.inputs[0]];
        matches!(step.op, Op::InstanceNorm { .. }) && input.consumers.len() == 1 && !input.tapped
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
        let (height, width) = match layer.inputs.first() {
            _ if !needed => (0, 0),
            None => (height, width),
            Some(&input) => {
                let Shape { height, width, .. } = shapes[input];
                (layer.op.output_len(height), layer.op.output_len(width))
            }
        };
        if needed && layer.op == Op::Add && shapes[layer.inputs[0]] != shapes[layer.inputs[1]] {
            return Err(NetError::Unequal { network: network.name.clone(), layer: layer.name.clone() });
        }
        if needed && (height == 0 || width == 0) {
            let Shape { height, width, .. } = shapes.first().copied().unwrap_or_default();
            let (network, layer) = (network.name.clone(), layer.name.clone());
            return Err(NetError::TooSmall { network, layer, width, height });
        }
        shapes.push(Shape { height, width, channels });
    }
    Ok(shapes)
}
