//! Pausing a painting and going on with it.

use crate::failure::Failure;
use crate::keeper::Keeping;
use crate::output::{Destination, check_file, is_same_file};
use clap::Args;
use std::path::{Path, PathBuf};

/// Flags that say where a painting pauses, and from where it goes on.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pausing")]
pub struct PausingArguments {
    /// Stop after evaluation N and save picture and state; of several, at the first that is still ahead
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = super::count)]
    pub pause_at: Vec<usize>,

    /// Go on from a state: what is not given is as it was, and what is given may differ
    ///
    /// Weights, layers, planes, iterations, size, styles and the photograph may all be given anew; a list that is given
    /// replaces the one before, and --mute none or --solo none empties it. --iterations counts from the very beginning. The
    /// pictures are looked for where they were and beside the state; ones that have changed are refused.
    #[arg(long, value_name = "STATE", conflicts_with_all = ["init", "seed"])]
    pub resume: Option<PathBuf>,

    /// File for the state [default: OUTPUT with .state, when it pauses or Ctrl-C stops it]
    ///
    /// If given, it is also renewed with every picture of --save-every and written at the end. A state is about as large as
    /// the picture uncompressed, 12 bytes a pixel (60 with Adam), and is replaced only by a complete one.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Also save a state beside every picture of --save-every, as OUTPUT-0050.state and so on
    #[arg(long, requires = "save_every")]
    pub states: bool,

    /// Keep all of the optimiser's memory in states, to go on exactly as if it had never stopped
    ///
    /// A state is then about 40 times as large, 200 times with lbfgs-torch. Without it these two start afresh on what is
    /// painted: they find much the same picture, not the same bytes. Adam always goes on exactly, and so does any painting
    /// that was stopped at the end of a scale.
    #[arg(long)]
    pub exact_state: bool,
}

impl PausingArguments {
    /// The evaluation to stop after, where `made` are made of `all`.
    pub fn stop_after(&self, made: usize, all: usize) -> anyhow::Result<Option<usize>> {
        if let Some(beyond) = self.pause_at.iter().find(|&&at| at > all) {
            return Err(Failure::usage(format_args!(
                "--pause-at {beyond} lies beyond all {all} evaluations"
            ))
            .hint("pause earlier, or allow more --iterations")
            .into());
        }
        let next = self.pause_at.iter().copied().filter(|&at| at > made).min();
        if let (None, Some(last)) = (next, self.pause_at.iter().max()) {
            return Err(Failure::usage(format_args!(
                "--pause-at {last} is over: {made} evaluations are made"
            ))
            .hint("pause later, or leave the flag out to paint to the end")
            .into());
        }
        Ok(next)
    }

    /// Which states to keep; files that are asked for are checked, as far as they can be before the work.
    pub fn keeping(
        &self,
        destination: &Destination,
        force: bool,
        every: Option<usize>,
        inputs: &[&Path],
    ) -> anyhow::Result<Keeping> {
        let output = destination.path();
        let path = self.state.clone().unwrap_or_else(|| output.with_extension("state"));
        if path == output {
            return Err(Failure::usage(format_args!("{} is both the picture and its state", path.display()))
                .hint("choose another name with --state")
                .into());
        }
        // The state that it goes on from may only be renewed by its own name.
        let resumed = self.resume.as_deref();
        let renewed = resumed.is_some_and(|resumed| is_same_file(resumed, &path));
        if self.state.is_some() {
            check_file(&path, force, inputs)?;
        } else if !self.pause_at.is_empty() {
            check_file(&path, force, &[inputs, resumed.as_slice()].concat())?;
        }
        if let Some(every) = every.filter(|_| self.states) {
            let first = destination.numbered(every).path().with_extension("state");
            check_file(&first, force, &[inputs, resumed.as_slice()].concat())?;
        }
        Ok(Keeping {
            path,
            asked_for: self.state.is_some(),
            each: self.states,
            exact: self.exact_state,
            force: force && (self.state.is_some() || !renewed),
        })
    }
}
