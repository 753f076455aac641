//! L-BFGS with a line search, inside a box.

use super::{
    Ended, Memory, MemoryView, Optimiser, Outcome, Problem, Run,
    history::History,
    line_search::{Point, search},
    memory::Layout,
};
use crate::vector::{apply, combine, dot, map, sum_of_squares};

/// L-BFGS (Nocedal 1980) with a safeguarded strong Wolfe line search; the loss never grows from one iterate to the next.
///
/// With `bounds` the iterates stay in a box: trial points are projected onto it, variables that rest on a bound and are
/// pushed outwards leave the search direction (the two-metric projection of Bertsekas 1982, simplified), and do not
/// enter the curvature pairs, so that the box does not spoil the memory. A search that fails makes the method forget
/// its memory and start again from the gradient; a second failure ends it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// Curvature pairs remembered. Default: 20.
    pub history: usize,
    /// Upper limit of the history's memory in bytes. Default: 192 MiB.
    pub memory: usize,
    /// Smallest and largest value of every variable. Default: none.
    pub bounds: Option<[f32; 2]>,
}

/// Evaluations a line search may spend.
const TRIALS: usize = 10;
/// Its name in memories.
const NAME: &str = "lbfgs";

impl Default for Lbfgs {
    fn default() -> Self {
        Lbfgs { history: 20, memory: 192 << 20, bounds: None }
    }
}

impl Optimiser for Lbfgs {
    fn resume(
        &mut self,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome {
        let n = x.len();
        let memory = memory.filter(|memory| self.fits(memory, n));
        let mut run = Run::new(problem, budget, memory);
        if let Some([low, high]) = self.bounds {
            apply(x, |x| x.clamp(low, high));
        }
        if run.over() {
            return run.outcome(Ended::Budget);
        }
        let mut history = History::new(self.history, n, self.memory);
        let mut gradient = vec![0.0; n];
        let mut direction = vec![0.0; n];
        let mut buffers = Buffers::new(n);
        // Root mean square length of a step along the gradient while nothing is known: one grey level of 255.
        let mut stride = 1.0;
        let mut loss;
        if let Some(memory) = memory {
            let (numbers, vectors) = (&memory.numbers, &memory.vectors);
            (loss, stride) = (numbers[0], numbers[1]);
            x.copy_from_slice(&vectors[0]);
            gradient.copy_from_slice(&vectors[1]);
            history.restore(&numbers[2..], &vectors[2..]);
        } else {
            loss = run.evaluate(x, &mut gradient);
            let finite = loss.is_finite() && sum_of_squares(&gradient).is_finite();
            let numbers: Vec<f64> = [loss, stride].into_iter().chain(history.numbers()).collect();
            let vectors = [&*x, &gradient];
            let memory = finite.then(|| MemoryView::new(NAME, &run, &numbers, &vectors));
            run.report(loss, x, memory);
            if !finite {
                return run.outcome(Ended::NotFinite);
            }
        }
        let mut spare = None;
        while !run.over() {
            self.descend(x, &gradient, &mut direction);
            let square = sum_of_squares(&direction);
            if square == 0.0 {
                return run.outcome(Ended::Converged);
            }
            let mut slope = -square;
            if !history.is_empty() {
                history.multiply(&mut direction);
                self.stay_inside(x, &gradient, &mut direction);
                slope = dot(&direction, &gradient);
                let length = sum_of_squares(&direction).sqrt() * square.sqrt();
                if slope.is_nan() || slope >= -1e-12 * length {
                    history.clear();
                    self.descend(x, &gradient, &mut direction);
                    slope = -square;
                }
            }
            let fresh = history.is_empty();
            let first = if fresh { stride * (n as f64 / square).sqrt() } else { 1.0 };
            // A search that is cut short is made again from here: what it has found so far is not enough to go on exactly.
            let numbers: Vec<f64> = [loss, stride].into_iter().chain(history.numbers()).collect();
            let vectors: Vec<&[f32]> = [&*x, &gradient].into_iter().chain(history.vectors()).collect();
            let memory = MemoryView::new(NAME, &run, &numbers, &vectors);
            let mut ray = Ray {
                run: &mut run,
                memory,
                origin: x,
                direction: &direction,
                bounds: self.bounds,
                start: Point { step: 0.0, loss, slope },
                best: None,
                buffers: &mut buffers,
            };
            search(ray.start, first, TRIALS, &mut |step| ray.at(step));
            let Some(best) = ray.best else {
                if fresh {
                    return run.outcome(Ended::Converged);
                }
                history.clear();
                continue;
            };
            loss = best.loss;
            let (mut s, mut y) = spare.take().unwrap_or_else(|| (vec![0.0; n], vec![0.0; n]));
            combine(&buffers.best_x, x, &mut s, |new, old| new - old);
            combine(&buffers.best_gradient, &gradient, &mut y, |new, old| new - old);
            if self.bounds.is_some() {
                crate::vector::apply_with(&mut y, &s, |y, s| if s == 0.0 { 0.0 } else { y });
            }
            let (ys, yy, ss) = (dot(&y, &s), sum_of_squares(&y), sum_of_squares(&s));
            stride = (ss / n as f64).sqrt().max(1e-3);
            spare = if ys > 1e-8 * (yy * ss).sqrt() { history.push(s, y, ys, yy) } else { Some((s, y)) };
            x.copy_from_slice(&buffers.best_x);
            std::mem::swap(&mut gradient, &mut buffers.best_gradient);
        }
        run.outcome(Ended::Budget)
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        let pairs = History::capacity(self.history, length, self.memory);
        Layout { optimiser: NAME, numbers: 2, vectors: 2, pairs }.fits(memory, length)
    }
}

impl Lbfgs {
    /// `direction` = the negative gradient without the variables that a bound holds back.
    fn descend(&self, x: &[f32], gradient: &[f32], direction: &mut [f32]) {
        map(gradient, direction, |g| -g);
        self.stay_inside(x, gradient, direction);
    }

    /// Zeroes `direction` where a variable rests on a bound and its gradient, or the direction, pushes it outwards.
    fn stay_inside(&self, x: &[f32], gradient: &[f32], direction: &mut [f32]) {
        let Some([low, high]) = self.bounds else { return };
        crate::vector::apply_with2(direction, x, gradient, |d, x, g| {
            let held = (x <= low && (g > 0.0 || d < 0.0)) || (x >= high && (g < 0.0 || d > 0.0));
            if held { 0.0 } else { d }
        });
    }
}

/// Working vectors of a line search, kept between searches.
struct Buffers {
    x: Vec<f32>,
    gradient: Vec<f32>,
    best_x: Vec<f32>,
    best_gradient: Vec<f32>,
}

impl Buffers {
    fn new(n: usize) -> Self {
        Buffers { x: vec![0.0; n], gradient: vec![0.0; n], best_x: vec![0.0; n], best_gradient: vec![0.0; n] }
    }
}

/// The function along a direction, with the lowest acceptable point met so far.
struct Ray<'a, 'p> {
    run: &'a mut Run<'p>,
    memory: MemoryView<'a>,
    origin: &'a [f32],
    direction: &'a [f32],
    bounds: Option<[f32; 2]>,
    start: Point,
    best: Option<Point>,
    buffers: &'a mut Buffers,
}

impl Ray<'_, '_> {
    /// Evaluates a step, unless the run is over.
    fn at(&mut self, step: f64) -> Option<Point> {
        if self.run.over() {
            return None;
        }
        let t = step as f32;
        let Buffers { x, gradient, best_x, best_gradient } = &mut *self.buffers;
        match self.bounds {
            None => combine(self.origin, self.direction, x, |x, d| x + t * d),
            Some([low, high]) => {
                combine(self.origin, self.direction, x, |x, d| (x + t * d).clamp(low, high));
            }
        }
        let reported = self.run.evaluate(x, gradient);
        let slope = match self.bounds {
            None => dot(gradient, self.direction),
            Some([low, high]) => crate::vector::sum3(x, self.direction, gradient, |x, d, g| {
                let clipped = (x <= low && d < 0.0) || (x >= high && d > 0.0);
                if clipped { 0.0 } else { f64::from(d) * f64::from(g) }
            }),
        };
        let loss = if reported.is_finite() && slope.is_finite() { reported } else { f64::INFINITY };
        let point = Point { step, loss, slope };
        if point.decreases(&self.start) && self.best.is_none_or(|best| loss < best.loss) {
            self.best = Some(point);
            std::mem::swap(x, best_x);
            std::mem::swap(gradient, best_gradient);
        }
        let result = if self.best.is_some() { &*best_x } else { self.origin };
        self.run.report(reported, result, Some(self.memory));
        Some(point)
    }
}
