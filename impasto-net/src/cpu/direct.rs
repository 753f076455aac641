//! Convolution of any kernel, stride and border by the definition, without gathering patches.
//!
//! Everything is a correlation: the way back is one with turned filters ([`correlation`]). Its rows are sums of products
//! whose left factors lie in the map itself ([`dense`]); where few planes would leave most of a vector empty, the taps of
//! a kernel row ([`turned`]), all taps ([`whole`]) or a neighbouring output ([`paired`]) take its place. What a padding other than zeros adds to the way back is the ring around the
//! map folded back onto it ([`ring`]). Derivatives by the parameters: [`weights`].

mod axis;
mod bank;
mod correlation;
mod dense;
mod form;
pub mod paired;
pub mod ring;
mod table;
mod turned;
mod upright;
pub mod weights;
mod whole;

use super::{finish::Finish, isa::Isa};
use crate::device::{ConvolutionAt, Cotangent};
use correlation::Correlation;
use ring::Ring;

/// Outputs up to which taps share a vector.
const FEW: usize = 4;

/// A filter bank for one direction and size.
pub struct Filter {
    correlation: Correlation,
    /// On the way back, the positions that padding added.
    ring: Option<Box<Ring>>,
}

impl Filter {
    /// Arranges weights for [`Filter::convolve`].
    pub fn forward(at: &ConvolutionAt<'_>) -> Self {
        Filter { correlation: Correlation::forward(at), ring: None }
    }

    /// Arranges weights for [`Filter::convolve_vjp`].
    pub fn backward(at: &ConvolutionAt<'_>) -> Self {
        let (before, input) = (at.convolution.before, at.input);
        let map = (before..before + input.height, before..before + input.width);
        Filter { correlation: Correlation::adjoint(at, &[map]), ring: Ring::new(at).map(Box::new) }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.correlation.bytes() + self.ring.as_ref().map_or(0, |ring| ring.bytes())
    }

    /// Values of temporary memory that the operations want.
    pub fn workspace_len(&self) -> usize {
        self.ring.as_ref().map_or(0, |ring| ring.workspace_len())
    }

    /// Convolves `x` into the map behind `finish`.
    pub fn convolve(&self, isa: Isa, x: &[f32], finish: Finish) {
        self.correlation.run(isa, 0, x, finish);
    }

    /// Pulls `dy` back to `dx`.
    pub fn convolve_vjp(
        &self,
        isa: Isa,
        dy: &[f32],
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    ) {
        let shape = self.correlation.output(0);
        let finish = ring::begin(self.ring.as_deref(), isa, shape, (dy, dx), after, workspace);
        self.correlation.run(isa, 0, dy, finish);
    }
}
