//! `impasto completions`: what a shell needs to complete command lines.

use crate::arguments::CommandLine;
use crate::report::{self, Outcome};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Write a shell's completion script to standard output
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Shell to write it for
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  impasto completions bash > ~/.local/share/bash-completion/completions/impasto
  impasto completions fish > ~/.config/fish/completions/impasto.fish";

/// Writes the script.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "impasto", &mut script);
    report::result(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
