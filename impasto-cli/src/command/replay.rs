//! `impasto replay`: a picture once more, from the record it carries.

use crate::arguments::NetworkArguments;
use crate::failure::Failure;
use crate::handling::ProfileChoice;
use crate::input::{FileRecord, Input, digest, sha256_of};
use crate::job::{Job, summary};
use crate::output::Destination;
use crate::record::{NetworkRecord, Record, SizeRecord, StyleSizeRecord};
use crate::report::{self, Outcome};
use crate::styles::{MaskInput, RegionInput, RegionRecord, StyleInput};
use crate::watch::Wishes;
use anyhow::Context;
use clap::Args;
use impasto::{Network, Overrides, Size, StyleSize};
use impasto_image::{BitDepth, Limits, OutputFormat, SaveOptions, open};
use impasto_net::cpu::Isa;
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
    tell_differences(&record);
    let picture = arguments.picture.as_path();
    let content =
        Found::look_if_used("--content", record.content.as_ref(), arguments.content.as_deref(), picture)?;
    let mut places = Places { styles: arguments.styles.iter(), masks: arguments.masks.iter(), picture };
    let regions =
        record.regions.iter().map(|region| places.region(region)).collect::<anyhow::Result<Vec<_>>>()?;
    let strength_mask = places.mask(record.strength_mask.as_ref())?;
    let start = Found::look_if_used("--init", record.start.as_ref(), arguments.init.as_deref(), picture)?;
    let profile = match &record.handling.profile {
        ProfileChoice::File(file) => Some(file),
        ProfileChoice::Srgb | ProfileChoice::Keep => None,
    };
    let profile = Found::look_if_used("--profile", profile, arguments.profile.as_deref(), picture)?;
    let network = network(&record, arguments)?;

    let output = arguments.output.clone().unwrap_or_else(|| beside(&arguments.picture));
    let found = [&content, &start, &strength_mask].into_iter().flatten();
    let found = found.chain(regions.iter().flat_map(FoundRegion::all)).map(|found| found.path.as_path());
    let inputs: Vec<&Path> = std::iter::once(arguments.picture.as_path()).chain(found).collect();
    let bits = if record.bits == 16 { BitDepth::Sixteen } else { BitDepth::Eight };
    let options =
        SaveOptions { bits, quality: record.quality, overwrite: arguments.force, ..SaveOptions::default() };
    let destination = Destination::new(&output, options, &inputs)?;

    let open = |found: Option<Found<'_>>| found.map(|found| found.open()).transpose();
    let mut recipe = record.recipe.clone();
    recipe.origin.clone_from(&record.recipe_name);
    let job = Job {
        verb: record.verb,
        content: open(content)?,
        regions: regions.iter().map(FoundRegion::open).collect::<anyhow::Result<_>>()?,
        strength_mask: strength_mask.map(|found| found.open_mask()).transpose()?,
        start: open(start)?,
        // No change, but values out of range are found.
        recipe: Overrides::default().apply(recipe)?,
        network_sha256: digest(&network)?,
        network,
        size: match record.size {
            SizeRecord::Own => Size::Own,
            SizeRecord::LongSide(pixels) => Size::LongSide(pixels),
            SizeRecord::Exact(width, height) => Size::Exact { width, height },
        },
        style_size: match record.style_size {
            StyleSizeRecord::Factor(factor) => StyleSize::Factor(factor),
            StyleSizeRecord::LongSide(pixels) => StyleSize::LongSide(pixels),
        },
        seed: record.seed,
        color: record.color.clone(),
        stop_after: record.interrupted.then_some(record.evaluations),
    };
    let profile = profile.as_ref().map(|found| found.path.as_path());
    let destination = record.handling.clone().apply(destination, job.content.as_ref(), profile)?;
    job.check(&destination)?;
    let (painting, outcome) = job.run(&destination, Wishes::default())?;
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

/// Tells what may make the pixels differ.
fn tell_differences(record: &Record) {
    let (version, isa) = (env!("CARGO_PKG_VERSION"), Isa::detect().name());
    if record.version != version {
        let made = &record.version;
        report::warn(format_args!("made by version {made}, this is {version}: the pixels may differ"));
    }
    if record.instruction_set != isa {
        let made = &record.instruction_set;
        report::warn(format_args!(
            "made with {made}, this machine uses {isa}: the pixels may differ slightly"
        ));
    }
}

/// A recorded file, found again and unchanged.
struct Found<'a> {
    file: &'a FileRecord,
    path: PathBuf,
}

impl<'a> Found<'a> {
    /// [`Self::look`] for a file that not every picture was made with.
    fn look_if_used(
        flag: &'static str,
        file: Option<&'a FileRecord>,
        given: Option<&Path>,
        picture: &Path,
    ) -> anyhow::Result<Option<Self>> {
        file.map(|file| Self::look(flag, file, given, picture)).transpose()
    }

    /// Looks for a recorded file: where `given` says, or else where it was and beside `picture`.
    fn look(
        flag: &'static str,
        file: &'a FileRecord,
        given: Option<&Path>,
        picture: &Path,
    ) -> anyhow::Result<Self> {
        let folder = picture.parent().unwrap_or(Path::new(""));
        let places = match given {
            Some(path) => vec![path.to_owned()],
            None => vec![
                file.path.clone(),
                folder.join(&file.path),
                folder.join(file.path.file_name().unwrap_or_default()),
            ],
        };
        let mut changed = None;
        for path in places.into_iter().filter(|path| given.is_some() || path.is_file()) {
            let sha256 = sha256_of(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if file.sha256.is_none() || sha256 == file.sha256 {
                return Ok(Found { file, path });
            }
            changed.get_or_insert((path, sha256));
        }
        let recorded = file.path.display();
        let failure = match changed {
            None => Failure::job(format_args!("{recorded} is not where it was")),
            Some((path, sha256)) => Failure::job(format_args!(
                "{} is not the file that was used as {recorded}: its SHA-256 is {}, not {}",
                path.display(),
                sha256.as_deref().unwrap_or("unknown"),
                file.sha256.as_deref().unwrap_or("unknown"),
            )),
        };
        Err(failure.hint(format_args!("say where the original is now with {flag} FILE")).into())
    }

    /// Opens the mask; its path stays the recorded one.
    fn open_mask(&self) -> anyhow::Result<MaskInput> {
        let mut mask = MaskInput::open(&self.path)?;
        mask.file.path.clone_from(&self.file.path);
        Ok(mask)
    }

    /// Opens the picture; its path stays the recorded one, so that the new record is the old one.
    fn open(&self) -> anyhow::Result<Input> {
        let mut input = Input::open(&self.path)?;
        input.path.clone_from(&self.file.path);
        Ok(input)
    }
}

/// Where the user says that paintings and masks are, each taken once in the order of the record.
struct Places<'a> {
    styles: std::slice::Iter<'a, PathBuf>,
    masks: std::slice::Iter<'a, PathBuf>,
    picture: &'a Path,
}

impl<'a> Places<'a> {
    fn mask(&mut self, file: Option<&'a FileRecord>) -> anyhow::Result<Option<Found<'a>>> {
        let Some(file) = file else { return Ok(None) };
        Found::look("--mask", file, self.masks.next().map(PathBuf::as_path), self.picture).map(Some)
    }

    fn region(&mut self, region: &'a RegionRecord) -> anyhow::Result<FoundRegion<'a>> {
        let mask = self.mask(region.mask.as_ref())?;
        let mut styles = Vec::with_capacity(region.styles.len());
        for style in &region.styles {
            let given = self.styles.next().map(PathBuf::as_path);
            let found = Found::look("--style", &style.file, given, self.picture)?;
            styles.push((found, self.mask(style.mask.as_ref())?, style.weight));
        }
        Ok(FoundRegion { mask, styles })
    }
}

/// A recorded region, found again: its mask, and its paintings with masks and shares.
struct FoundRegion<'a> {
    mask: Option<Found<'a>>,
    styles: Vec<(Found<'a>, Option<Found<'a>>, f64)>,
}

impl FoundRegion<'_> {
    fn all(&self) -> impl Iterator<Item = &Found<'_>> {
        let styles = self.styles.iter().flat_map(|(style, mask, _)| std::iter::once(style).chain(mask));
        self.mask.iter().chain(styles)
    }

    fn open(&self) -> anyhow::Result<RegionInput> {
        let style = |(style, mask, weight): &(Found<'_>, Option<Found<'_>>, f64)| {
            let mask = mask.as_ref().map(Found::open_mask).transpose()?;
            Ok(StyleInput { input: style.open()?, mask, weight: *weight })
        };
        let styles = self.styles.iter().map(style).collect::<anyhow::Result<_>>()?;
        Ok(RegionInput { mask: self.mask.as_ref().map(Found::open_mask).transpose()?, styles })
    }
}

/// The network that was used.
fn network(record: &Record, arguments: &Arguments) -> anyhow::Result<Network> {
    Ok(match &record.network {
        NetworkRecord::Name(name) => {
            Network::Named { name: name.clone(), models: arguments.network.models.folder() }
        }
        NetworkRecord::File(file) => {
            let given = arguments.network.net.as_deref();
            Network::File(Found::look("--net", file, given, &arguments.picture)?.path)
        }
    })
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
