//! `impasto export`: a generator in ONNX's format.

use super::apply::brush::Brush;
use crate::failure::Failure;
use crate::output::{check_file, write_result};
use crate::report::Outcome;
use clap::Args;
use impasto_net::onnx::exported;
use std::path::{Path, PathBuf};

/// Write a generator for other programs, in ONNX's format
///
/// The graph takes and gives pictures as float32 [1, 3, height, width] with RGB from 0 to 1, of any size whose sides are
/// multiples of the network's (4 for most).
#[derive(Debug, Args)]
pub struct Arguments {
    /// A built-in style's name, brick and enlarge among them, or a generator's FILE or FILE:NAME
    #[arg(value_name = "STYLE")]
    style: String,

    /// Where to write it, a .onnx file
    #[arg(short, long, value_name = "FILE.onnx")]
    output: PathBuf,

    /// Replace the output if it exists
    #[arg(long)]
    force: bool,
}

/// Exports.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let brush = match Brush::of_built_in(&arguments.style)? {
        Some(brush) => brush,
        None => Brush::of_style(&arguments.style, None)?,
    };
    let inputs: Vec<&Path> = brush.files().collect();
    check_file(&arguments.output, arguments.force, &inputs)?;
    let Some(model) = brush.model()? else {
        let failure = Failure::usage(format_args!("{} is no generator", arguments.style));
        return Err(failure.hint("name a built-in style or a generator's file").into());
    };
    let bytes = exported(&model, model.network().last())?;
    write_result(&arguments.output, arguments.force, &bytes)?;
    Ok(Outcome::Done)
}
