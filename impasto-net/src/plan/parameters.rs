//! What the steps of a plan hold of the model: parameters arranged for the device.

use super::{Purpose, schedule::Schedule};
use crate::{
    NetError,
    device::{Codebook, ConvolutionAt, Device},
    model::{self, Model},
    network::Op,
    weights::Codes,
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
        let (input, output) = (schedule.shape(step.inputs[0]), step.computed);
        Ok(match step.op {
            Op::Convolution(convolution) | Op::Depthwise(convolution) => {
                let depthwise = matches!(step.op, Op::Depthwise(_));
                let stored = model.parameters(step.layer)?;
                let codebook = stored.codes.as_deref();
                let codebook = codebook.map(|Codes { indices, table }| Codebook { indices, table });
                let (weight, bias, upsampled) = (&stored.weight[..], &stored.bias[..], step.upsampled);
                let at = ConvolutionAt {
                    convolution,
                    depthwise,
                    input,
                    upsampled,
                    output,
                    weight,
                    codebook,
                    bias,
                };
                let back = purpose.goes_back().then(|| device.filter_vjp(at));
                Parameters::Convolution { there: device.filter(at), back }
            }
            Op::InstanceNorm { .. } => {
                let model::Parameters { weight: scale, bias: shift, .. } = model.parameters(step.layer)?;
                let statistics = vec![0.0; 3 * input.channels];
                Parameters::Norm { scale: scale.into_owned(), shift: shift.into_owned(), statistics }
            }
            _ => Parameters::None,
        })
    };
    schedule.steps.iter().map(of_step).collect()
}
