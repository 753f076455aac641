//! `impasto video`: pictures through time, one file a task.

mod fast;
mod flow;
mod join;
mod method;
mod order;
mod paint;
mod parts;
mod preview;
mod render;
mod score;
mod shard;
mod sink;
mod slow;
mod times;

use crate::report::Outcome;
use clap::{Args, Subcommand};

/// Paint a clip so that its frames hold together, or look at its motion
///
/// Where the optical flow tells where a pixel was in the frame before, the painting follows the one before, so that strokes
/// move with things instead of flickering; where something comes into view it does not, and a cut begins anew. Sound,
/// subtitles, timing, pixel aspect and colour tags stay as they are.
///
/// Clips are read and written by the program ffmpeg; folders of pictures, GIF and Y4M need none.
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
  impasto video clip.mp4 --style cafe-terrace -o painted.mp4
  impasto video clip.mp4 --style painting.jpg -o look.mp4 --preview 3
  impasto video film.mkv --style painting.jpg -o painted.mkv --from 1:20 --to 1:45 --stability 0.5
  impasto video frames/ --style cafe-terrace -o painted/
  impasto video score clip.mp4 painted.mp4
  impasto video flow frames/0001.png frames/0002.png -o motion.png";

#[derive(Debug, Subcommand)]
enum Task {
    Flow(flow::Arguments),
    Join(join::Arguments),
    Score(score::Arguments),
}

/// Does what the task's name says.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.task {
        Some(Task::Flow(arguments)) => flow::run(arguments),
        Some(Task::Score(arguments)) => score::run(arguments),
        Some(Task::Join(arguments)) => join::run(arguments),
        None => paint::run(&arguments.paint),
    }
}
