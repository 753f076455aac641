//! Where a picture goes.

use crate::output::Destination;
use clap::Args;
use impasto_image::{BitDepth, SaveOptions};
use std::path::{Path, PathBuf};

/// Flags of every verb that writes a picture.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArguments {
    /// Picture to write; the extension decides the format: png, jpg, webp, tif, bmp
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Replace the output if it exists
    #[arg(long)]
    pub force: bool,

    /// JPEG quality, 1 to 100; the other formats lose nothing
    #[arg(long, value_name = "N", default_value_t = SaveOptions::default().quality,
          value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: u8,

    /// Bits a sample: 8, 16 (PNG and TIFF only), or auto: 16 if the photograph has more than 8 and the format holds them
    #[arg(long, value_name = "8|16|auto", default_value = "auto", value_parser = ["8", "16", "auto"],
          hide_possible_values = true)]
    pub bits: String,
}

impl OutputArguments {
    /// The destination, checked as far as it can be before the work.
    pub fn resolve(&self, inputs: &[&Path]) -> anyhow::Result<Destination> {
        let bits = if self.bits == "16" { BitDepth::Sixteen } else { BitDepth::Eight };
        let options =
            SaveOptions { bits, quality: self.quality, overwrite: self.force, ..SaveOptions::default() };
        Ok(Destination::new(&self.output, options, inputs)?.with_open_bits(self.bits == "auto"))
    }
}
