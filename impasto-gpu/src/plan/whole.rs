//! An objective as a whole: from an optimiser's vector to the terms' values and the derivative, with one reading.

mod write;

use super::GpuPlan;
use crate::{
    answers::Answers,
    kernel::Kernel,
    record::{Dispatch, Finish, Op, Shared},
    space::DeviceSpace,
    starts,
    totals::{groups, in_groups, total},
};
use impasto_net::engine::{EngineError, Terms, Vector, terms};
use std::{collections::HashMap, ops::Range};
use wgpu::Buffer;

/// What is written down of an objective.
pub struct Whole {
    /// Of the terms.
    number: u64,
    /// With the vectors.
    space: Shared,
    tether: Option<Buffer>,
    terms: Vec<Measured>,
    starts: Vec<starts::Prepared>,
    /// For every value whose cotangent begins with something, its starts.
    begun: HashMap<usize, Vec<usize>>,
    /// By the vectors that are read and written.
    before: HashMap<usize, Dispatch>,
    after: HashMap<[usize; 2], [Dispatch; 2]>,
}

/// A term, computed by these dispatches, of which `place` then has the value.
struct Measured {
    dispatches: Vec<Dispatch>,
    buffer: Buffer,
    place: Range<usize>,
    factor: f64,
}

impl GpuPlan {
    /// See [`Executor::evaluate`](impasto_net::engine::Executor::evaluate).
    pub(super) fn evaluate_whole(
        &mut self,
        terms: &Terms,
        taps: &[usize],
        space: &mut DeviceSpace,
        [x, gradient]: [Vector; 2],
    ) -> Result<Vec<f64>, EngineError> {
        if !self.noise.is_empty() {
            return Err(EngineError::Unsupported("objectives of networks with noise".into()));
        }
        let buffers = space.buffers().clone();
        let known = self
            .whole
            .take()
            .filter(|whole| whole.number == terms.number() && whole.space.arena == buffers.arena);
        let mut whole = match known {
            Some(whole) => whole,
            None => self.write_down(terms, taps, buffers)?,
        };
        let (x, gradient) = (space.at(x), space.at(gradient));
        let (sums, sum) = space.sum();
        if !whole.before.contains_key(&x) {
            let dispatch = self.shown(&whole, x);
            whole.before.insert(x, dispatch);
        }
        if !whole.after.contains_key(&[x, gradient]) {
            let pixels = self.pixels(&whole, terms, [x, gradient, sums]);
            let total =
                Dispatch::new(&self.gpu, &whole.space, &total(sums, groups(self.shapes[0].len()), sum), None);
            whole.after.insert([x, gradient], [pixels, total]);
        }
        self.gpu.queue.write_buffer(&self.shared.pass, 0, &[0; 16]);
        self.converted = true;
        let mut answers = Answers::new(&self.gpu, whole.terms.len() + 1 + space.expects());
        let mut encoder = self.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            whole.before[&x].run(&self.gpu, &mut pass);
            self.convert.iter().for_each(|[there, _]| there.run(&self.gpu, &mut pass));
            self.forward.iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
        }
        for term in &whole.terms {
            {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                term.dispatches.iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
            }
            answers.copy(&mut encoder, &term.buffer, &term.place);
        }
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            self.run_back(&mut pass, &|value| {
                let starts = whole.begun.get(&value)?;
                Some(starts.iter().map(|&start| &whole.starts[start].dispatch).collect())
            });
            whole.after[&[x, gradient]].iter().for_each(|dispatch| dispatch.run(&self.gpu, &mut pass));
        }
        answers.copy(&mut encoder, &whole.space.arena, &(sum..sum + 1));
        space.tell_expected(&mut encoder, &mut answers);
        self.submit(encoder)?;
        let told = answers.read(&self.gpu)?;
        let (told, expected) = told.split_at(whole.terms.len() + 1);
        space.keep_told(expected);
        let mut values: Vec<f64> = told.iter().map(|&value| f64::from(value)).collect();
        if terms.variation.is_none() {
            values.pop();
        }
        values.iter_mut().zip(&whole.terms).for_each(|(value, term)| *value *= term.factor);
        self.whole = Some(whole);
        Ok(values)
    }

    /// Writes an objective down.
    fn write_down(&mut self, terms: &Terms, taps: &[usize], space: Shared) -> Result<Whole, EngineError> {
        let tether = match &terms.tether {
            Some(tether) => {
                Some(self.gpu.upload("a photograph", &[&tether.photograph[..], &tether.freedom].concat())?)
            }
            None => None,
        };
        let mut whole = Whole {
            number: terms.number(),
            space,
            tether,
            terms: Vec::new(),
            starts: Vec::new(),
            begun: HashMap::new(),
            before: HashMap::new(),
            after: HashMap::new(),
        };
        for term in &terms.contents {
            self.write_content(&mut whole, term, taps[term.tap])?;
        }
        for term in &terms.styles {
            self.write_style(&mut whole, term, taps[term.tap])?;
        }
        let begun = &whole.begun;
        self.begin_with_zeros(&|value| begun.contains_key(&value));
        self.gpu.health.check()?;
        Ok(whole)
    }

    /// What `pixel.wgsl` wants to know.
    fn pixel_words(
        &self,
        whole: &Whole,
        at: usize,
        [x, gradient, sums]: [usize; 3],
        variation: Option<terms::Variation>,
    ) -> [u32; 16] {
        let shape = self.shapes[0];
        let none = terms::Variation { definition: 0, weight: 0.0, per: [0.0; 3] };
        let terms::Variation { definition, weight, per } = variation.unwrap_or(none);
        [
            at as u32,
            shape.len() as u32,
            shape.width as u32,
            shape.height as u32,
            x as u32,
            gradient as u32,
            u32::from(whole.tether.is_some()),
            definition,
            weight.to_bits(),
            per[0].to_bits(),
            per[1].to_bits(),
            per[2].to_bits(),
            sums as u32,
            0,
            0,
            0,
        ]
    }

    /// Buffers of the plan with the vectors in the place of the masks.
    fn with_vectors(&self, whole: &Whole) -> Shared {
        Shared { notes: whole.space.arena.clone(), ..self.shared.clone() }
    }

    /// From a vector to the picture.
    fn shown(&self, whole: &Whole, x: usize) -> Dispatch {
        let words = self.pixel_words(whole, self.maps[0].start, [x, 0, 0], None);
        let op = Op::each(Kernel::FromVector, &Finish::plain(0, 1), &words, self.shapes[0].len());
        Dispatch::new(&self.gpu, &self.with_vectors(whole), &op, whole.tether.as_ref())
    }

    /// From the picture's cotangent to a vector.
    fn pixels(&self, whole: &Whole, terms: &Terms, places: [usize; 3]) -> Dispatch {
        let words = self.pixel_words(whole, self.cotangents[0].start, places, terms.variation);
        let op = in_groups(Kernel::Pixels, &words, self.shapes[0].len());
        Dispatch::new(&self.gpu, &self.with_vectors(whole), &op, whole.tether.as_ref())
    }
}
