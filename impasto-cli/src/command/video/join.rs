//! `impasto video join`: the parts that several machines have painted, as one clip.

use super::order::{Order, stamp};
use super::parts::Parts;
use super::sink::Sink;
use crate::failure::Failure;
use crate::report::{self, Outcome};
use clap::Args;
use impasto_video::Source;
use std::path::PathBuf;

/// Join the parts that `video --shard` has made
///
/// All shares must be done; what is missing is told. The parts are removed afterwards.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The output that the shares were painted for
    #[arg(value_name = "OUTPUT")]
    output: PathBuf,

    /// Keep the parts
    #[arg(long)]
    keep: bool,
}

const EXAMPLES: &str = "\
Examples:
  for i in 0 1 2 3; do impasto video clip.mp4 --style cafe-terrace -o painted.mp4 --shard $i/4; done
  impasto video join painted.mp4";

/// Joins them.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let output = &arguments.output;
    let parts = Parts::of(output);
    let Some(order) = Order::open(parts.folder())? else {
        let failure = Failure::usage(format_args!("there are no parts of {}", output.display()));
        return Err(failure
            .hint(format_args!("{} should hold them; paint them with --shard", parts.folder().display()))
            .into());
    };
    let wanted = order.parts();
    let missing: Vec<_> = wanted.iter().filter(|part| !parts.is_done(part)).collect();
    if let (Some(first), frames) = (missing.first(), missing.iter().map(|part| part.len()).sum::<usize>()) {
        let message = format_args!(
            "{frames} of {} frames are not painted yet, the first of them number {}",
            order.frames.len(),
            first.start,
        );
        return Err(Failure::job(message).hint("repeat the shares that failed").into());
    }
    if stamp(&order.input)? != order.stamp {
        let message = format_args!("{} has changed since its parts were painted", order.input.display());
        return Err(Failure::job(message).hint("begin anew with --force").into());
    }
    let source = Source::of_clip(&order.input, order.clip.clone())?;
    let sink = Sink::of(output, &source)?;
    let pieces: Vec<_> = wanted.iter().map(|part| sink.piece(part)).collect();
    sink.join(output, &order, &parts, &pieces, source.with_sound())?;
    if !arguments.keep {
        parts.remove()?;
    }
    report::note(format_args!("{} frames joined in {}", order.frames.len(), output.display()));
    Ok(Outcome::Done)
}
