//! The command `impasto`: arguments, progress, errors and exit codes around the library of the same name.
//!
//! - [`arguments`]: what can be typed; [`command`] holds one file per verb and what each of them does
//! - [`job`]: a painting as typed arguments resolve to it, or as a picture's record tells it ([`record`])
//! - [`found`]: files that a record names, wherever they are now; [`state`]: paintings that wait to go on
//! - [`input`], [`styles`], [`output`], [`tensors`]: files read and written; [`memory`]: whether there is room for the work
//! - [`device`]: what networks run on
//! - [`watch`], [`keeper`], [`progress`], [`interrupt`]: what happens while a picture is painted
//! - [`report`]: the only place that writes to the terminal; [`failure`]: hints and exit codes of errors

mod arguments;
mod command;
mod device;
mod failure;
mod folder;
mod found;
mod handling;
mod input;
mod interrupt;
mod job;
mod keeper;
mod memory;
mod output;
mod page;
mod progress;
mod record;
mod report;
mod state;
mod styles;
mod tensors;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    report::exit(command::run())
}
