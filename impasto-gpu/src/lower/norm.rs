//! Instance norm: means first, then deviations from them, then the map; on the way back two sums, then the cotangent.

use super::{Combine, Lowering, combine, sums};
use crate::{
    filters::Arrangement,
    kernel::Kernel,
    record::{Finish, NONE, Op},
};
use impasto_net::{device::Shape, engine::EngineError};

impl Lowering<'_> {
    /// The norm of step `index`.
    pub(super) fn norm(&mut self, index: usize, epsilon: f32, finish: &Finish) -> Result<(), EngineError> {
        let step = &self.job.schedule.steps[index];
        let shape = self.job.schedule.shape(step.inputs[0]);
        let x = self.map(step.inputs[0]);
        let statistics = self.statistics[index];
        let scratch = self.out.scratch.start;
        // Relative to its rounded mean, a plane far from zero loses nothing.
        self.out.forward.push(sums((x, x), [None; 2], shape, scratch));
        self.out.forward.push(combine(Combine::Mean, shape, scratch, statistics, (0, 0.0), None));
        self.out.forward.push(sums((x, x), [Some(statistics); 2], shape, scratch));
        self.out.forward.push(combine(Combine::Norm, shape, scratch, 0, (statistics, epsilon), None));
        let (data, _) = self.parameters(step.layer, Arrangement::Plain)?;
        let op = normed(finish, (x, None), (statistics, 0), shape).reading(data);
        self.out.forward.push(op);
        Ok(())
    }

    /// Its way back.
    pub(super) fn norm_back(&mut self, index: usize, finish: &Finish) -> Result<Vec<Op>, EngineError> {
        let step = &self.job.schedule.steps[index];
        let shape = self.job.schedule.shape(step.inputs[0]);
        let (x, dy) = (self.map(step.inputs[0]), self.cotangent(step.output));
        let statistics = self.statistics[index];
        let scratch = self.out.scratch.start;
        let back = scratch + 2 * shape.channels * super::block_count(shape);
        let (data, _) = self.parameters(step.layer, Arrangement::Plain)?;
        Ok(vec![
            sums((dy, x), [None, Some(statistics)], shape, scratch),
            combine(Combine::NormBack, shape, scratch, back, (statistics, 0.0), self.gradient(index)),
            normed(finish, (x, Some(dy)), (statistics, back), shape).reading(data),
        ])
    }
}

fn normed(
    finish: &Finish,
    (x, dy): (usize, Option<usize>),
    (statistics, back): (usize, usize),
    shape: Shape,
) -> Op {
    let dy = dy.map_or(NONE, |at| at as u32);
    let (count, channels) = (shape.len(), shape.channels as u32);
    let parameters = [x as u32, dy, statistics as u32, back as u32, count as u32, channels, 0, 0];
    Op::each(Kernel::Norm, finish, &parameters, count)
}
