//! `impasto replay`: a picture once more, from the record it carries.

use crate::arguments::NetworkArguments;
use crate::found::{Given, Ingredients};
use crate::job::{Ran, summary};
use crate::output::Destination;
use crate::record::Record;
use crate::report::{self, Outcome};
use crate::watch::Wishes;
use clap::Args;
use impasto::Checkpoint;
use impasto_image::{BitDepth, Limits, OutputFormat, SaveOptions, open};
use std::path::{Path, PathBuf};

/// Make a picture again from the record it carries
///
/// The record holds the recipe, the options, the seed and the checksums of the pictures used; the same pixels come out.
/// The pictures are looked for where they were, from here and from the picture's folder, and beside the picture; they can
/// also be named. Ones that have changed are refused.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Picture painted by this program
    #[arg(value_name = "PICTURE")]
    picture: PathBuf,

    /// Picture to write [default: PICTURE with -replay before its extension]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace the output if it exists
    #[arg(long)]
    force: bool,

    /// Where the photograph is now
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,

    /// Where the painting is now; several in the order of the command that painted
    #[arg(long = "style", value_name = "FILE")]
    styles: Vec<PathBuf>,

    /// Where the masks are now: every region's before its paintings', then that of strength
    #[arg(long = "mask", value_name = "FILE")]
    masks: Vec<PathBuf>,

    /// Where the picture it was started from is now
    #[arg(long, value_name = "FILE")]
    init: Option<PathBuf>,

    /// Where the colour profile is now
    #[arg(long, value_name = "FILE.icc")]
    profile: Option<PathBuf>,

    /// Write the result's size, losses and so on to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto replay painted.png
  impasto replay painted.png -o again.png --content photos/photo.jpg";

/// Paints again.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let record = Record::of(&arguments.picture)?;
    record.tell_differences();
    let given = Given {
        content: arguments.content.as_deref(),
        styles: &arguments.styles,
        masks: &arguments.masks,
        start: arguments.init.as_deref(),
        profile: arguments.profile.as_deref(),
        network: arguments.network.net.as_deref(),
        ..Given::beside(&arguments.picture, arguments.network.models.folder())
    };
    let ingredients = Ingredients::look(&record, &given)?;
    let output = arguments.output.clone().unwrap_or_else(|| beside(&arguments.picture));
    let earlier = given.for_earlier();
    let earlier = record.earlier.iter().map(|record| Ingredients::look(record, &earlier));
    let earlier = earlier.collect::<anyhow::Result<Vec<_>>>()?;
    let mut inputs = vec![arguments.picture.as_path()];
    inputs.extend(earlier.iter().chain([&ingredients]).flat_map(Ingredients::paths));
    let bits = if record.bits == 16 { BitDepth::Sixteen } else { BitDepth::Eight };
    let options =
        SaveOptions { bits, quality: record.quality, overwrite: arguments.force, ..SaveOptions::default() };
    let destination = Destination::new(&output, options, &inputs)?;
    let mut job = ingredients.job()?;
    let destination =
        record.handling.clone().apply(destination, job.content.as_ref(), ingredients.profile())?;
    job.check(&destination)?;
    job.resume = again(&earlier)?;
    let Ran { painting, outcome, .. } = job.run(&destination, Wishes::default())?;
    let same = if outcome == Outcome::Done { compare(&arguments.picture, &destination)? } else { None };
    match same {
        Some(true) => report::note(format_args!("the pixels are those of {}", arguments.picture.display())),
        Some(false) => report::warn(format_args!("the pixels differ from {}", arguments.picture.display())),
        None => {}
    }
    if arguments.json {
        let mut summary = summary(&job, &destination, &painting);
        summary["identical"] = same.into();
        report::json(&summary)?;
    }
    Ok(outcome)
}

/// Paints again what a picture went on from, one part after the other.
fn again(earlier: &[Ingredients<'_>]) -> anyhow::Result<Option<Checkpoint>> {
    let mut checkpoint = None;
    for (number, part) in earlier.iter().enumerate() {
        report::note(format_args!("part {} of {}", number + 1, earlier.len() + 1));
        let mut job = part.job()?;
        job.resume = checkpoint;
        checkpoint = Some(job.up_to(part.evaluations())?);
    }
    Ok(checkpoint)
}

/// `PICTURE-replay.EXTENSION`.
fn beside(picture: &Path) -> PathBuf {
    let stem = picture.file_stem().unwrap_or_default().to_string_lossy();
    let extension = picture.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    picture.with_file_name(format!("{stem}-replay{}", extension.unwrap_or_default()))
}

/// Whether the new picture has the old one's pixels; none if their formats differ.
fn compare(old: &Path, new: &Destination) -> anyhow::Result<Option<bool>> {
    if OutputFormat::from_path(old).ok() != Some(new.format()) {
        return Ok(None);
    }
    let limits = Limits::default();
    Ok(Some(open(old, &limits)?.picture == open(new.path(), &limits)?.picture))
}
