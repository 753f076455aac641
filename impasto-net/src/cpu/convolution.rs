//! A convolution prepared for one direction and size: which algorithm runs it, with its weights arranged for that.

mod upsampled;

use super::{direct, finish::Finish, isa::Isa, winograd};
use crate::{
    device::{Activation, ConvolutionAt, Cotangent, PoolNotes, Shape},
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
    /// For a map that is already enlarged.
    Upsampled(Box<Filter>),
}

/// Whether Winograd's algorithm applies to the forward operation.
fn minimal(conv: Convolution, input: Shape, output: Shape) -> bool {
    conv.kernel == 3 && conv.stride == 1 && winograd::supports(input.channels, output.channels)
}

/// Size of a map after 2×2 pooling.
fn pooled(shape: Shape) -> Shape {
    Shape { height: shape.height / 2, width: shape.width / 2, ..shape }
}

impl Filter {
    /// Arranges weights for [`Filter::convolve`].
    pub fn forward(at: ConvolutionAt<'_>) -> Filter {
        let path = if at.upsampled {
            Path::Upsampled(Box::new(Filter::forward(upsampled::plain(at))))
        } else if minimal(at.convolution, at.input, at.output) {
            let ConvolutionAt { convolution: Convolution { before, padding, .. }, input, output, .. } = at;
            let algorithm = winograd::algorithm(input.channels, output);
            let geometry = winograd::Geometry { algorithm, input, output, before, padding };
            Path::Winograd(geometry, winograd::filter::Filter::forward(at))
        } else {
            Path::Direct(direct::Filter::forward(&at))
        };
        Filter { convolution: at.convolution, shapes: (at.input, at.output), bias: at.bias.to_vec(), path }
    }

    /// Arranges weights for [`Filter::convolve_vjp`].
    pub fn backward(at: ConvolutionAt<'_>) -> Filter {
        let conv = at.convolution;
        // The adjoint of a zero border is again a zero border; others fold values back and take the direct path.
        let path = if at.upsampled {
            Path::Upsampled(Box::new(Filter::backward(upsampled::plain(at))))
        } else if minimal(at.convolution, at.input, at.output)
            && conv.padding == Padding::Zero
            && conv.before.max(conv.after) <= 2
        {
            let (input, output) = (at.output, at.input);
            let before = conv.kernel - 1 - conv.before;
            let algorithm = winograd::algorithm(input.channels, output);
            let geometry = winograd::Geometry { algorithm, input, output, before, padding: Padding::Zero };
            Path::Winograd(geometry, winograd::filter::Filter::backward(at))
        } else {
            Path::Direct(direct::Filter::backward(&at))
        };
        Filter { convolution: conv, shapes: (at.input, at.output), bias: Vec::new(), path }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * self.bias.len()
            + match &self.path {
                Path::Winograd(_, filter) => filter.bytes(),
                Path::Direct(filter) => filter.bytes(),
                Path::Upsampled(inner) => inner.bytes(),
            }
    }

    /// Values of temporary memory that the operations want in `workspace`.
    pub fn workspace_len(&self) -> usize {
        match &self.path {
            Path::Winograd(geometry, filter) => winograd::workspace_len(geometry, filter),
            Path::Direct(filter) => filter.workspace_len(),
            Path::Upsampled(inner) => upsampled::workspace_len(inner),
        }
    }

    /// y = x ∗ weight + bias.
    pub fn convolve(&self, isa: Isa, x: &[f32], y: &mut [f32], after: Activation<'_>, workspace: &mut [f32]) {
        let finish = |y, after| Finish::forward(self.shapes.1, y, &self.bias, after);
        match &self.path {
            Path::Direct(filter) => filter.convolve(isa, x, finish(y, after)),
            Path::Winograd(geometry, filter) => {
                assert_eq!(x.len(), geometry.input.len());
                let source = winograd::Source::Map(x.as_ptr());
                winograd::convolve(isa, *geometry, filter, source, finish(y, after), workspace);
            }
            Path::Upsampled(inner) => {
                upsampled::convolve(isa, inner, self.shapes.0, x, y, after, workspace);
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
        let finish = |dx, after| Finish::backward(self.shapes.0, dx, after);
        match &self.path {
            Path::Direct(filter) => filter.convolve_vjp(isa, dy, dx, after, workspace),
            Path::Winograd(geometry, filter) => {
                assert_eq!(dy.len(), geometry.input.len());
                let source = winograd::Source::Map(dy.as_ptr());
                winograd::convolve(isa, *geometry, filter, source, finish(dx, after), workspace);
            }
            Path::Upsampled(inner) => {
                upsampled::convolve_vjp(isa, inner, self.shapes.0, dy, dx, after, workspace);
            }
        }
    }

    /// Whether [`Filter::convolve_pooled`] and its way back serve a convolution between maps of these sizes.
    pub fn pools(convolution: Convolution, input: Shape, output: Shape) -> bool {
        minimal(convolution, input, output)
            && (convolution.padding, convolution.before.max(convolution.after) <= 2) == (Padding::Zero, true)
    }

    /// y = the maxima of 2×2 windows of max(x ∗ weight + bias, 0).
    pub fn convolve_pooled(
        &self,
        isa: Isa,
        x: &[f32],
        y: &mut [f32],
        notes: Option<PoolNotes<'_>>,
        workspace: &mut [f32],
    ) {
        let Path::Winograd(geometry, filter) = &self.path else { unreachable!("`pools` was not asked") };
        assert_eq!(x.len(), geometry.input.len());
        let finish = Finish::pooling(pooled(self.shapes.1), y, &self.bias, notes);
        winograd::convolve(isa, *geometry, filter, winograd::Source::Map(x.as_ptr()), finish, workspace);
    }

    /// dx = vector-Jacobian product of a convolution whose result was pooled.
    pub fn convolve_pooled_vjp(
        &self,
        isa: Isa,
        (dy, switches): (&[f32], &[u8]),
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    ) {
        let Path::Winograd(geometry, filter) = &self.path else { unreachable!("`pools` was not asked") };
        let shape = pooled(geometry.input);
        assert_eq!((dy.len(), switches.len()), (shape.len(), 2 * shape.mask_len()));
        let source = winograd::Source::Pooled { values: dy.as_ptr(), switches: switches.as_ptr(), shape };
        let finish = Finish::backward(self.shapes.0, dx, after);
        winograd::convolve(isa, *geometry, filter, source, finish, workspace);
    }

    /// Adds to `dweight` (`[outputs, inputs, kernel, kernel]`) and `dbias` the derivatives by the parameters of a
    /// filter made by [`Filter::forward`], given its input `x` and its output's cotangent `dy`.
    pub fn parameters_vjp(
        &self,
        isa: Isa,
        x: &[f32],
        dy: &[f32],
        gradient: (&mut [f32], &mut [f32]),
        workspace: &mut [f32],
    ) {
        if let Path::Upsampled(inner) = &self.path {
            return upsampled::parameters_vjp(isa, inner, self.shapes.0, x, dy, gradient, workspace);
        }
        direct::weights::parameters_vjp(isa, self.convolution, self.shapes, x, dy, gradient);
    }
}
