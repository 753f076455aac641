//! Derivatives by parameters, for training.

use super::{Combine, Lowering, block_count, combine, sums};
use crate::{
    kernel::Kernel,
    record::{Finish, Op},
};
use impasto_net::{Purpose, device::Shape, engine::Job, network::Op as Layer, plan::schedule::Step};
use std::ops::Range;

/// Positions to a slice of sums, at least.
const SLICE: usize = 1024;
/// Values that all slices may take together, unless one alone takes more.
const SLICES: usize = 4 << 20;

/// Where the derivatives by a step's parameters go.
pub struct Gradient {
    pub step: usize,
    /// Those by its weight, then those by its bias.
    pub place: Range<usize>,
    /// How many are by its bias.
    pub biases: usize,
}

/// Places for all steps' that have parameters, if they are wanted.
pub fn places(job: &Job<'_>, place: &mut dyn FnMut(usize) -> Range<usize>) -> Vec<Gradient> {
    if job.purpose != Purpose::Training {
        return Vec::new();
    }
    let (network, channels) = (job.model.network(), job.model.network().channels());
    let of_step = |(index, step): (usize, &Step)| {
        let shapes = network.parameter_shapes(step.layer, &channels)?;
        let [weights, biases] = shapes.map(|shape| shape.iter().product::<usize>());
        Some(Gradient { step: index, place: place(weights + biases), biases })
    };
    job.schedule.steps.iter().enumerate().filter_map(of_step).collect()
}

/// Rows and columns of a convolution's derivatives.
fn matrix(step: &Step, input: Shape) -> Option<(usize, usize)> {
    let Layer::Convolution(conv) = step.op else { return None };
    Some((conv.kernel * conv.kernel * input.channels, conv.outputs))
}

/// Positions to a slice, and slices.
fn slices(step: &Step, (rows, columns): (usize, usize)) -> (usize, usize) {
    let positions = step.computed.positions();
    let most = (SLICES / (rows * columns)).max(1);
    let slice = positions.div_ceil(most).max(SLICE);
    (slice, positions.div_ceil(slice))
}

/// Values of temporary memory that a step's derivatives want.
pub fn scratch_len(step: &Step, input: Shape) -> usize {
    let Some((rows, columns)) = matrix(step, input) else { return 0 };
    let biases = 2 * columns * (1 + block_count(step.computed));
    (slices(step, (rows, columns)).1 * rows * columns).max(biases)
}

impl Lowering<'_> {
    /// Where the derivatives by a step's parameters go, if they are wanted.
    pub(super) fn gradient(&self, index: usize) -> Option<usize> {
        let mut gradients = self.out.gradients.iter();
        gradients.find(|gradient| gradient.step == index).map(|gradient| gradient.place.start)
    }

    /// Derivatives by the parameters of step `index`, if it is a convolution and they are wanted.
    pub(super) fn filter_gradient(&self, index: usize) -> Vec<Op> {
        let step = &self.job.schedule.steps[index];
        let input = self.job.schedule.shape(step.inputs[0]);
        let (Some(out), Some((rows, columns))) = (self.gradient(index), matrix(step, input)) else {
            return Vec::new();
        };
        let (dy, shape) = (self.cotangent(step.output), step.computed);
        let scratch = self.out.scratch.start;
        let (slice, count) = slices(step, (rows, columns));
        let inputs = input.channels as u32;
        let places = (rows / input.channels) as u32;
        let parameters = [scratch as u32, count as u32, places, inputs, columns as u32, out as u32, 0, 0];
        vec![
            self.reading(index).filter_gradient(dy, (slice, count), scratch),
            Op::each(Kernel::FilterSum, &Finish::plain(0, 1), &parameters, rows * columns),
            sums((dy, dy), [None; 2], shape, scratch),
            combine(Combine::Total, shape, scratch, out + rows * columns, (0, 0.0), None),
        ]
    }
}
