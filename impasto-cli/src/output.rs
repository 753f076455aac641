//! Files that are written.

use crate::failure::Failure;
use crate::handling::Handling;
use crate::report;
use impasto_image::{
    BitDepth, Error, OutputFormat, Picture, SaveOptions, check_destination, save, write_atomically,
};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A picture file that may be written, as far as can be told beforehand.
#[derive(Clone, Debug)]
pub struct Destination {
    path: PathBuf,
    format: OutputFormat,
    options: SaveOptions,
    open_bits: bool,
    handling: Handling,
    /// Facts of a picture on the way to the result, such as the evaluation.
    on_the_way: Option<Value>,
}

impl Destination {
    /// Checks all that can be checked before the work: the extension, the options, that `path` can be written and that it
    /// is none of `inputs`.
    pub fn new(path: &Path, options: SaveOptions, inputs: &[&Path]) -> anyhow::Result<Self> {
        let format = OutputFormat::from_path(path)?;
        save::check_options(path, format, &options)?;
        check_file(path, options.overwrite, inputs)?;
        let handling = Handling::default();
        let path = path.to_owned();
        Ok(Destination { path, format, options, open_bits: false, handling, on_the_way: None })
    }

    /// The same, whose bits a sample a photograph may still decide if they are `open`.
    pub fn with_open_bits(self, open: bool) -> Self {
        Destination { open_bits: open, ..self }
    }

    /// The same with 16 bits a sample, if the photograph has more than 8, the format holds them, and the user has not
    /// chosen.
    pub fn with_bits_of(mut self, bits: u8) -> Self {
        if self.open_bits && bits > 8 && self.format.has_16_bits() {
            self.options.bits = BitDepth::Sixteen;
        }
        self
    }

    /// The same with `handling`, which `options` carry out; checked again.
    pub fn with_handling(self, handling: Handling, options: SaveOptions) -> anyhow::Result<Self> {
        let without_exif = SaveOptions { exif: None, ..options.clone() };
        save::check_options(&self.path, self.format, &without_exif)?;
        Ok(Destination { options, handling, ..self })
    }

    /// What is kept of the photograph's file.
    pub fn handling(&self) -> &Handling {
        &self.handling
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

    /// The same for a picture on the way, the one after `number` of `what`: beside the file, [numbered](Self::numbered).
    pub fn on_the_way(&self, number: usize, what: &str) -> Destination {
        let mut facts = Map::new();
        facts.insert(what.to_owned(), number.into());
        Destination { on_the_way: Some(facts.into()), ..self.numbered(number) }
    }

    /// Saves `picture` with the record of how it was made; a format that cannot hold the record goes without.
    pub fn save(&self, picture: &Picture, record: String) -> anyhow::Result<()> {
        let mut options = SaveOptions { record: Some(record), ..self.options.clone() };
        // A JPEG has little room for both; how a picture was made is written nowhere else.
        while let Err(error) = save::check_options(&self.path, self.format, &options) {
            match error {
                Error::CannotHold { what, .. } if options.exif.is_some() || options.record.is_some() => {
                    report::warn(format_args!(
                        "{} cannot hold {what}; {} is saved without",
                        self.format.name(),
                        self.path.display()
                    ));
                    if options.exif.take().is_none() {
                        options.record = None;
                    }
                }
                other => return Err(other.into()),
            }
        }
        save(&self.path, picture, &options)?;
        let kind = if self.on_the_way.is_some() { "snapshot" } else { "result" };
        report::made(&self.path, kind, || {
            let mut facts = json!({ "width": picture.width(), "height": picture.height() });
            if let (Some(facts), Some(Value::Object(more))) = (facts.as_object_mut(), &self.on_the_way) {
                facts.extend(more.clone());
            }
            facts
        });
        Ok(())
    }
}

/// Writes a file that is a result, whole or not at all.
pub fn write_result(path: &Path, force: bool, bytes: &[u8]) -> anyhow::Result<()> {
    write_atomically(path, force, |file| file.write_all(bytes))?;
    report::made(path, "result", || json!({}));
    Ok(())
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
