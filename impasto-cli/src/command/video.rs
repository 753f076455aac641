//! `impasto video`: pictures through time, one file a task.

mod flow;

use crate::report::Outcome;
use clap::{Args, Subcommand};

/// Look at what moves between two frames
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    Flow(flow::Arguments),
}

/// Does what the task's name says.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.task {
        Task::Flow(arguments) => flow::run(arguments),
    }
}
