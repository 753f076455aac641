//! Long vectors where a device keeps them, and what optimisers do with them.

use std::{any::Any, borrow::Cow};

/// A vector of a [`Space`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vector(pub usize);

/// What is done value by value, from vectors a, b and c.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Each {
    /// a times a factor.
    Scaled(f32),
    /// a + factor · b, within bounds.
    Sum {
        /// The factor.
        factor: f32,
        /// Smallest and largest value.
        bounds: Option<[f32; 2]>,
    },
    /// a − b.
    Difference,
    /// a where b is not 0, and 0 elsewhere.
    Where,
    /// a, but 0 where the variable b rests on a bound past which its derivative c, or a itself, pushes it.
    Free([f32; 2]),
    /// a within bounds.
    Within([f32; 2]),
}

/// What is added up over all values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sum {
    /// Products of two vectors' values.
    Products(Vector, Vector),
    /// Products of two differences, each of a first vector less a second.
    Differences([Vector; 2], [Vector; 2]),
    /// Products of a difference and a vector.
    Change {
        /// The first less the second.
        of: [Vector; 2],
        /// The vector.
        by: Vector,
    },
    /// Squares of a difference, where another is not 0.
    Changed {
        /// What is squared.
        of: [Vector; 2],
        /// What must not be 0.
        along: [Vector; 2],
    },
    /// Squares of a derivative's values where the variable does not rest on a bound past which the descent would lead.
    Free {
        /// The variable.
        x: Vector,
        /// The derivative.
        gradient: Vector,
        /// Smallest and largest value of the variable.
        bounds: [f32; 2],
    },
    /// Absolute values.
    Absolute(Vector),
    /// Products of a direction's and a derivative's values where the variable does not rest on a bound past which the
    /// direction leads: the slope along a ray that bounds bend.
    Slope {
        /// The variable.
        x: Vector,
        /// The direction.
        direction: Vector,
        /// The derivative.
        gradient: Vector,
        /// Smallest and largest value of the variable.
        bounds: [f32; 2],
    },
}

/// A step taken, and the change of the gradient along it.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The step.
    pub s: Vector,
    /// The change.
    pub y: Vector,
    /// 1 / (y · s).
    pub rho: f64,
}

/// A step of Adam: see [`Space::adam`].
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Decays of the mean gradient and of the mean square.
    pub betas: [f32; 2],
    /// Length of the step, corrected for the mean gradient's beginning at 0.
    pub step: f32,
    /// Factor that corrects the mean square.
    pub correct_square: f32,
    /// Bounds of the variable.
    pub bounds: [f32; 2],
    /// Decay of the sum of iterates.
    pub decay: f32,
    /// Factor that makes it their mean.
    pub correct_average: f32,
}

/// Vectors of one length. Sums are made in an order that depends on the length only.
///
/// Spaces of devices can get lost; from then on vectors have any values.
pub trait Space {
    /// Values of every vector.
    fn len(&self) -> usize;
    /// Whether vectors have no values.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// A new vector, of zeros.
    fn vector(&mut self) -> Vector;
    /// A vector's values.
    fn read(&self, from: Vector) -> Cow<'_, [f32]>;
    /// A vector's values, to be brought back by [`Space::put`] before anything else is done with it.
    fn take(&mut self, from: Vector) -> Vec<f32>;
    /// Gives a vector these values.
    fn put(&mut self, to: Vector, values: Vec<f32>);
    /// Gives a vector another's values.
    fn copy(&mut self, from: Vector, to: Vector) {
        self.each(Each::Scaled(1.0), &[from], to);
    }
    /// `to` = what is made of the vectors `from`, of which the first may be `to` itself.
    fn each(&mut self, what: Each, from: &[Vector], to: Vector);
    /// Sums.
    fn sums(&mut self, sums: &[Sum]) -> Vec<f64>;
    /// Announces sums that are wanted once the next evaluation has been made, so that they can be told with its values.
    fn expect(&mut self, sums: &[Sum]);
    /// The sums that were expected, after the evaluation.
    fn expected(&mut self) -> Vec<f64>;
    /// Replaces `v` by its product with the inverse Hessian that `pairs`, the oldest first, and the `scale` of its beginning
    /// imply (two-loop recursion, Nocedal 1980).
    fn multiply(&mut self, pairs: &[Pair], scale: f64, v: Vector) {
        let mut alphas = vec![0.0; pairs.len()];
        let sum = |factor: f64| Each::Sum { factor: factor as f32, bounds: None };
        for (pair, alpha) in pairs.iter().zip(&mut alphas).rev() {
            *alpha = pair.rho * self.sums(&[Sum::Products(pair.s, v)])[0];
            self.each(sum(-*alpha), &[v, pair.y], v);
        }
        self.each(Each::Scaled(scale as f32), &[v], v);
        for (pair, alpha) in pairs.iter().zip(&alphas) {
            let beta = pair.rho * self.sums(&[Sum::Products(pair.y, v)])[0];
            self.each(sum(alpha - beta), &[v, pair.s], v);
        }
    }
    /// A step of Adam from `gradient`: the variable, the mean gradient, the mean square, the decaying sum of iterates and
    /// their mean, which is the result, are changed.
    fn adam(&mut self, step: &AdamStep, vectors: [Vector; 5], gradient: Vector);
    /// Has everything done that was asked for, so that [`Space::read`] finds it.
    fn settle(&mut self) {}
    /// Whether vectors are not in this machine's memory.
    fn is_elsewhere(&self) -> bool {
        true
    }
    /// Whether the device is gone.
    fn is_lost(&self) -> bool {
        false
    }
    /// Takes note that the device is gone.
    fn lose(&mut self) {}
    /// For executors, which know their own.
    fn as_any(&mut self) -> &mut dyn Any;
}
