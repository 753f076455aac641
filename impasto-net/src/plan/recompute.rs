//! Maps that are computed again on the way back instead of being kept.
//!
//! Half of what a way back through VGG keeps is the map of the first convolution, which is one part in two hundred of
//! the work. It is computed again when its cotangent starts, a band of rows at a time, each from the rows of the
//! picture under it.

use super::{
    Keeping, Purpose,
    schedule::{Schedule, Step},
};
use crate::{
    NetError,
    device::{ConvolutionAt, Device, Shape},
    model::Model,
    network::{Convolution, Op, Padding},
};
use std::ops::Range;

/// Rows of a band.
const BAND: usize = 32;

/// A map that is computed again, band by band.
pub struct Recomputed<F> {
    /// The value whose map it is.
    pub value: usize,
    /// Its bands from the first row to the last.
    pub bands: Vec<Band<F>>,
}

/// Some rows of a map.
pub struct Band<F> {
    /// Rows of the map.
    pub rows: Range<usize>,
    /// Rows of the picture that the convolution is applied to, and the size of what it gives, which begins at the same
    /// row; rows beyond the band's own see a border that is none and are not used.
    pub crop: Range<usize>,
    /// Size of that.
    pub shape: Shape,
    /// The convolution for it.
    pub filter: F,
}

/// Whether the map of `step` can be computed again by bands of the picture.
pub fn recomputable(schedule: &Schedule, step: &Step) -> bool {
    let Op::Convolution(conv) = step.op else { return false };
    let Convolution { kernel, stride, before, after, padding, .. } = conv;
    // Wrapped around, a crop would show its own other end.
    step.inputs == [0] && !step.pool && !step.upsampled && schedule.values[step.output].tapped
        && (stride, before + after + 1) == (1, kernel)
        && padding != Padding::Circular
        // Reflection must find its rows inside the first and the last crop.
        && schedule.shape(0).height > kernel
}

/// The values of `schedule` that are not kept.
pub fn values(schedule: &Schedule, purpose: Purpose, keeping: Keeping) -> Vec<usize> {
    let wanted = keeping == Keeping::Recompute && purpose == Purpose::Gradient;
    let steps = schedule.steps.iter().filter(|step| wanted && recomputable(schedule, step));
    steps.map(|step| step.output).collect()
}

/// Prepares the bands of `values`.
pub fn arrange<D: Device>(
    device: &D,
    model: &Model,
    schedule: &Schedule,
    values: &[usize],
) -> Result<Vec<Recomputed<D::Filter>>, NetError> {
    let of_value = |&value: &usize| {
        let mut bands = Vec::new();
        for step in schedule.steps.iter().filter(|step| step.output == value) {
            let Op::Convolution(convolution) = step.op else { continue };
            let stored = model.parameters(step.layer)?;
            let (weight, bias) = (&stored.weight[..], &stored.bias[..]);
            let (input, output) = (schedule.shape(0), step.computed);
            for start in (0..output.height).step_by(BAND) {
                let rows = start..output.height.min(start + BAND);
                // A row more than the kernel reaches: reflected, it lies inside.
                let reach = convolution.kernel;
                let crop = rows.start.saturating_sub(reach)..input.height.min(rows.end + reach);
                let input = Shape { height: crop.len(), ..input };
                let shape = Shape { height: crop.len(), ..output };
                let at = ConvolutionAt {
                    convolution,
                    depthwise: false,
                    input,
                    upsampled: false,
                    output: shape,
                    weight,
                    codebook: None,
                    bias,
                };
                bands.push(Band { rows, crop, shape, filter: device.filter(at) });
            }
        }
        Ok(Recomputed { value, bands })
    };
    values.iter().map(of_value).collect()
}
