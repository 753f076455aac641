//! `impasto video`: pictures through time, one file a task.

mod flow;
mod paint;

use crate::report::Outcome;
use clap::{Args, Subcommand};

/// Paint the frames of a clip so that they hold together, or look at their motion
///
/// Every frame is painted in one pass, as by `apply`. Where the optical flow tells where a pixel was in the frame before,
/// the painting follows the one before, so that strokes move with things instead of flickering; where something comes into
/// view it does not, and a cut begins anew.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    paint: paint::Arguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto video frames/ --style cafe-terrace -o painted/
  impasto video frames/ --style painting.jpg -o painted/ --stability 0.5
  impasto video flow frames/0001.png frames/0002.png -o motion.png";

#[derive(Debug, Subcommand)]
enum Task {
    Flow(flow::Arguments),
}

/// Does what the task's name says.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.task {
        Some(Task::Flow(arguments)) => flow::run(arguments),
        None => paint::run(&arguments.paint),
    }
}
