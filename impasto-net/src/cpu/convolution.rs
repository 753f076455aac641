//! A convolution prepared for one direction and size: which algorithm runs it, with its weights arranged for that.

use super::{direct, finish::Finish, isa::Isa, winograd};
use crate::{
    device::{Activation, ConvolutionAt, Cotangent, Shape},
    network::{Convolution, Padding},
};

/// A convolution's parameters for one direction and size.
pub struct Filter {
    convolution: Convolution,
    /// Sizes of the forward operation's input and output.
    shapes: (Shape, Shape),
    bias: Vec<f32>,
    path: Path,
}

enum Path {
    Winograd(winograd::Geometry, winograd::filter::Filter),
    Direct(direct::Filter),
}

/// Whether Winograd's algorithm applies to the forward operation.
fn minimal(at: &ConvolutionAt<'_>) -> bool {
    let conv = at.convolution;
    conv.kernel == 3 && conv.stride == 1 && winograd::supports(at.input.channels, at.output.channels)
}

impl Filter {
    /// Arranges weights for [`Filter::convolve`].
    pub fn forward(at: ConvolutionAt<'_>) -> Filter {
        let (outputs, inputs) = (at.output.channels, at.input.channels);
        let path = if minimal(&at) {
            let ConvolutionAt { convolution: Convolution { before, padding, .. }, input, output, .. } = at;
            let geometry = winograd::Geometry { input, output, before, padding };
            Path::Winograd(geometry, winograd::filter::Filter::forward(at.weight, outputs, inputs))
        } else {
            Path::Direct(direct::Filter::forward(&at))
        };
        Filter { convolution: at.convolution, shapes: (at.input, at.output), bias: at.bias.to_vec(), path }
    }

    /// Arranges weights for [`Filter::convolve_vjp`].
    pub fn backward(at: ConvolutionAt<'_>) -> Filter {
        let (outputs, inputs) = (at.output.channels, at.input.channels);
        let conv = at.convolution;
        // The adjoint of a zero border is again a zero border; others fold values back and take the direct path.
        let path = if minimal(&at) && conv.padding == Padding::Zero && conv.before.max(conv.after) <= 2 {
            let (input, output) = (at.output, at.input);
            let before = conv.kernel - 1 - conv.before;
            let geometry = winograd::Geometry { input, output, before, padding: Padding::Zero };
            Path::Winograd(geometry, winograd::filter::Filter::backward(at.weight, outputs, inputs))
        } else {
            Path::Direct(direct::Filter::backward(&at))
        };
        Filter { convolution: conv, shapes: (at.input, at.output), bias: Vec::new(), path }
    }

    /// Values of temporary memory that the operations want in `workspace`.
    pub fn workspace_len(&self) -> usize {
        match &self.path {
            Path::Winograd(geometry, filter) => winograd::workspace_len(geometry, filter),
            Path::Direct(filter) => filter.workspace_len(),
        }
    }

    /// y = x ∗ weight + bias.
    pub fn convolve(&self, isa: Isa, x: &[f32], y: &mut [f32], after: Activation<'_>, workspace: &mut [f32]) {
        let finish = Finish::forward(self.shapes.1, y, &self.bias, after);
        match &self.path {
            Path::Direct(filter) => filter.convolve(isa, x, finish),
            Path::Winograd(geometry, filter) => {
                winograd::convolve(isa, *geometry, filter, x, finish, workspace);
            }
        }
    }

    /// dx = vector-Jacobian product of the convolution with dy.
    pub fn convolve_vjp(
        &self,
        isa: Isa,
        dy: &[f32],
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    ) {
        match &self.path {
            Path::Direct(filter) => filter.convolve_vjp(isa, dy, dx, after, workspace),
            Path::Winograd(geometry, filter) => {
                let finish = Finish::backward(self.shapes.0, dx, after);
                winograd::convolve(isa, *geometry, filter, dy, finish, workspace);
            }
        }
    }

    /// Adds to `dweight` (`[outputs, inputs, kernel, kernel]`) and `dbias` the derivatives by the parameters of a
    /// filter made by [`Filter::forward`], given its input `x` and its output's cotangent `dy`.
    pub fn parameters_vjp(
        &self,
        isa: Isa,
        x: &[f32],
        dy: &[f32],
        gradient: (&mut [f32], &mut [f32]),
        _workspace: &mut [f32],
    ) {
        direct::weights::parameters_vjp(isa, self.convolution, self.shapes, x, dy, gradient);
    }
}
