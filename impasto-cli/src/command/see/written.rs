//! What `see` writes: a picture, and numbers on request.

use crate::arguments::OutputArguments;
use crate::output::{Destination, check_file};
use crate::tensors::{self, Tensor, planar};
use clap::Args;
use impasto_image::Picture;
use std::path::{Path, PathBuf};

/// Flags that say what is written where.
#[derive(Clone, Debug, Args)]
pub struct WrittenArguments {
    #[command(flatten)]
    pub output: OutputArguments,

    /// Write the values too: safetensors, [3, height, width] each, d value / d RGB in [0, 1]
    #[arg(long, value_name = "FILE.safetensors")]
    pub raw: Option<PathBuf>,

    /// Describe the result on standard output as JSON
    #[arg(long)]
    pub json: bool,
}

impl WrittenArguments {
    /// The picture's destination, both files checked as far as can be before the work.
    pub fn resolve(&self, inputs: &[&Path]) -> anyhow::Result<Destination> {
        if let Some(raw) = &self.raw {
            check_file(raw, self.output.force, inputs)?;
        }
        self.output.resolve(inputs)
    }

    /// Writes interleaved RGB values of a picture of `size` (height, width) under their names, if it is wished.
    pub fn save_raw(
        &self,
        arrays: &[(String, Vec<f32>)],
        size: (usize, usize),
        remarks: &[(&str, String)],
    ) -> anyhow::Result<()> {
        let Some(path) = &self.raw else { return Ok(()) };
        let shape = [3, size.0, size.1];
        let planes: Vec<Vec<f32>> = arrays.iter().map(|(_, values)| planar(values)).collect();
        let tensors: Vec<Tensor<'_>> = arrays
            .iter()
            .zip(&planes)
            .map(|((name, _), values)| Tensor { name, shape: &shape, values })
            .collect();
        tensors::save(path, self.output.force, &tensors, remarks)
    }
}

/// A picture of interleaved values in [0, 1].
pub fn picture(rgb: Vec<f32>, (height, width): (usize, usize)) -> anyhow::Result<Picture> {
    Ok(Picture::new(width, height, rgb)?)
}
