//! L-BFGS with a line search, inside a box.

use super::{
    Ended, Memory, Optimiser, Outcome, Problem, Run,
    history::History,
    line_search::{Point, search},
    memory::{Layout, Recollection},
};
use impasto_net::engine::{
    Space, Vector,
    space::{Each, Sum},
};

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
    fn resume_in(
        &mut self,
        space: &mut dyn Space,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome {
        let n = x.len();
        let memory = memory.filter(|memory| self.fits(memory, n));
        let mut run = Run::new(space, problem, budget, memory);
        let mut origin = run.vector(x);
        if let Some(bounds) = self.bounds {
            run.space.each(Each::Within(bounds), &[origin], origin);
        }
        if run.over() {
            return run.end(origin, x, Ended::Budget);
        }
        let mut history = History::new(self.history, n, self.memory);
        let mut gradient = run.space.vector();
        let direction = run.space.vector();
        let mut trial = Trial::new(run.space);
        // Root mean square length of a step along the gradient while nothing is known: one grey level of 255.
        let mut stride = 1.0;
        // Of the gradient's part that no bound holds back.
        let mut square;
        let mut loss;
        if let Some(memory) = memory {
            let (numbers, vectors) = (&memory.numbers, &memory.vectors);
            (loss, stride) = (numbers[0], numbers[1]);
            run.space.put(origin, vectors[0].clone());
            run.space.put(gradient, vectors[1].clone());
            history.restore(&mut run, &numbers[2..], &vectors[2..]);
            square = run.space.sums(&[self.free(origin, gradient)])[0];
        } else {
            let sums = [self.free(origin, gradient), Sum::Products(gradient, gradient)];
            let told;
            (loss, [square, told]) = run.evaluate(origin, gradient, sums);
            let finite = loss.is_finite() && told.is_finite();
            let numbers: Vec<f64> = [loss, stride].into_iter().chain(history.numbers()).collect();
            let vectors = [origin, gradient];
            let memory = finite.then(|| Recollection::new(NAME, &run, &numbers, &vectors));
            run.report(loss, origin, memory);
            if !finite {
                return run.end(origin, x, Ended::NotFinite);
            }
        }
        let mut spares = Vec::new();
        while !run.over() {
            if square == 0.0 {
                return run.end(origin, x, Ended::Converged);
            }
            run.space.each(Each::Scaled(-1.0), &[gradient], direction);
            self.stay_inside(run.space, [origin, gradient], direction);
            let fresh = history.is_empty();
            if !fresh {
                history.multiply(run.space, direction);
                self.stay_inside(run.space, [origin, gradient], direction);
            }
            let first = if fresh { stride * (n as f64 / square).sqrt() } else { 1.0 };
            // A search that is cut short is made again from here: what it has found so far is not enough to go on exactly.
            let numbers: Vec<f64> = [loss, stride].into_iter().chain(history.numbers()).collect();
            let vectors: Vec<Vector> = [origin, gradient].into_iter().chain(history.vectors()).collect();
            let memory = Recollection::new(NAME, &run, &numbers, &vectors);
            let mut ray = Ray {
                run: &mut run,
                memory,
                method: self,
                origin,
                gradient,
                direction,
                start: Point { step: 0.0, loss, slope: f64::NAN },
                best: None,
                trial: &mut trial,
            };
            if let Some(first) = ray.at(first)
                && ray.start.slope < 0.0
            {
                search(ray.start, first, TRIALS - 1, &mut |step| ray.at(step));
            }
            let Some(best) = ray.best else {
                if fresh {
                    return run.end(origin, x, Ended::Converged);
                }
                spares.extend(history.clear());
                continue;
            };
            let Best { point, yy, ys, ss, free } = best;
            (loss, square) = (point.loss, free);
            let (s, y) = spares.pop().unwrap_or_else(|| (run.space.vector(), run.space.vector()));
            run.space.each(Each::Difference, &[trial.best_x, origin], s);
            run.space.each(Each::Difference, &[trial.best_gradient, gradient], y);
            if self.bounds.is_some() {
                run.space.each(Each::Where, &[y, s], y);
            }
            stride = (ss / n as f64).sqrt().max(1e-3);
            spares.extend(if ys > 1e-8 * (yy * ss).sqrt() {
                history.push(s, y, ys, yy)
            } else {
                Some((s, y))
            });
            std::mem::swap(&mut origin, &mut trial.best_x);
            std::mem::swap(&mut gradient, &mut trial.best_gradient);
        }
        run.end(origin, x, Ended::Budget)
    }

    fn vectors(&self, length: usize) -> usize {
        7 + 2 * (1 + History::capacity(self.history, length, self.memory))
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        let pairs = History::capacity(self.history, length, self.memory);
        Layout { optimiser: NAME, numbers: 2, vectors: 2, pairs }.fits(memory, length)
    }
}

impl Lbfgs {
    /// Zeroes `direction` where a variable rests on a bound and its gradient, or the direction, pushes it outwards.
    fn stay_inside(&self, space: &mut dyn Space, [x, gradient]: [Vector; 2], direction: Vector) {
        if let Some(bounds) = self.bounds {
            space.each(Each::Free(bounds), &[direction, x, gradient], direction);
        }
    }

    /// Square of the gradient where no bound holds a variable back.
    fn free(&self, x: Vector, gradient: Vector) -> Sum {
        match self.bounds {
            None => Sum::Products(gradient, gradient),
            Some(bounds) => Sum::Free { x, gradient, bounds },
        }
    }
}

/// Working vectors of a line search, kept between searches.
struct Trial {
    x: Vector,
    gradient: Vector,
    best_x: Vector,
    best_gradient: Vector,
}

impl Trial {
    fn new(space: &mut dyn Space) -> Self {
        let [x, gradient, best_x, best_gradient] = [(); 4].map(|()| space.vector());
        Trial { x, gradient, best_x, best_gradient }
    }
}

/// The function along a direction, with the lowest acceptable point met so far.
///
/// All sums that follow an evaluation, the direction's own slope among them, are told with its value: where a device
/// computes, one reading an evaluation is all.
struct Ray<'a, 'p> {
    run: &'a mut Run<'p>,
    memory: Recollection<'a>,
    method: &'a Lbfgs,
    origin: Vector,
    gradient: Vector,
    direction: Vector,
    /// Its slope is known from the first evaluation on.
    start: Point,
    best: Option<Best>,
    trial: &'a mut Trial,
}

/// A point of a ray, with the products of the step s to it and the change y of the gradient.
#[derive(Clone, Copy)]
struct Best {
    point: Point,
    yy: f64,
    ys: f64,
    ss: f64,
    /// Of its gradient's part that no bound holds back, the square.
    free: f64,
}

impl Ray<'_, '_> {
    /// Evaluates a step, unless the run is over.
    fn at(&mut self, step: f64) -> Option<Point> {
        if self.run.over() {
            return None;
        }
        let (direction, bounds) = (self.direction, self.method.bounds);
        let Trial { x, gradient, best_x, best_gradient } = &mut *self.trial;
        let sum = Each::Sum { factor: step as f32, bounds };
        self.run.space.each(sum, &[self.origin, direction], *x);
        let (s, y) = ([*x, self.origin], [*gradient, self.gradient]);
        let (slope, yy) = match bounds {
            None => (Sum::Products(*gradient, direction), Sum::Differences(y, y)),
            Some(bounds) => (
                Sum::Slope { x: *x, direction, gradient: *gradient, bounds },
                Sum::Changed { of: y, along: s },
            ),
        };
        let sums = [
            Sum::Products(direction, self.gradient),
            slope,
            yy,
            Sum::Differences(y, s),
            Sum::Differences(s, s),
            self.method.free(*x, *gradient),
        ];
        let (reported, [start, slope, yy, ys, ss, free]) = self.run.evaluate(*x, *gradient, sums);
        self.start.slope = start;
        let loss = if reported.is_finite() && slope.is_finite() { reported } else { f64::INFINITY };
        let point = Point { step, loss, slope };
        if start < 0.0 && point.decreases(&self.start) && self.best.is_none_or(|best| loss < best.point.loss)
        {
            self.best = Some(Best { point, yy, ys, ss, free });
            std::mem::swap(x, best_x);
            std::mem::swap(gradient, best_gradient);
        }
        let result = if self.best.is_some() { *best_x } else { self.origin };
        self.run.report(reported, result, Some(self.memory));
        Some(point)
    }
}
