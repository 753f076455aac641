//! Convolution of a map enlarged ×2, the plain way: the enlarged map and its cotangent stand in the workspace.

use super::Filter;
use crate::{
    cpu::{finish::Finish, isa::Isa, upsample},
    device::{Activation, ConvolutionAt, Cotangent, Shape},
};

/// The same convolution of a map that is already enlarged.
pub fn plain(at: ConvolutionAt<'_>) -> ConvolutionAt<'_> {
    ConvolutionAt { input: upsample::enlarged(at.input), upsampled: false, ..at }
}

/// Values of temporary memory that the operations want; `inner` is made for the enlarged map.
pub fn workspace_len(inner: &Filter) -> usize {
    inner.shapes.0.len() + inner.workspace_len()
}

/// Values of it that the derivatives by the parameters want.
pub fn parameters_workspace_len(inner: &Filter) -> usize {
    inner.shapes.0.len() + inner.parameters_workspace_len()
}

/// y = enlarged x ∗ weight + bias; `small` is the size of x.
pub fn convolve(
    isa: Isa,
    inner: &Filter,
    small: Shape,
    x: &[f32],
    y: &mut [f32],
    after: Activation<'_>,
    workspace: &mut [f32],
) {
    let (large, workspace) = workspace.split_at_mut(inner.shapes.0.len());
    upsample::upsample(small.map(x), large);
    inner.convolve(isa, large, y, after, workspace);
}

/// dx = vector-Jacobian product with dy.
pub fn convolve_vjp(
    isa: Isa,
    inner: &Filter,
    small: Shape,
    dy: &[f32],
    dx: &mut [f32],
    after: Cotangent<'_>,
    workspace: &mut [f32],
) {
    let (large, workspace) = workspace.split_at_mut(inner.shapes.0.len());
    inner.convolve_vjp(isa, dy, large, Cotangent { accumulate: false, relu: None }, workspace);
    upsample::upsample_vjp(isa, large, small, Finish::backward(small, dx, after));
}

/// Adds the derivatives by weight and bias to `gradient`.
pub fn parameters_vjp(
    isa: Isa,
    inner: &Filter,
    small: Shape,
    x: &[f32],
    dy: &[f32],
    gradient: (&mut [f32], &mut [f32]),
    workspace: &mut [f32],
) {
    let (large, workspace) = workspace.split_at_mut(inner.shapes.0.len());
    upsample::upsample(small.map(x), large);
    inner.parameters_vjp(isa, large, dy, gradient, workspace);
}
