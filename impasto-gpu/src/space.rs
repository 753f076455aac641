//! Vectors of optimisers on a device.

use crate::{
    answers::Answers,
    gpu::Inner,
    kernel::Kernel,
    record::{Dispatch, Finish, NONE, Op, Shared},
    totals,
};
use impasto_net::engine::{
    EngineError, Space, Vector,
    space::{AdamStep, Each, Pair, Sum},
};
use std::{any::Any, borrow::Cow, collections::HashMap, ops::Range, sync::Arc};
use wgpu::CommandEncoder;

/// Scalars that are used by turns.
const RING: usize = 64;
/// Sums that are told at once.
const SUMS: usize = 8;
/// Values at which vectors begin.
const LINE: usize = 64;

/// Vectors of one length, in one buffer behind scalars and partial sums.
pub struct DeviceSpace {
    gpu: Arc<Inner>,
    shared: Shared,
    len: usize,
    /// Vectors that there is room for, and those that were given out.
    room: usize,
    given: usize,
    /// What was written down once, by its kernel and parameters.
    dispatches: HashMap<(Kernel, Vec<u32>), Dispatch>,
    /// What waits to be submitted.
    waiting: Vec<(Kernel, Vec<u32>)>,
    /// The next scalar of the ring.
    turn: usize,
    /// What is wanted after the next evaluation, and what it came to, once it is known.
    expected: Vec<Sum>,
    told: Option<Vec<f32>>,
    lost: bool,
}

impl DeviceSpace {
    /// Room for so many vectors of `len` values.
    ///
    /// # Errors
    /// [`EngineError::Memory`]; [`EngineError::Failed`].
    pub fn new(gpu: Arc<Inner>, len: usize, room: usize) -> Result<DeviceSpace, EngineError> {
        gpu.health.check()?;
        let values = Self::first(len, room) + room * len.next_multiple_of(LINE);
        if u32::try_from(values).is_err() {
            return Err(EngineError::Memory(
                "optimisers' vectors have more values than can be counted".into(),
            ));
        }
        let shared = Shared::alone(&gpu, gpu.storage("optimisers' vectors", 4 * values as u64)?)?;
        let (dispatches, waiting) = (HashMap::new(), Vec::new());
        let (expected, told) = (Vec::new(), None);
        Ok(DeviceSpace {
            gpu,
            shared,
            len,
            room,
            given: 0,
            dispatches,
            waiting,
            turn: 0,
            expected,
            told,
            lost: false,
        })
    }

    /// Where partial sums begin: behind the ring, told sums, a factor and a product a vector, and one more.
    fn partial(room: usize) -> usize {
        (RING + SUMS + 2 * room + 1).next_multiple_of(LINE)
    }

    /// Where vectors begin.
    fn first(len: usize, room: usize) -> usize {
        (Self::partial(room) + SUMS * totals::groups(len)).next_multiple_of(LINE)
    }

    /// Where a vector begins.
    pub fn at(&self, vector: Vector) -> usize {
        assert!(vector.0 < self.given, "a vector of another space");
        Self::first(self.len, self.room) + vector.0 * self.len.next_multiple_of(LINE)
    }

    /// The buffers, once everything that waits was submitted.
    pub fn buffers(&mut self) -> &Shared {
        self.submit();
        &self.shared
    }

    /// Where groups' sums may be put, and where the sum of those.
    pub fn sum(&self) -> (usize, usize) {
        (Self::partial(self.room), RING)
    }

    /// Number of the sums that are expected.
    pub fn expects(&self) -> usize {
        self.expected.len()
    }

    /// Makes those, and lets `answers` have them.
    pub fn tell_expected(&mut self, encoder: &mut CommandEncoder, answers: &mut Answers) {
        for slot in 0..self.expects() {
            self.add_up(self.expected[slot], slot, RING + slot, (NONE, NONE));
        }
        self.record(encoder);
        answers.copy(encoder, &self.shared.arena, &(RING..RING + self.expects()));
    }

    /// Takes what they came to.
    pub fn keep_told(&mut self, values: &[f32]) {
        self.told = Some(values.to_vec());
    }

    /// A scalar with this value, for what is done next.
    fn scalar(&mut self, values: &[f32]) -> u32 {
        if self.turn + values.len() > RING {
            // What waits has read the others by then.
            self.submit();
            self.turn = 0;
        }
        let at = self.turn;
        self.turn += values.len();
        self.write(at, values);
        at as u32
    }

    fn write(&self, at: usize, values: &[f32]) {
        self.gpu.queue.write_buffer(&self.shared.arena, 4 * at as u64, bytemuck::cast_slice(values));
    }

    fn enqueue(&mut self, op: &Op) {
        let key = (op.kernel, op.words.clone());
        if !self.dispatches.contains_key(&key) {
            self.dispatches.insert(key.clone(), Dispatch::new(&self.gpu, &self.shared, op, None));
        }
        self.waiting.push(key);
    }

    fn record(&mut self, encoder: &mut CommandEncoder) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for key in self.waiting.drain(..) {
            self.dispatches[&key].run(&self.gpu, &mut pass);
        }
    }

    fn submit(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut encoder = self.encoder();
        self.record(&mut encoder);
        self.gpu.queue.submit([encoder.finish()]);
        self.lost |= self.gpu.health.check().is_err();
    }

    /// Submits what waits and reads `place`.
    fn fetch(&mut self, place: &Range<usize>) -> Option<Vec<f32>> {
        let mut encoder = self.encoder();
        self.record(&mut encoder);
        let values = self.answer(encoder, place);
        self.lost |= values.is_none();
        values
    }

    /// Submits, and reads `place`; none if the device failed.
    fn answer(&self, mut encoder: CommandEncoder, place: &Range<usize>) -> Option<Vec<f32>> {
        let mut answers = Answers::new(&self.gpu, place.len());
        answers.copy(&mut encoder, &self.shared.arena, place);
        self.gpu.queue.submit([encoder.finish()]);
        answers.read(&self.gpu).ok()
    }

    fn encoder(&self) -> CommandEncoder {
        self.gpu.device.create_command_encoder(&Default::default())
    }

    /// Where a vector is.
    fn place(&self, vector: Vector) -> Range<usize> {
        let start = self.at(vector);
        start..start + self.len
    }

    /// Adds up to a scalar, number `slot` of the partial sums being used.
    fn add_up(&mut self, sum: Sum, slot: usize, out: usize, (factor, minuend): (u32, u32)) {
        let at = |vector: Vector| self.at(vector) as u32;
        let (what, places, bounds) = match sum {
            Sum::Products(a, b) => (0, [at(a), at(b), 0, 0], FREE),
            Sum::Absolute(a) => (1, [at(a), 0, 0, 0], FREE),
            Sum::Slope { x, direction, gradient, bounds } => {
                (2, [at(direction), at(gradient), at(x), 0], bounds)
            }
            Sum::Differences([a, b], [c, d]) => (3, [at(a), at(b), at(c), at(d)], FREE),
            Sum::Changed { of: [a, b], along: [c, d] } => (4, [at(a), at(b), at(c), at(d)], FREE),
            Sum::Free { x, gradient, bounds } => (5, [at(gradient), at(gradient), at(x), 0], bounds),
            Sum::Change { of: [a, b], by } => (6, [at(a), at(b), at(by), 0], FREE),
        };
        let groups = totals::groups(self.len);
        let sums = Self::partial(self.room) + slot * groups;
        let ([low, high], [a, b, c, d]) = (bits(bounds), places);
        let words = [what, self.len as u32, a, b, c, d, sums as u32, 0, low, high, 0, 0];
        self.enqueue(&totals::in_groups(Kernel::VectorSums, &words, self.len));
        self.enqueue(&totals::scaled_total(sums, groups, out, factor, minuend));
    }

    /// Value by value, with a scalar as factor.
    fn run(&mut self, what: u32, from: &[Vector], to: Vector, factor: (u32, f32), bounds: [f32; 2]) {
        let at = |number: usize| from.get(number).map_or(0, |&vector| self.at(vector) as u32);
        let [low, high] = bits(bounds);
        let (out, count) = (self.at(to) as u32, self.len as u32);
        let (scalar, sign) = (factor.0, factor.1.to_bits());
        let words = [what, count, out, at(0), at(1), at(2), scalar, sign, low, high, 0, 0];
        self.enqueue(&Op::each(Kernel::Vector, &Finish::plain(0, 1), &words, self.len));
    }
}

/// Without bounds.
const FREE: [f32; 2] = [f32::MIN, f32::MAX];

/// Bounds among parameters: infinities are not for shaders.
fn bits(bounds: [f32; 2]) -> [u32; 2] {
    bounds.map(|bound| bound.clamp(f32::MIN, f32::MAX).to_bits())
}

impl Space for DeviceSpace {
    fn len(&self) -> usize {
        self.len
    }

    fn vector(&mut self) -> Vector {
        assert!(self.given < self.room, "there is no room for more than {} vectors", self.room);
        // New memory is zero.
        self.given += 1;
        Vector(self.given - 1)
    }

    fn read(&self, from: Vector) -> Cow<'_, [f32]> {
        debug_assert!(self.waiting.is_empty(), "what is read must be there");
        self.answer(self.encoder(), &self.place(from)).unwrap_or_else(|| vec![0.0; self.len]).into()
    }

    fn take(&mut self, from: Vector) -> Vec<f32> {
        self.fetch(&self.place(from)).unwrap_or_else(|| vec![0.0; self.len])
    }

    fn put(&mut self, to: Vector, values: Vec<f32>) {
        assert_eq!(values.len(), self.len, "a vector of another length");
        // What waits may read what was there.
        self.submit();
        self.write(self.at(to), &values);
    }

    fn each(&mut self, what: Each, from: &[Vector], to: Vector) {
        match what {
            Each::Scaled(factor) => {
                let factor = self.scalar(&[factor]);
                self.run(0, from, to, (factor, 1.0), FREE);
            }
            Each::Within(bounds) => {
                let factor = self.scalar(&[1.0]);
                self.run(0, from, to, (factor, 1.0), bounds);
            }
            Each::Sum { factor, bounds } => {
                let factor = self.scalar(&[factor]);
                self.run(1, from, to, (factor, 1.0), bounds.unwrap_or(FREE));
            }
            Each::Difference => self.run(2, from, to, (0, 1.0), FREE),
            Each::Where => self.run(3, from, to, (0, 1.0), FREE),
            Each::Free(bounds) => self.run(4, from, to, (0, 1.0), bounds),
        }
    }

    fn sums(&mut self, sums: &[Sum]) -> Vec<f64> {
        let mut found = Vec::with_capacity(sums.len());
        for sums in sums.chunks(SUMS) {
            for (slot, &sum) in sums.iter().enumerate() {
                self.add_up(sum, slot, RING + slot, (NONE, NONE));
            }
            let values = self.fetch(&(RING..RING + sums.len()));
            found.extend(values.unwrap_or_else(|| vec![f32::NAN; sums.len()]).into_iter().map(f64::from));
        }
        found
    }

    fn expect(&mut self, sums: &[Sum]) {
        assert!(sums.len() <= SUMS, "{} sums at once", sums.len());
        (self.expected, self.told) = (sums.to_vec(), None);
    }

    fn expected(&mut self) -> Vec<f64> {
        let sums = std::mem::take(&mut self.expected);
        match self.told.take() {
            Some(told) => told.into_iter().map(f64::from).collect(),
            None => self.sums(&sums),
        }
    }

    fn multiply(&mut self, pairs: &[Pair], scale: f64, v: Vector) {
        // A factor and a product for every pair, by its step's number, so that what is written down serves again.
        let factor = |pair: &Pair| RING + SUMS + pair.s.0;
        let product = |pair: &Pair| RING + SUMS + self.room + pair.s.0;
        let places: Vec<[usize; 2]> = pairs.iter().map(|pair| [factor(pair), product(pair)]).collect();
        let difference = RING + SUMS + 2 * self.room;
        // What waits may read such scalars.
        self.submit();
        for (pair, [factor, _]) in pairs.iter().zip(&places) {
            self.write(*factor, &[pair.rho as f32]);
        }
        for (pair, &[factor, product]) in pairs.iter().zip(&places).rev() {
            self.add_up(Sum::Products(pair.s, v), 0, product, (factor as u32, NONE));
            self.run(1, &[v, pair.y], v, (product as u32, -1.0), FREE);
        }
        self.each(Each::Scaled(scale as f32), &[v], v);
        for (pair, &[factor, product]) in pairs.iter().zip(&places) {
            self.add_up(Sum::Products(pair.y, v), 0, difference, (factor as u32, product as u32));
            self.run(1, &[v, pair.s], v, (difference as u32, 1.0), FREE);
        }
    }

    fn adam(&mut self, step: &AdamStep, vectors: [Vector; 5], gradient: Vector) {
        let [b1, b2] = step.betas;
        let scalars =
            self.scalar(&[b1, b2, step.step, step.correct_square, step.decay, step.correct_average]);
        let mut words = vec![self.len as u32];
        words.extend(vectors.iter().chain([&gradient]).map(|&vector| self.at(vector) as u32));
        words.push(scalars);
        words.extend(bits(step.bounds));
        words.extend([0, 0]);
        self.enqueue(&Op::each(Kernel::VectorAdam, &Finish::plain(0, 1), &words, self.len));
    }

    fn settle(&mut self) {
        self.submit();
    }

    fn is_lost(&self) -> bool {
        self.lost || self.gpu.health.check().is_err()
    }

    fn lose(&mut self) {
        self.lost = true;
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
