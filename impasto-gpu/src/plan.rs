//! Running a plan's dispatches.

mod prepare;
mod whole;

use prepare::{Asked, Beginning};

use crate::{
    answers::Answers,
    gpu::Inner,
    lower::{Back, Gradient, Lowered, Parameters, lower},
    questions,
    record::{Dispatch, FINISH, Shared},
    space::DeviceSpace,
    starts,
};
use impasto_net::{
    Memory, Model, ReluRule,
    device::{Shape, noise_key},
    engine::{Answer, EngineError, Executor, Input, Job, Question, Space, Start, Tell, Terms, Vector},
};
use std::{collections::HashMap, ops::Range, sync::Arc};
use wgpu::{Buffer, CommandEncoder, ComputePass};

/// A network at a size on a device.
pub struct GpuPlan {
    gpu: Arc<Inner>,
    shared: Shared,
    /// To and from the network's convention.
    convert: Option<[Dispatch; 2]>,
    /// Whether the last forward pass converted.
    converted: bool,
    forward: Vec<Dispatch>,
    backward: Vec<Return>,
    /// For every layer of noise, its dispatch, its parameters but for the key, and the layer's stream.
    noise: Vec<(usize, Vec<u32>, u32)>,
    seed: Option<u64>,
    parameters: Vec<Parameters>,
    gradients: Vec<Gradient>,
    shapes: Vec<Shape>,
    maps: Vec<Range<usize>>,
    cotangents: Vec<Range<usize>>,
    answers: Vec<Option<Range<usize>>>,
    scratch: usize,
    kept: Vec<(u64, Buffer)>,
    questions: HashMap<Asked, questions::Prepared>,
    starts: HashMap<Beginning, starts::Prepared>,
    zeros: HashMap<usize, Dispatch>,
    whole: Option<whole::Whole>,
    memory: Memory,
}

/// A part of the way back.
enum Return {
    Run(Dispatch),
    Begin(usize),
}

impl GpuPlan {
    /// Prepares everything that running `job` needs.
    ///
    /// # Errors
    /// As [`Engine::plan`](impasto_net::engine::Engine::plan).
    pub fn new(gpu: Arc<Inner>, job: &Job<'_>) -> Result<GpuPlan, EngineError> {
        gpu.health.check()?;
        let lowered = lower(&gpu, job)?;
        if u32::try_from(lowered.len).is_err() {
            return Err(EngineError::Memory("its maps have more values than the device can count".into()));
        }
        let Lowered { convert, forward, backward, data, gradients, noise, answers, scratch, len, notes } =
            lowered;
        let shared = Shared {
            arena: gpu.storage("the plan's maps", 4 * len as u64)?,
            notes: gpu.storage("the plan's masks", 4 * notes as u64)?,
            pass: gpu.uniform(&[0; 4]),
            nothing: gpu.storage("nothing", 16)?,
        };
        gpu.health.check()?;
        let buffer = |number: usize| &data[number].arranged.buffer;
        let filters: u64 = (0..data.len()).map(|number| buffer(number).size()).sum();
        let bind = |op: &crate::record::Op| Dispatch::new(&gpu, &shared, op, op.data.map(buffer));
        let plan = GpuPlan {
            convert: convert.map(|ops| ops.map(|op| bind(&op))),
            converted: false,
            noise: noise.into_iter().map(|(at, stream)| (at, forward[at].words.clone(), stream)).collect(),
            forward: forward.iter().map(bind).collect(),
            backward: backward
                .iter()
                .map(|back| match back {
                    Back::Run(op) => Return::Run(bind(op)),
                    Back::Begin(value) => Return::Begin(*value),
                })
                .collect(),
            seed: None,
            gradients,
            shapes: job.schedule.values.iter().map(|value| value.shape).collect(),
            maps: job.layout.maps.clone(),
            cotangents: job.layout.cotangents.clone(),
            answers,
            scratch: scratch.start,
            kept: Vec::new(),
            questions: HashMap::new(),
            starts: HashMap::new(),
            zeros: HashMap::new(),
            whole: None,
            memory: Memory {
                maps: 4 * len,
                masks: 4 * notes,
                filters: filters as usize,
                ..Memory::default()
            },
            parameters: data,
            shared,
            gpu,
        };
        plan.gpu.health.check()?;
        Ok(plan)
    }

    fn encoder(&self) -> CommandEncoder {
        self.gpu.device.create_command_encoder(&Default::default())
    }

    fn submit(&self, encoder: CommandEncoder) -> Result<(), EngineError> {
        self.gpu.queue.submit([encoder.finish()]);
        self.gpu.health.check()
    }

    /// All of the way back; `begun` are the beginnings of a value's cotangent, where those are not zeros.
    fn run_back<'a>(
        &'a self,
        pass: &mut ComputePass<'_>,
        begun: &dyn Fn(usize) -> Option<Vec<&'a Dispatch>>,
    ) {
        for back in &self.backward {
            match back {
                Return::Run(dispatch) => dispatch.run(&self.gpu, pass),
                Return::Begin(value) => match begun(*value) {
                    Some(starts) => starts.into_iter().for_each(|start| start.run(&self.gpu, pass)),
                    None => self.zeros[value].run(&self.gpu, pass),
                },
            }
        }
        if let (Some([_, back]), true) = (&self.convert, self.converted) {
            back.run(&self.gpu, pass);
        }
    }

    /// Waits for everything submitted and reads `places` one after another.
    fn fetch(&self, mut encoder: CommandEncoder, places: &[Range<usize>]) -> Result<Vec<f32>, EngineError> {
        let mut answers = Answers::new(&self.gpu, places.iter().map(Range::len).sum());
        places.iter().for_each(|place| answers.copy(&mut encoder, &self.shared.arena, place));
        self.submit(encoder)?;
        answers.read(&self.gpu)
    }
}

impl Executor for GpuPlan {
    fn forward(&mut self, input: Input<'_>, seed: u64) -> Result<(), EngineError> {
        let (values, convert) = match input {
            Input::Rgb(values) => (values, self.convert.as_ref().map(|[there, _]| there)),
            Input::Converted(values) => (values, None),
        };
        self.converted = convert.is_some();
        assert_eq!(values.len(), self.shapes[0].len(), "a map of another size");
        let queue = &self.gpu.queue;
        queue.write_buffer(&self.shared.arena, 4 * self.maps[0].start as u64, bytemuck::cast_slice(values));
        if self.seed != Some(seed) {
            for (at, words, stream) in &mut self.noise {
                words[FINISH] = noise_key(seed, *stream);
                queue.write_buffer(&self.forward[*at].uniform, 0, bytemuck::cast_slice(words));
            }
            self.seed = Some(seed);
        }
        let mut encoder = self.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            convert.iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
            self.forward.iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
        }
        self.submit(encoder)
    }

    fn read(&self, value: usize, map: &mut [f32]) -> Result<(), EngineError> {
        map.copy_from_slice(&self.fetch(self.encoder(), &[self.maps[value].clone()])?);
        Ok(())
    }

    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Answer>, EngineError> {
        let mut asked = Vec::with_capacity(questions.len());
        for question in questions {
            asked.push(self.prepare(question)?);
        }
        let prepared: Vec<&questions::Prepared> = asked.iter().map(|asked| &self.questions[asked]).collect();
        let mut answers = Answers::new(&self.gpu, prepared.iter().map(|prepared| prepared.place.len()).sum());
        let mut encoder = self.encoder();
        for prepared in &prepared {
            {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                prepared.dispatches.iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
            }
            // Another question about the same map has its answer in the same place.
            answers.copy(&mut encoder, &self.shared.arena, &prepared.place);
        }
        self.submit(encoder)?;
        let values = answers.read(&self.gpu)?;
        let mut rest = &values[..];
        let answer = |prepared: &&questions::Prepared| {
            let (own, others) = rest.split_at(prepared.place.len());
            rest = others;
            prepared.answer(own)
        };
        prepared.iter().map(answer).collect()
    }

    fn backward(
        &mut self,
        rule: ReluRule,
        starts: &[(usize, Start<'_>)],
        gradient: &mut [f32],
    ) -> Result<(), EngineError> {
        let begun = self.begin(starts)?;
        let rule: u32 = match rule {
            ReluRule::Gradient => 0,
            ReluRule::Guided => 1,
            ReluRule::Deconv => 2,
        };
        self.gpu.queue.write_buffer(&self.shared.pass, 0, bytemuck::cast_slice(&[rule, 0, 0, 0]));
        let mut encoder = self.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            self.run_back(&mut pass, &|value| {
                let keys = begun.get(&value)?;
                Some(keys.iter().map(|key| &self.starts[key].dispatch).collect())
            });
        }
        gradient.copy_from_slice(&self.fetch(encoder, &[self.cotangents[0].clone()])?);
        Ok(())
    }

    fn parameter_gradients(&mut self, tell: &mut Tell<'_>) -> Result<(), EngineError> {
        let places: Vec<Range<usize>> =
            self.gradients.iter().map(|gradient| gradient.place.clone()).collect();
        let values = self.fetch(self.encoder(), &places)?;
        let mut rest = &values[..];
        for Gradient { step, place, biases } in &self.gradients {
            let (own, others) = rest.split_at(place.len());
            let (weight, bias) = own.split_at(own.len() - biases);
            tell(*step, weight, bias);
            rest = others;
        }
        Ok(())
    }

    fn set_parameters(&mut self, model: &Model) -> Result<(), EngineError> {
        for Parameters { layer, arrangement, arranged } in &self.parameters {
            self.gpu.arrange(model, *layer, *arrangement, Some(arranged))?;
        }
        self.gpu.health.check()
    }

    fn space(&self, len: usize, count: usize) -> Result<Box<dyn Space>, EngineError> {
        Ok(Box::new(DeviceSpace::new(self.gpu.clone(), len, count)?))
    }

    fn evaluate(
        &mut self,
        terms: &Terms,
        taps: &[usize],
        space: &mut dyn Space,
        at: [Vector; 2],
    ) -> Result<Vec<f64>, EngineError> {
        match space.as_any().downcast_mut::<DeviceSpace>() {
            Some(space) => self.evaluate_whole(terms, taps, space, at),
            None => Err(EngineError::Unsupported("vectors that are elsewhere".into())),
        }
    }

    fn device_memory(&self) -> Memory {
        self.memory
    }
}
