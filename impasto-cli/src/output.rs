//! Files that are written.

use crate::failure::Failure;
use crate::report;
use impasto_image::{BitDepth, Error, OutputFormat, Picture, SaveOptions, check_destination, save};
use std::fs;
use std::path::{Path, PathBuf};

/// A picture file that may be written, as far as can be told beforehand.
#[derive(Clone, Debug)]
pub struct Destination {
    path: PathBuf,
    format: OutputFormat,
    options: SaveOptions,
}

impl Destination {
    /// Checks all that can be checked before the work: the extension, the options, that `path` can be written and that it
    /// is none of `inputs`.
    pub fn new(path: &Path, options: SaveOptions, inputs: &[&Path]) -> anyhow::Result<Self> {
        let format = OutputFormat::from_path(path)?;
        save::check_options(path, format, &options)?;
        check_file(path, options.overwrite, inputs)?;
        Ok(Destination { path: path.to_owned(), format, options })
    }

    /// The same with 16 bits a sample, if the format has them.
    pub fn with_16_bits(mut self) -> Self {
        if self.format.has_16_bits() {
            self.options.bits = BitDepth::Sixteen;
        }
        self
    }

    /// Fails if the format cannot hold a picture of this size.
    pub fn check_size(&self, (width, height): (usize, usize)) -> anyhow::Result<()> {
        Ok(save::check_size(&self.path, self.format, width, height)?)
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the picture will be saved.
    pub fn options(&self) -> &SaveOptions {
        &self.options
    }

    /// The file's format.
    pub fn format(&self) -> OutputFormat {
        self.format
    }

    /// The same beside the file, with `-NUMBER` (at least four digits) before the extension.
    pub fn numbered(&self, number: usize) -> Destination {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = self.path.extension().unwrap_or_default().to_string_lossy();
        let path = self.path.with_file_name(format!("{stem}-{number:04}.{extension}"));
        Destination { path, ..self.clone() }
    }

    /// Saves `picture` with the record of how it was made; a format that cannot hold the record goes without.
    pub fn save(&self, picture: &Picture, record: String) -> anyhow::Result<()> {
        let mut options = SaveOptions { record: Some(record), ..self.options.clone() };
        match save::check_options(&self.path, self.format, &options) {
            Err(Error::CannotHold { what, .. }) => {
                report::warn(format_args!(
                    "{} cannot hold {what}; {} is saved without",
                    self.format.name(),
                    self.path.display()
                ));
                options.record = None;
            }
            other => other?,
        }
        Ok(save(&self.path, picture, &options)?)
    }
}

/// Fails if `path` cannot be written or is one of `inputs`; to be asked before any work is done.
pub fn check_file(path: &Path, force: bool, inputs: &[&Path]) -> anyhow::Result<()> {
    if let Some(input) = inputs.iter().find(|input| is_same_file(path, input)) {
        return Err(Failure::usage(format_args!(
            "the output {} is the input {}",
            path.display(),
            input.display()
        ))
        .hint("choose another name; inputs are never replaced, not even with --force")
        .into());
    }
    Ok(check_destination(path, force)?)
}

/// Whether two paths lead to one existing file.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}
