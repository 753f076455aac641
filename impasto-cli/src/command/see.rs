//! `impasto see`: what a network sees, one file a method.

mod ascent;
mod asked;
mod atlas;
mod check;
mod class;
mod dream;
mod project;
mod rule;
mod saliency;
mod shown;
mod top;
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
    #[command(about = "Project units back to the pixels, keeping what is positive both ways")]
    Guided(project::Arguments),
    #[command(about = "Project units back to the pixels as Zeiler and Fergus' deconvnet does")]
    Deconv(project::Arguments),
    Atlas(atlas::Arguments),
    Top(top::Arguments),
    Check(check::Arguments),
    Dream(dream::Arguments),
    Class(class::Arguments),
}

/// Does what the method's name says.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.method {
        Method::Saliency(arguments) => saliency::run(arguments),
        Method::Guided(arguments) => project::run(arguments, impasto_net::ReluRule::Guided),
        Method::Top(arguments) => top::run(arguments),
        Method::Check(arguments) => check::run(arguments),
        Method::Atlas(arguments) => atlas::run(arguments),
        Method::Deconv(arguments) => project::run(arguments, impasto_net::ReluRule::Deconv),
        Method::Dream(arguments) => dream::run(arguments),
        Method::Class(arguments) => class::run(arguments),
    }
}
