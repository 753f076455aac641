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

    /// Bits a sample; 16 needs PNG or TIFF [default: 8]
    #[arg(long, value_name = "N", value_parser = ["8", "16"])]
    pub bits: Option<String>,
}

impl OutputArguments {
    /// The destination, checked as far as it can be before the work.
    pub fn resolve(&self, inputs: &[&Path]) -> anyhow::Result<Destination> {
        let bits = if self.bits.as_deref() == Some("16") { BitDepth::Sixteen } else { BitDepth::Eight };
        let options = SaveOptions { bits, quality: self.quality, overwrite: self.force, record: None };
        Destination::new(&self.output, options, inputs)
    }
}
