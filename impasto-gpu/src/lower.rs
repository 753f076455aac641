//! From a schedule to dispatches: which kernels compute a step and its way back.

mod backward;
mod convolution;
mod forward;
mod gradients;
mod norm;
mod reading;
mod sums;

pub use {
    gradients::Gradient,
    reading::Reading,
    sums::{Combine, block_count, combine, sums, weighted_sums},
};

use crate::{
    filters::{Arranged, Arrangement},
    gpu::Inner,
    kernel::Kernel,
    questions,
    record::{Finish, NONE, Op},
};
use impasto_net::{
    Purpose,
    engine::{EngineError, Job},
    network::{Op as Layer, Pooling},
    plan::schedule::Step,
};
use std::ops::Range;

/// Values at which places begin.
const LINE: usize = 16;

/// Parameters of a layer.
pub struct Parameters {
    pub layer: usize,
    pub arrangement: Arrangement,
    pub arranged: Arranged,
}

/// A part of the way back.
pub enum Back {
    /// A dispatch.
    Run(Op),
    /// The cotangent of this value begins here, with what the caller says.
    Begin(usize),
}

/// A plan's dispatches and how much memory they need.
pub struct Lowered {
    /// From RGB to the network's convention and from a cotangent back; none if there is nothing to convert.
    pub convert: Option<[Op; 2]>,
    pub forward: Vec<Op>,
    pub backward: Vec<Back>,
    /// Parameters of the layers.
    pub data: Vec<Parameters>,
    /// For training, where derivatives by parameters are.
    pub gradients: Vec<Gradient>,
    /// For every layer of noise, the number of its dispatch in `forward` and its stream.
    pub noise: Vec<(usize, u32)>,
    /// For every tapped value, where answers to questions about it are put.
    pub answers: Vec<Option<Range<usize>>>,
    /// Temporary values.
    pub scratch: Range<usize>,
    /// Values of memory in all.
    pub len: usize,
    /// Words of masks and of places of maxima.
    pub notes: usize,
}

/// What lowering knows and has written so far.
struct Lowering<'a> {
    gpu: &'a Inner,
    job: &'a Job<'a>,
    out: Lowered,
    /// For every value, the first word of its mask.
    masks: Vec<Option<usize>>,
    /// For every value, the first word of its places of maxima.
    switches: Vec<Option<usize>>,
    /// For every step, where a norm's statistics are.
    statistics: Vec<usize>,
}

/// Lowers a plan.
///
/// # Errors
/// [`EngineError::Unsupported`] for training depthwise convolutions; [`EngineError::Memory`]; [`EngineError::Failed`] if
/// parameters cannot be decoded.
pub fn lower(gpu: &Inner, job: &Job<'_>) -> Result<Lowered, EngineError> {
    let depthwise = |step: &Step| matches!(step.op, Layer::Depthwise(_));
    if job.purpose == Purpose::Training && job.schedule.steps.iter().any(depthwise) {
        return Err(EngineError::Unsupported("derivatives by depthwise convolutions' parameters".into()));
    }
    let schedule = job.schedule;
    let mut len = job.layout.len;
    let mut place = |count: usize| {
        let start = len.next_multiple_of(LINE);
        len = start + count;
        start..len
    };
    let statistics = schedule.steps.iter().map(|step| match step.op {
        Layer::InstanceNorm { .. } => place(3 * schedule.shape(step.inputs[0]).channels).start,
        _ => 0,
    });
    let statistics = statistics.collect();
    let answers = (schedule.values.iter())
        .map(|value| {
            let channels = value.shape.channels;
            let count = 2 * channels + channels * channels + questions::distances(value.shape);
            value.tapped.then(|| place(count))
        })
        .collect();
    let gradients = gradients::places(job, &mut place);
    let scratch = place(scratch_len(job));
    let mut notes = 0;
    let mut words = |wanted: bool, count: usize| {
        let start = notes;
        notes += if wanted { count } else { 0 };
        wanted.then_some(start)
    };
    let back = job.purpose != Purpose::Forward;
    let values = || schedule.values.iter();
    let masks =
        values().map(|value| words(back && value.rectified, value.shape.len().div_ceil(32))).collect();
    let switches = values().map(|value| words(back && value.pooled, value.shape.len().div_ceil(4))).collect();
    let out = Lowered {
        convert: None,
        forward: Vec::new(),
        backward: Vec::new(),
        data: Vec::new(),
        gradients,
        noise: Vec::new(),
        answers,
        scratch,
        len,
        notes,
    };
    let mut lowering = Lowering { gpu, job, out, masks, switches, statistics };
    lowering.picture();
    lowering.forward()?;
    if back {
        lowering.backward()?;
    }
    Ok(lowering.out)
}

/// Values of temporary memory that the hungriest operation wants.
fn scratch_len(job: &Job<'_>) -> usize {
    let schedule = job.schedule;
    let blocks = |value: usize| 2 * schedule.shape(value).channels * (1 + block_count(schedule.shape(value)));
    let of_step = |step: &Step| match step.op {
        Layer::InstanceNorm { .. } | Layer::Mean => blocks(step.inputs[0]),
        Layer::Convolution(_) | Layer::Depthwise(_) => {
            convolution::scratch_len(step, schedule.shape(step.inputs[0]), job)
        }
        _ => 0,
    };
    let steps = schedule.steps.iter().map(of_step).max().unwrap_or(0);
    let of_tap = |&value: &usize| blocks(value) + questions::slices_len(schedule.shape(value));
    steps.max(schedule.taps.iter().map(of_tap).max().unwrap_or(0))
}

/// Some planes of a map stored as a map, times `factor`: from `from` on, or zeros, with `stride` between positions.
pub fn moved(finish: &Finish, from: Option<usize>, stride: usize, factor: f32, count: usize) -> Op {
    let from = from.map_or(NONE, |at| at as u32);
    Op::each(Kernel::Move, finish, &[from, stride as u32, count as u32, factor.to_bits()], count)
}

impl Lowering<'_> {
    /// A value's map.
    fn map(&self, value: usize) -> usize {
        self.job.layout.maps[value].start
    }

    /// A value's cotangent.
    fn cotangent(&self, value: usize) -> usize {
        self.job.layout.cotangents[value].start
    }

    /// The number of a buffer with a layer's parameters, and where its bias begins.
    fn parameters(&mut self, layer: usize, arrangement: Arrangement) -> Result<(usize, u32), EngineError> {
        let model = self.job.model;
        let arranged = match self.job.purpose {
            // They are to be changed.
            Purpose::Training => self.gpu.arrange(model, layer, arrangement, None)?,
            Purpose::Forward | Purpose::Gradient => self.gpu.arranged(model, layer, arrangement)?,
        };
        let bias = arranged.bias;
        self.out.data.push(Parameters { layer, arrangement, arranged });
        Ok((self.out.data.len() - 1, bias))
    }

    /// Whether a pool takes means.
    fn averages(pooling: Pooling) -> u32 {
        u32::from(pooling == Pooling::Average)
    }
}
