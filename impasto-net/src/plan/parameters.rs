//! What the steps of a plan hold of the model: parameters arranged for the device.

use super::{Purpose, schedule::Schedule};
use crate::{
    NetError,
    device::{ConvolutionAt, Device},
    model::Model,
    network::Op,
};

/// Parameters of one step.
pub enum Parameters<F> {
    /// It has none.
    None,
    /// A convolution's weights arranged for the way there and, where wanted, back.
    Convolution {
        /// For the way there.
        there: F,
        /// For the way back.
        back: Option<F>,
    },
    /// An instance norm's, one value a plane.
    Norm {
        /// Factors.
        scale: Vec<f32>,
        /// What is added then.
        shift: Vec<f32>,
        /// What the device notes of the map last normed, three values a plane.
        statistics: Vec<f32>,
    },
}

impl<F> Parameters<F> {
    /// The filters it holds.
    pub fn filters(&self) -> impl Iterator<Item = &F> {
        let (there, back) = match self {
            Parameters::Convolution { there, back } => (Some(there), back.as_ref()),
            Parameters::None | Parameters::Norm { .. } => (None, None),
        };
        there.into_iter().chain(back)
    }
}

/// Arranges the parameters of `model` for all steps of `schedule`.
pub fn arrange<D: Device>(
    device: &D,
    model: &Model,
    schedule: &Schedule,
    purpose: Purpose,
) -> Result<Vec<Parameters<D::Filter>>, NetError> {
    let of_step = |step: &super::schedule::Step| {
        let (input, output) = (schedule.shape(step.inputs[0]), schedule.shape(step.output));
        Ok(match step.op {
            Op::Convolution(convolution) => {
                let (weight, bias) = model.parameters(step.layer)?;
                let (weight, bias, upsampled) = (&weight[..], &bias[..], step.upsampled);
                let at = ConvolutionAt { convolution, input, upsampled, output, weight, bias };
                let back = purpose.goes_back().then(|| device.filter_vjp(at));
                Parameters::Convolution { there: device.filter(at), back }
            }
            Op::InstanceNorm { .. } => {
                let (scale, shift) = model.parameters(step.layer)?;
                let statistics = vec![0.0; 3 * input.channels];
                Parameters::Norm { scale: scale.into_owned(), shift: shift.into_owned(), statistics }
            }
            _ => Parameters::None,
        })
    };
    schedule.steps.iter().map(of_step).collect()
}
