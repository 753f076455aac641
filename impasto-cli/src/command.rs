//! The verbs, one file each.

mod apply;
mod bench;
mod classify;
mod completions;
mod devices;
mod export;
mod features;
mod invert;
mod loss;
mod models;
mod paint;
mod prepare;
mod recipes;
mod replay;
mod see;
mod sheet;
mod studio;
mod texture;
mod train;
mod upscale;
mod video;
mod worker;
mod worth;

use crate::arguments::CommandLine;
use crate::device::{self, DeviceChoice};
use crate::failure::Failure;
use crate::interrupt;
use crate::report::{self, Outcome, Telling};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::ffi::OsString;

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Paint(Box<paint::Arguments>),
    Apply(Box<apply::Arguments>),
    Upscale(Box<upscale::Arguments>),
    Export(export::Arguments),
    Worth(worth::Arguments),
    Prepare(prepare::Arguments),
    Texture(texture::Arguments),
    Train(Box<train::Arguments>),
    Invert(invert::Arguments),
    Replay(replay::Arguments),
    Loss(loss::Arguments),
    See(see::Arguments),
    Sheet(sheet::Arguments),
    Studio(Box<studio::Arguments>),
    Video(Box<video::Arguments>),
    Worker(worker::Arguments),
    Features(features::Arguments),
    Classify(classify::Arguments),
    Models(models::Arguments),
    Devices(devices::Arguments),
    Recipes(recipes::Arguments),
    Bench(bench::Arguments),
    Completions(completions::Arguments),
}

/// Reads the command line and does what it says.
pub fn run() -> anyhow::Result<Outcome> {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        // Help and version are such errors, too.
        Err(error) => {
            report::set_telling(telling(std::env::args_os()));
            report::misunderstood(&error);
            std::process::exit(error.exit_code());
        }
    };
    report::set_telling(line.general.progress);
    report::set_quiet(line.general.quiet);
    interrupt::install()?;
    if let Some(threads) = line.general.threads {
        set_threads(threads.into())?;
    }
    device::choose(line.general.device)?;
    let outcome = done(line.command, line.general.device)?;
    device::settle()?;
    Ok(outcome)
}

/// Does what a verb says; what it starts is to run on `device`, too.
fn done(command: Command, device: DeviceChoice) -> anyhow::Result<Outcome> {
    match command {
        Command::Paint(arguments) => paint::run(&arguments),
        Command::Apply(arguments) => apply::run(&arguments),
        Command::Upscale(arguments) => upscale::run(&arguments),
        Command::Worth(arguments) => worth::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Prepare(arguments) => prepare::run(&arguments),
        Command::Texture(arguments) => texture::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Invert(arguments) => invert::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Loss(arguments) => loss::run(&arguments),
        Command::See(arguments) => see::run(&arguments),
        Command::Sheet(arguments) => sheet::run(&arguments),
        Command::Studio(arguments) => studio::run(&arguments, device),
        Command::Video(arguments) => video::run(&arguments),
        Command::Worker(arguments) => worker::run(&arguments, device),
        Command::Features(arguments) => features::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Devices(arguments) => devices::run(&arguments),
        Command::Recipes(arguments) => recipes::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

/// How a command line that cannot be understood seems to want to be told so.
fn telling(words: impl Iterator<Item = OsString>) -> Telling {
    let words: Vec<OsString> = words.take_while(|word| word != "--").collect();
    let apart = words.windows(2).any(|pair| pair[0] == "--progress" && pair[1] == "json");
    if apart || words.iter().any(|word| word == "--progress=json") { Telling::Json } else { Telling::Auto }
}

fn set_threads(threads: usize) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .context(Failure::job(format_args!("cannot work with {threads} threads")))
}
