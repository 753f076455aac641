//! The variable of an ascent and the picture it stands for.

use super::fourier::Fourier;
use super::{Settings, Space, blur, clip};
use impasto_net::network::InputConvention;

/// The scale on which the papers count pixels.
const WHITE: f32 = 255.0;

/// Pictures of one size as what is optimised.
pub enum Canvas {
    /// Pixels on the scale 0 to 255 less the mean.
    Pixels {
        /// Values that the variable has.
        len: usize,
        /// Columns.
        width: usize,
        /// The network's mean picture, RGB in [0, 1].
        mean: [f32; 3],
    },
    /// Amplitudes of frequencies.
    Fourier(Box<Fourier>),
}

impl Canvas {
    /// Pictures of `size` (height, width) for a network that wants its pictures as `input` says.
    pub fn new(space: Space, (height, width): (usize, usize), input: &InputConvention) -> Canvas {
        let mut mean = input.mean.map(|m| m / input.scale);
        if input.bgr {
            mean.reverse();
        }
        match space {
            Space::Pixels => Canvas::Pixels { len: 3 * height * width, width, mean },
            Space::Fourier { power } => {
                // Unnormalised networks have mean 0, which no sigmoid reaches.
                let mean = mean.map(|m| if m > 0.0 && m < 1.0 { m } else { 0.5 });
                Canvas::Fourier(Box::new(Fourier::new(height, width, power, mean)))
            }
        }
    }

    /// Values that the variable has.
    pub fn len(&self) -> usize {
        match self {
            Canvas::Pixels { len, .. } => *len,
            Canvas::Fourier(fourier) => fourier.len(),
        }
    }

    /// The picture: interleaved RGB, about in [0, 1].
    pub fn render(&mut self, variable: &[f32]) -> Vec<f32> {
        match self {
            Canvas::Pixels { mean, .. } => {
                variable.iter().enumerate().map(|(i, v)| mean[i % 3] + v / WHITE).collect()
            }
            Canvas::Fourier(fourier) => fourier.render(variable).to_vec(),
        }
    }

    /// From d value / d RGB at the picture last rendered to d value / d variable.
    pub fn back(&self, gradient: &[f32]) -> Vec<f32> {
        match self {
            Canvas::Pixels { .. } => gradient.iter().map(|g| g / WHITE).collect(),
            Canvas::Fourier(fourier) => fourier.back(gradient),
        }
    }

    /// Sets small pixels to zero as `settings` say; `gradient` is d value / d variable. Frequencies stay as they are.
    pub fn clip(&self, variable: &mut [f32], gradient: &[f32], settings: &Settings) {
        let Canvas::Pixels { .. } = self else { return };
        if settings.norm_percentile > 0.0 {
            clip::clip(variable, &clip::norms(variable), settings.norm_percentile);
        }
        if settings.contribution_percentile > 0.0 {
            clip::clip(variable, &clip::contributions(variable, gradient), settings.contribution_percentile);
        }
    }

    /// Blurs with a Gaussian of deviation `sigma` pixels.
    pub fn blur(&self, variable: &mut [f32], sigma: f32) {
        match self {
            Canvas::Pixels { width, .. } => blur::blur(variable, *width, sigma),
            Canvas::Fourier(fourier) => fourier.blur(variable, sigma),
        }
    }
}
