//! What can be typed: flags that several verbs share, each group apart from what it resolves to.

mod color;
mod network;
mod output;
mod pausing;
mod photo;
mod recipe;
mod size;
mod styles;

pub use color::{ColorArguments, palette};
pub use network::{ModelsArguments, NetworkArguments, describe, is_squeezenet, shown_at};
pub use output::OutputArguments;
pub use pausing::PausingArguments;
pub use photo::PhotoArguments;
pub use recipe::{
    Choice, ContentArguments, LayerList, RecipeArguments, ScheduleArguments, StyleArguments, overrides,
    resolve,
};
pub use size::{PictureSize, StyleSizeArguments, long_side};
pub use styles::StylesArguments;

use crate::command::Command;
use crate::device::DeviceChoice;
use crate::report::Telling;
use clap::{Args, Parser};

/// Long side in pixels that verbs work at unless told otherwise.
pub const SIZE: usize = 512;

/// Paints photographs in the manner of paintings, and shows what a convolutional network sees.
///
/// Everything happens on this machine: the networks are part of the program, and nothing is downloaded. Results go to
/// standard output, progress and messages to standard error. Existing files are replaced only with --force, and a file
/// takes its name only when it is complete.
#[derive(Debug, Parser)]
#[command(name = "impasto", version, arg_required_else_help = true, after_help = EXAMPLE, after_long_help = CODES)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every verb.
    #[command(flatten)]
    pub general: GeneralArguments,
}

const EXAMPLE: &str = "\
Example:
  impasto paint photo.jpg --style painting.jpg -o painted.png";

const CODES: &str = "\
Example:
  impasto paint photo.jpg --style painting.jpg -o painted.png

Exit codes:
  0    done
  1    the job failed; the message says why and what to do
  2    the command line is wrong
  130  interrupted by Ctrl-C; a picture being painted was saved as far as it was";

/// Flags of every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "General")]
pub struct GeneralArguments {
    /// Write only warnings and errors to standard error, no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// What standard error is: text for people, or JSON lines for programs
    #[arg(
        long,
        global = true,
        value_name = "auto|json",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub progress: Telling,

    /// What networks run on: `cpu`; `gpu`, or `gpu:N` for number N of `impasto devices`; or `auto`, a graphics processor where
    /// one is expected to be faster and has room
    #[arg(
        long,
        global = true,
        value_name = "auto|cpu|gpu[:N]",
        env = "IMPASTO_DEVICE",
        default_value = "auto"
    )]
    pub device: DeviceChoice,

    /// Threads to work with; results do not depend on it [default: one a processor]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// A share above 0 and at most 1.
pub fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1.0 => Ok(value),
        Ok(_) => Err("it must be above 0 and at most 1".into()),
        Err(_) => Err("it is not a number".into()),
    }
}

/// A factor from 0 up.
pub fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Ok(_) => Err("it must be a finite number from 0 up".into()),
        Err(_) => Err("it is not a number".into()),
    }
}

/// A number from 0 to 1.
pub fn part(text: &str) -> Result<f64, String> {
    match factor(text)? {
        value if value <= 1.0 => Ok(value),
        _ => Err("it must be at most 1".into()),
    }
}

/// A factor above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    match factor(text)? {
        0.0 => Err("it must be above 0".into()),
        value => Ok(value),
    }
}

/// A number from 1 up.
pub fn count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("it must be at least 1".into()),
        Ok(value) => Ok(value),
        Err(error) => Err(error.to_string()),
    }
}
