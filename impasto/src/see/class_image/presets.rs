//! Named choices of how a class image is made.

use super::Transforms;

/// Whose method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Simonyan, Vedaldi & Zisserman 2013: a penalty on the sum of squares.
    Simonyan2014,
    /// Yosinski et al. 2015: decay and blur; clipping on request.
    Yosinski2015,
    /// Olah, Mordvintsev & Schubert 2017 (lucid): frequencies instead of pixels, random movements.
    Lucid,
}

/// The variable that is optimised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Space {
    /// Pixels on the scale 0 to 255 with the network's mean subtracted.
    Pixels,
    /// Amplitudes of frequencies in decorrelated colours, counted by frequency^-power; pixels are their sigmoid.
    Fourier {
        /// 1 for the spectrum of natural pictures; above, coarser.
        power: f64,
    },
}

/// How the variable is changed along the derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// By the derivative times the rate.
    Gradient,
    /// Adam (Kingma & Ba 2014) with decay rates 0.9 and 0.999.
    Adam,
}

/// How a class image is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What is optimised.
    pub space: Space,
    /// How.
    pub rule: Rule,
    /// Steps.
    pub iterations: usize,
    /// Step size.
    pub rate: f64,
    /// Deviation of the Gaussian noise that the variable starts with.
    pub noise: f32,
    /// λ of the penalty λ · (sum of squares of the variable).
    pub penalty: f64,
    /// Part of the variable that is taken off after every step.
    pub decay: f64,
    /// Weight of the sum of squared differences of neighbouring pixels (RGB in [0, 1]).
    pub variation: f64,
    /// Deviation of the Gaussian blur, pixels.
    pub blur: f32,
    /// Steps from one blur to the next; 0 for none.
    pub blur_every: usize,
    /// Percentile of the pixels' norms below which they become zero after every step; [`Space::Pixels`] only.
    pub norm_percentile: f64,
    /// The same of their contributions, |Σ value · derivative|; [`Space::Pixels`] only.
    pub contribution_percentile: f64,
    /// Random movements before every look.
    pub transforms: Transforms,
}

impl Preset {
    /// The settings under that name.
    pub fn settings(self) -> Settings {
        let pixels = Settings {
            space: Space::Pixels,
            rule: Rule::Gradient,
            iterations: 1000,
            rate: 100.0,
            noise: 0.0,
            penalty: 0.0,
            decay: 0.0,
            variation: 0.0,
            blur: 1.0,
            blur_every: 0,
            norm_percentile: 0.0,
            contribution_percentile: 0.0,
            transforms: Transforms::NONE,
        };
        match self {
            // The paper tells neither λ nor the rate. What counts is their product: where a step takes a fifth of the picture
            // off, only what the network asks for again and again stays, and shapes come out of the noise. Ten times less
            // and there are specks, twice as much and steps overshoot; λ · 10 leaves little, λ / 10 fills the picture.
            Preset::Simonyan2014 => Settings { rate: 1e4, penalty: 1e-5, iterations: 300, ..pixels },
            // The third of four ways in the paper's table 1, which most of its pictures were made in. The others clip small
            // pixels.
            Preset::Yosinski2015 => Settings { decay: 1e-4, blur_every: 4, noise: 10.0, ..pixels },
            // Lucid's colours, sigmoid and rate. Departures, against bright specks and fine noise: a steeper spectrum, a
            // penalty, a slight blur, wider movements in one warp, and the network's mean colour to start from; half
            // the steps do.
            Preset::Lucid => Settings {
                space: Space::Fourier { power: 1.3 },
                rule: Rule::Adam,
                iterations: 256,
                rate: 0.05,
                noise: 0.01,
                penalty: 0.003,
                blur: 0.5,
                blur_every: 4,
                transforms: Transforms { jitter: 16.0, scale: 0.2, rotation: 10.0 },
                ..pixels
            },
        }
    }
}
