//! `impasto see`: what a network sees, one file a method.

mod ascent;
mod class;
mod project;
mod rule;
mod saliency;
mod shown;
mod units;
mod written;

use crate::report::Outcome;
use clap::{Args, Subcommand};

/// Show what a network sees in a picture
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    method: Method,
}

#[derive(Debug, Subcommand)]
enum Method {
    Saliency(saliency::Arguments),
    Guided(project::Arguments),
    Deconv(project::Arguments),
    Class(class::Arguments),
}

/// Does what the method's name says.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.method {
        Method::Saliency(arguments) => saliency::run(arguments),
        Method::Guided(arguments) => project::run(arguments, impasto_net::ReluRule::Guided),
        Method::Deconv(arguments) => project::run(arguments, impasto_net::ReluRule::Deconv),
        Method::Class(arguments) => class::run(arguments),
    }
}
