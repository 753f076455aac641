//! What the file of a result keeps of the photograph's.

use crate::failure::Failure;
use crate::handling::{Handling, ProfileChoice};
use crate::input::{FileRecord, Input, sha256_of};
use crate::output::Destination;
use anyhow::Context;
use clap::Args;
use impasto_image::color::parse_color;
use std::path::PathBuf;

/// Flags of every verb whose result is a version of a photograph.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct PhotoArguments {
    /// Colour profile of the result: srgb, keep (the photograph's own), or an ICC file
    ///
    /// Pictures are painted in sRGB, which every screen understands, and the file says so. With keep or a file the finished
    /// picture is converted into that profile, which is embedded. Colours beyond sRGB are not brought back: painting clips
    /// them.
    #[arg(long, value_name = "srgb|keep|FILE.icc", default_value = "srgb")]
    profile: PathBuf,

    /// Leave out the photograph's EXIF data: camera, dates, place and so on
    ///
    /// The record of how the picture was made stays.
    #[arg(long)]
    no_metadata: bool,

    /// Colour to lay transparent parts on: white, #rrggbb or another CSS colour [default: they stay transparent; white in JPEG]
    #[arg(long, value_name = "COLOUR", value_parser = background)]
    background: Option<[u8; 3]>,
}

impl PhotoArguments {
    /// The destination of a version of `photo`, checked as far as it can be before the work.
    pub fn resolve(&self, destination: Destination, photo: Option<&Input>) -> anyhow::Result<Destination> {
        let profile = match self.profile.to_str() {
            Some("srgb") => ProfileChoice::Srgb,
            Some("keep") => ProfileChoice::Keep,
            _ => {
                let path = self.profile.clone();
                if !path.exists() {
                    let message = format_args!("--profile {}: no such file", path.display());
                    return Err(Failure::usage(message).hint("give srgb, keep, or an ICC file").into());
                }
                let sha256 = sha256_of(&path).with_context(|| format!("cannot read {}", path.display()))?;
                ProfileChoice::File(FileRecord { path, sha256 })
            }
        };
        let handling = Handling { profile, metadata: !self.no_metadata, background: self.background };
        let bits = photo.map_or(8, |photo| photo.bits);
        handling.apply(destination.with_bits_of(bits), photo, None)
    }
}

/// An opaque colour.
fn background(text: &str) -> Result<[u8; 3], String> {
    parse_color(text).map_err(|reason| format!("{reason}: give white, #rrggbb or another CSS colour"))
}
