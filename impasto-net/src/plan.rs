//! A plan: a network at a size, every buffer decided once.

use crate::{Map, NetError, model::Model};
use std::sync::Arc;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Only `forward` will be called: nothing is kept for the way back.
    Forward,
    /// `backward` will be called too.
    Gradient,
}

/// How the backward signal passes a ReLU; `x` is the ReLU's input, `g` the signal arriving from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReluRule {
    /// The true derivative: `g` where `x > 0` (Simonyan et al. 2013).
    Gradient,
    /// `g` where `x > 0` and `g > 0` (Springenberg et al. 2014).
    Guided,
    /// `g` where `g > 0` (Zeiler & Fergus 2013).
    Deconv,
}

/// A network at a size.
pub struct Plan {}

#[allow(unused_variables)]
impl Plan {
    /// Plans `model` for pictures of `height × width` pixels, giving access to the maps named in `taps`.
    pub fn new(model: &Arc<Model>, height: usize, width: usize, taps: &[String], purpose: Purpose) -> Result<Plan, NetError> {
        unimplemented!()
    }
    /// Runs the network on a picture: `height * width * 3` interleaved RGB values, nominally in [0, 1], any finite value allowed.
    pub fn forward(&mut self, rgb: &[f32]) {
        unimplemented!()
    }
    /// The map of tap number `index` (order of `taps` in [`Plan::new`]) after [`Plan::forward`].
    pub fn tap(&self, index: usize) -> Map<'_> {
        unimplemented!()
    }
    /// Vector-Jacobian product: `seed(tap, map, gradient)` is called once for every tap, deepest first, and adds the
    /// cotangent of that map to `gradient` (zero on entry, laid out as the map); `gradient_rgb` receives
    /// d / d picture in the units of [`Plan::forward`]'s input.
    pub fn backward(&mut self, rule: ReluRule, seed: &mut dyn FnMut(usize, Map<'_>, &mut [f32]), gradient_rgb: &mut [f32]) {
        unimplemented!()
    }
}
