//! A safeguarded line search for the strong Wolfe conditions.

/// Sufficient decrease: fraction of the decrease that the initial slope promises.
const DECREASE: f64 = 1e-4;
/// Curvature: fraction of the initial slope that may remain.
const CURVATURE: f64 = 0.9;
/// Largest factor by which a step grows from one trial to the next.
const GROWTH: f64 = 10.0;

/// Value and slope of the function at a step along the ray.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Step length.
    pub(super) step: f64,
    /// Function value; infinite where the function is not finite.
    pub(super) loss: f64,
    /// Derivative along the ray.
    pub(super) slope: f64,
}

impl Point {
    /// Whether the step lowers the function enough, measured from `start`.
    pub(super) fn decreases(&self, start: &Point) -> bool {
        self.loss.is_finite()
            && self.slope.is_finite()
            && self.loss < start.loss
            && self.loss <= start.loss + DECREASE * self.step * start.slope
    }

    fn is_flat(&self, start: &Point) -> bool {
        self.slope.abs() <= CURVATURE * start.slope.abs()
    }
}

/// Looks along a ray from `start` (step 0, negative slope) for a point that meets the strong Wolfe conditions, where `first`
/// was tried, in at most `trials` further steps (Nocedal & Wright, Numerical Optimization, algorithms 3.5 and 3.6, with
/// cubic interpolation).
///
/// `at` evaluates a step and returns `None` if no more evaluations are allowed. The caller keeps the lowest point that
/// [`Point::decreases`]; the search only decides where to look.
pub(super) fn search(
    start: Point,
    first: Point,
    trials: usize,
    at: &mut dyn FnMut(f64) -> Option<Point>,
) -> Option<()> {
    let (mut previous, mut point) = (start, first);
    for trial in 0..=trials {
        if !point.decreases(&start) || (trial > 0 && point.loss >= previous.loss) {
            return zoom(start, previous, point, trials - trial, at);
        }
        if point.is_flat(&start) || trial == trials {
            break;
        }
        if point.slope >= 0.0 {
            return zoom(start, point, previous, trials - trial, at);
        }
        let step = minimum_of_cubic(&previous, &point).unwrap_or(f64::INFINITY);
        previous = point;
        point = at(step.clamp(1.2 * point.step, GROWTH * point.step))?;
    }
    Some(())
}

/// Shrinks the interval between `low`, the lowest point that decreases enough, and `high`.
fn zoom(
    start: Point,
    mut low: Point,
    mut high: Point,
    trials: usize,
    at: &mut dyn FnMut(f64) -> Option<Point>,
) -> Option<()> {
    for _ in 0..trials {
        let width = high.step - low.step;
        let step = if high.loss.is_finite() {
            let guess = minimum_of_cubic(&low, &high).unwrap_or(low.step + 0.5 * width);
            let (a, b) = (low.step + 0.1 * width, high.step - 0.1 * width);
            guess.clamp(a.min(b), a.max(b))
        } else {
            low.step + 0.1 * width
        };
        if step == low.step || step == high.step {
            break;
        }
        let point = at(step)?;
        if !point.decreases(&start) || point.loss >= low.loss {
            high = point;
        } else {
            if point.is_flat(&start) {
                break;
            }
            if point.slope * width >= 0.0 {
                high = low;
            }
            low = point;
        }
    }
    Some(())
}

/// The minimiser of the cubic through two points with their slopes, if it has one.
fn minimum_of_cubic(a: &Point, b: &Point) -> Option<f64> {
    let width = b.step - a.step;
    let d = a.slope + b.slope - 3.0 * (b.loss - a.loss) / width;
    let root = d * d - a.slope * b.slope;
    if root.is_nan() || root < 0.0 {
        return None;
    }
    let root = root.sqrt().copysign(width);
    let step = b.step - width * (b.slope + root - d) / (b.slope - a.slope + 2.0 * root);
    step.is_finite().then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(f: impl Fn(f64) -> (f64, f64), first: f64) -> (Point, usize) {
        let (loss, slope) = f(0.0);
        let start = Point { step: 0.0, loss, slope };
        let (mut best, mut calls) = (start, 0);
        let mut at = |step| {
            calls += 1;
            let (loss, slope) = f(step);
            let point = Point { step, loss: if loss.is_nan() { f64::INFINITY } else { loss }, slope };
            if point.decreases(&start) && point.loss < best.loss {
                best = point;
            }
            Some(point)
        };
        let first = at(first).unwrap();
        search(start, first, 20, &mut at);
        (best, calls)
    }

    #[test]
    fn finds_the_minimum_of_a_parabola_from_far_too_long_and_far_too_short_steps() {
        for first in [1e-6, 1e-2, 1.0, 1e3] {
            let (best, calls) = look(|t| ((t - 2.0) * (t - 2.0), 2.0 * (t - 2.0)), first);
            assert!(best.slope.abs() <= 0.9 * 4.0 && best.loss < 4.0, "{first}: {best:?}");
            assert!(calls <= 8, "{first}: {calls} calls");
        }
    }

    #[test]
    fn backs_out_of_where_the_function_is_undefined() {
        let (best, _) = look(|t| (-(1.0 - t).ln() - 3.0 * t, 1.0 / (1.0 - t) - 3.0), 50.0);
        assert!(best.step > 0.0 && best.step < 1.0 && best.loss < 0.0, "{best:?}");
    }

    #[test]
    fn stops_when_no_evaluation_is_left() {
        let start = Point { step: 0.0, loss: 1.0, slope: -1.0 };
        let first = Point { step: 1.0, loss: 2.0, slope: 1.0 };
        assert_eq!(search(start, first, 20, &mut |_| None), None);
    }
}
