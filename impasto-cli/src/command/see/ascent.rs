//! How a picture is made that raises a unit's value, as it is typed.

use crate::arguments::{count, factor, positive};
use clap::{Args, ValueEnum};
use impasto::see::class_image::{Preset, Settings, Space};

/// Flags that choose settings of an ascent.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Method")]
pub struct AscentArguments {
    /// Whose method
    #[arg(long, value_name = "PRESET", default_value = "lucid")]
    preset: PresetName,

    /// Steps [default: the preset's]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    iterations: Option<usize>,

    /// Step size [default: the preset's]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true)]
    rate: Option<f64>,

    /// λ of the penalty λ · |I|² [default: the preset's]
    #[arg(long, value_name = "LAMBDA", value_parser = factor, allow_negative_numbers = true)]
    penalty: Option<f64>,

    /// Part that is taken off after every step [default: the preset's]
    #[arg(long, value_name = "PART", value_parser = factor, allow_negative_numbers = true)]
    decay: Option<f64>,

    /// Weight of the squared differences of neighbouring pixels [default: the preset's]
    #[arg(long, value_name = "WEIGHT", value_parser = factor, allow_negative_numbers = true)]
    variation: Option<f64>,

    /// Deviation of the Gaussian blur in pixels [default: the preset's]
    #[arg(long, value_name = "SIGMA", value_parser = factor, allow_negative_numbers = true)]
    blur: Option<f64>,

    /// Steps from one blur to the next; 0 for no blur [default: the preset's, 4 with --blur]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    blur_every: Option<usize>,

    /// Percentile (0 to 100) of the pixels' norms below which they become zero after every step; not with lucid
    #[arg(long, value_name = "PERCENT", value_parser = percentile, allow_negative_numbers = true)]
    norm_percentile: Option<f64>,

    /// The same of the pixels' contributions to the value, |Σ pixel · derivative|; not with lucid
    #[arg(long, value_name = "PERCENT", value_parser = percentile, allow_negative_numbers = true)]
    contribution_percentile: Option<f64>,

    /// Largest random shift before every look, in pixels [default: the preset's]
    #[arg(long, value_name = "PIXELS", value_parser = factor, allow_negative_numbers = true)]
    jitter: Option<f64>,

    /// Largest random part by which the picture is enlarged or reduced before every look [default: the preset's]
    #[arg(long, value_name = "PART", value_parser = factor, allow_negative_numbers = true)]
    zoom: Option<f64>,

    /// Largest random rotation before every look, in degrees [default: the preset's]
    #[arg(long, value_name = "DEGREES", value_parser = factor, allow_negative_numbers = true)]
    rotation: Option<f64>,

    /// Fall of the spectrum: amplitudes count by frequency to minus this; lucid only [default: the preset's]
    #[arg(long, value_name = "POWER", value_parser = factor, allow_negative_numbers = true)]
    power: Option<f64>,

    /// Seed of noise and movements
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

/// A percentile from 0 to 100.
fn percentile(text: &str) -> Result<f64, String> {
    match factor(text)? {
        value if value <= 100.0 => Ok(value),
        _ => Err("it must be at most 100".into()),
    }
}

/// A preset as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PresetName {
    /// Plain ascent with a penalty on the sum of squares (Simonyan et al. 2013)
    Simonyan2014,
    /// Decay and blur (Yosinski et al. 2015); the paper's other three ways are among the examples
    Yosinski2015,
    /// Frequencies in decorrelated colours, random movements (Olah et al. 2017)
    Lucid,
}

impl AscentArguments {
    /// The preset's settings with what was typed in their place.
    pub fn settings(&self) -> Settings {
        let preset = match self.preset {
            PresetName::Simonyan2014 => Preset::Simonyan2014,
            PresetName::Yosinski2015 => Preset::Yosinski2015,
            PresetName::Lucid => Preset::Lucid,
        };
        let mut settings = preset.settings();
        let replace = |place: &mut f64, typed: Option<f64>| *place = typed.unwrap_or(*place);
        replace(&mut settings.rate, self.rate);
        replace(&mut settings.penalty, self.penalty);
        replace(&mut settings.decay, self.decay);
        replace(&mut settings.variation, self.variation);
        replace(&mut settings.norm_percentile, self.norm_percentile);
        replace(&mut settings.contribution_percentile, self.contribution_percentile);
        replace(&mut settings.transforms.jitter, self.jitter);
        replace(&mut settings.transforms.scale, self.zoom);
        replace(&mut settings.transforms.rotation, self.rotation);
        if let Space::Fourier { power } = &mut settings.space {
            replace(power, self.power);
        }
        settings.iterations = self.iterations.unwrap_or(settings.iterations);
        if let Some(blur) = self.blur {
            settings.blur = blur as f32;
            if settings.blur_every == 0 {
                settings.blur_every = 4;
            }
        }
        settings.blur_every = self.blur_every.unwrap_or(settings.blur_every);
        settings
    }

    /// The preset's name.
    pub fn name(&self) -> String {
        self.preset.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
