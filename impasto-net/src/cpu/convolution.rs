//! A convolution prepared for one direction and size: which algorithm runs it, with its weights arranged for that.

mod upsampled;

use super::{
    bias::bias_vjp,
    depthwise,
    direct::{
        self,
        paired::Paired,
        ring::{self, Ring},
    },
    finish::Finish,
    isa::Isa,
    winograd,
};
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
    /// On the way there, what is faster where it serves.
    paired: Option<Box<Paired>>,
}

enum Path {
    /// On the way back, with the positions that padding other than zeros added.
    Winograd(winograd::Geometry, winograd::filter::Filter, Option<Box<Ring>>),
    Direct(direct::Filter),
    Depthwise(depthwise::Filter),
    /// For a map that is already enlarged.
    Upsampled(Box<Filter>),
}

/// Whether Winograd's algorithm applies to the forward operation.
fn minimal(conv: Convolution, input: Shape, output: Shape) -> bool {
    conv.kernel == 3 && conv.stride == 1 && winograd::supports(input.channels, output.channels)
}

/// Whether Winograd's algorithm applies to a convolution of an enlarged map.
fn enlarges(at: &ConvolutionAt<'_>) -> bool {
    let Convolution { before, after, .. } = at.convolution;
    minimal(at.convolution, at.input, at.output) && (before, after) == (1, 1)
}

/// Size of a map after 2×2 pooling.
fn pooled(shape: Shape) -> Shape {
    Shape { height: shape.height / 2, width: shape.width / 2, ..shape }
}

impl Filter {
    /// Arranges weights for [`Filter::convolve`]; `precise` as in [`Cpu`](super::Cpu).
    pub fn forward(at: ConvolutionAt<'_>, precise: bool) -> Filter {
        let inputs = at.input.channels;
        let path = if at.depthwise {
            Path::Depthwise(depthwise::Filter::forward(&at))
        } else if at.upsampled && enlarges(&at) {
            // One position beyond an enlarged map, reflection shows the border value again: replication, on the small one.
            let padding = match at.convolution.padding {
                Padding::Reflect => Padding::Replicate,
                padding => padding,
            };
            let ConvolutionAt { input, output, .. } = at;
            let algorithm = winograd::Algorithm::Enlarged;
            let geometry = winograd::Geometry { algorithm, input, output, before: 1, padding };
            Path::Winograd(geometry, winograd::filter::Filter::forward(at), None)
        } else if at.upsampled {
            Path::Upsampled(Box::new(Filter::forward(upsampled::plain(at), precise)))
        } else if minimal(at.convolution, at.input, at.output) {
            let ConvolutionAt { convolution: Convolution { before, padding, .. }, input, output, .. } = at;
            let algorithm = winograd::algorithm(inputs, output, precise);
            let geometry = winograd::Geometry { algorithm, input, output, before, padding };
            Path::Winograd(geometry, winograd::filter::Filter::forward(at), None)
        } else {
            Path::Direct(direct::Filter::forward(&at))
        };
        let (shapes, bias) = ((at.input, at.output), at.bias.to_vec());
        let paired = Paired::new(&at).map(Box::new);
        Filter { convolution: at.convolution, shapes, bias, path, paired }
    }

    /// Arranges weights for [`Filter::convolve_vjp`]; `precise` as in [`Cpu`](super::Cpu).
    pub fn backward(at: ConvolutionAt<'_>, precise: bool) -> Filter {
        let outputs = at.output.channels;
        let conv = at.convolution;
        // The adjoint of a zero border is again a zero border; others fold values back besides.
        let path = if at.depthwise {
            Path::Depthwise(depthwise::Filter::backward(&at))
        } else if at.upsampled && enlarges(&at) {
            let (algorithm, input, output) = (winograd::Algorithm::EnlargedVjp, at.output, at.input);
            let geometry = winograd::Geometry { algorithm, input, output, before: 1, padding: Padding::Zero };
            let ring = Ring::new(&upsampled::plain(at)).map(|ring| Box::new(ring.of_small()));
            Path::Winograd(geometry, winograd::filter::Filter::backward(at), ring)
        } else if at.upsampled {
            Path::Upsampled(Box::new(Filter::backward(upsampled::plain(at), precise)))
        } else if minimal(at.convolution, at.input, at.output) && conv.before.max(conv.after) <= 2 {
            let (input, output) = (at.output, at.input);
            let before = conv.kernel - 1 - conv.before;
            let algorithm = winograd::algorithm(outputs, output, precise);
            let geometry = winograd::Geometry { algorithm, input, output, before, padding: Padding::Zero };
            let ring = Ring::new(&at).map(Box::new);
            Path::Winograd(geometry, winograd::filter::Filter::backward(at), ring)
        } else {
            Path::Direct(direct::Filter::backward(&at))
        };
        Filter { convolution: conv, shapes: (at.input, at.output), bias: Vec::new(), path, paired: None }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * self.bias.len()
            + self.paired.as_ref().map_or(0, |paired| paired.bytes())
            + match &self.path {
                Path::Winograd(_, filter, ring) => {
                    filter.bytes() + ring.as_ref().map_or(0, |ring| ring.bytes())
                }
                Path::Direct(filter) => filter.bytes(),
                Path::Depthwise(filter) => filter.bytes(),
                Path::Upsampled(inner) => inner.bytes(),
            }
    }

    /// Values of temporary memory that the operations want in `workspace`.
    pub fn workspace_len(&self) -> usize {
        match &self.path {
            Path::Winograd(geometry, filter, ring) => {
                let ring = ring.as_ref().map_or(0, |ring| ring.workspace_len());
                winograd::workspace_len(geometry, filter).max(ring)
            }
            Path::Direct(filter) => filter.workspace_len(),
            Path::Depthwise(_) => 0,
            Path::Upsampled(inner) => upsampled::workspace_len(inner),
        }
    }

    /// Values of it that [`Filter::parameters_vjp`] wants.
    pub fn parameters_workspace_len(&self) -> usize {
        match &self.path {
            Path::Winograd(geometry, ..) => winograd::weights::workspace_len(geometry),
            Path::Direct(_) => direct::weights::workspace_len(&self.convolution, self.shapes),
            Path::Depthwise(_) => depthwise::taps::workspace_len(&self.convolution, self.shapes.1),
            Path::Upsampled(inner) => upsampled::parameters_workspace_len(inner),
        }
    }

    /// y = x ∗ weight + bias.
    pub fn convolve(&self, isa: Isa, x: &[f32], y: &mut [f32], after: Activation<'_>, workspace: &mut [f32]) {
        if let Some(paired) = self.paired.as_ref().filter(|_| Paired::serves(&after)) {
            return paired.convolve(isa, x, y, after);
        }
        let finish = |y, after| Finish::forward(self.shapes.1, y, &self.bias, after);
        match &self.path {
            Path::Direct(filter) => filter.convolve(isa, x, finish(y, after)),
            Path::Depthwise(filter) => filter.run(isa, x, finish(y, after)),
            Path::Winograd(geometry, filter, _) => {
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
        match &self.path {
            Path::Direct(filter) => filter.convolve_vjp(isa, dy, dx, after, workspace),
            Path::Depthwise(filter) => filter.run(isa, dy, Finish::backward(self.shapes.0, dx, after)),
            Path::Winograd(geometry, filter, ring) => {
                assert_eq!(dy.len(), geometry.input.len());
                let source = winograd::Source::Map(dy.as_ptr());
                let finish = ring::begin(ring.as_deref(), isa, self.shapes.0, (dy, dx), after, workspace);
                winograd::convolve(isa, *geometry, filter, source, finish, workspace);
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
        let Path::Winograd(geometry, filter, _) = &self.path else { unreachable!("`pools` was not asked") };
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
        let Path::Winograd(geometry, filter, _) = &self.path else { unreachable!("`pools` was not asked") };
        let shape = pooled(geometry.input);
        assert_eq!((dy.len(), switches.len()), (shape.len(), 2 * shape.mask_len()));
        let source = winograd::Source::Pooled { values: dy.as_ptr(), switches: switches.as_ptr(), shape };
        let finish = Finish::backward(self.shapes.0, dx, after);
        winograd::convolve(isa, *geometry, filter, source, finish, workspace);
    }

    /// Adds to `dweight` (laid out as the weight) and `dbias` the derivatives by the parameters of a
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
        if let Path::Depthwise(_) = &self.path {
            let (dweight, dbias) = gradient;
            bias_vjp(dy, dbias);
            let (conv, maps) = (&self.convolution, (x, dy));
            return depthwise::taps::taps_vjp(isa, conv, self.shapes, maps, dweight, workspace);
        }
        if let Path::Winograd(geometry, ..) = &self.path {
            let (dweight, dbias) = gradient;
            bias_vjp(dy, dbias);
            return winograd::weights::parameters_vjp(isa, geometry, x, dy, dweight, workspace);
        }
        direct::weights::parameters_vjp(isa, self.convolution, self.shapes, (x, dy), gradient, workspace);
    }
}
