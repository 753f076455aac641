//! The provenance record: how a picture was made, inside the picture, in enough detail to make it again.

use crate::failure::Failure;
use crate::handling::Handling;
use crate::input::{FileRecord, Input};
use crate::job::{Job, Verb};
use crate::output::Destination;
use crate::report;
use crate::styles::{RegionInput, RegionRecord};
use anyhow::Context;
use impasto::{Coloring, Network, Painting, Recipe, Size, StyleSize, Term};
use impasto_image::BitDepth;
use impasto_net::cpu::Isa;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// This program's name in records.
pub const PROGRAM: &str = "impasto";

/// What a picture carries. Neither its own path nor the time it took are in it: the same job gives the same record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Always `impasto`.
    pub program: String,
    /// The program's version.
    pub version: String,
    /// The instruction set used; others round differently.
    pub instruction_set: String,
    /// The verb.
    pub verb: Verb,
    /// The photograph.
    pub content: Option<FileRecord>,
    /// The paintings, and where each is.
    #[serde(default)]
    pub regions: Vec<RegionRecord>,
    /// How far pixels might go from the photograph.
    #[serde(default)]
    pub strength_mask: Option<FileRecord>,
    /// The picture started from, where it was neither the photograph nor noise.
    pub start: Option<FileRecord>,
    /// The network.
    pub network: NetworkRecord,
    /// The recipe's name or file.
    pub recipe_name: String,
    /// All of the recipe, changes included.
    pub recipe: Recipe,
    /// Size of the picture.
    pub size: SizeRecord,
    /// Size of the style.
    pub style_size: StyleSizeRecord,
    /// Seed of the noise.
    pub seed: u64,
    /// Whose colours it has; a palette by its colours.
    #[serde(default)]
    pub color: Coloring,
    /// Bits a sample.
    pub bits: u8,
    /// JPEG quality.
    pub quality: u8,
    /// What is kept of the photograph's file.
    #[serde(default, skip_serializing_if = "Handling::is_none")]
    pub handling: Handling,
    /// Evaluations made.
    pub evaluations: usize,
    /// Whether it was stopped, or saved on the way, before all evaluations were made.
    pub interrupted: bool,
    /// Total and weighted terms of the finished picture.
    pub losses: Map<String, Value>,
    /// What was painted before by other rules: a record for every part, which ended after its `evaluations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Record>,
}

/// The network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkRecord {
    /// One that this program knows by name.
    Name(String),
    /// A user's own.
    File(FileRecord),
}

/// Size of the picture; see [`Size`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeRecord {
    /// As it is.
    Own,
    /// Long side in pixels.
    LongSide(usize),
    /// Width and height in pixels.
    Exact(usize, usize),
}

/// Size of the style; see [`StyleSize`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StyleSizeRecord {
    /// Factor of the picture's.
    Factor(f64),
    /// Long side in pixels, 0 for as it is.
    LongSide(usize),
}

impl Record {
    /// The record of a job's result: after so many evaluations, with these losses.
    pub fn new(job: &Job, destination: &Destination, done: Done<'_>) -> Record {
        let options = destination.options();
        Record {
            program: PROGRAM.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            instruction_set: Isa::detect().name().into(),
            verb: job.verb,
            content: job.content.as_ref().map(Input::file),
            regions: job.regions.iter().map(RegionInput::record).collect(),
            strength_mask: job.strength_mask.as_ref().map(|mask| mask.file.clone()),
            start: job.start.as_ref().map(Input::file),
            network: match &job.network {
                Network::Named { name, .. } => NetworkRecord::Name(name.clone()),
                Network::File(path) => {
                    NetworkRecord::File(FileRecord { path: path.clone(), sha256: job.network_sha256.clone() })
                }
            },
            recipe_name: job.recipe.origin.clone(),
            recipe: job.recipe.clone(),
            size: match job.size {
                Size::Own => SizeRecord::Own,
                Size::LongSide(pixels) => SizeRecord::LongSide(pixels),
                Size::Exact { width, height } => SizeRecord::Exact(width, height),
            },
            style_size: match job.style_size {
                StyleSize::Factor(factor) => StyleSizeRecord::Factor(factor),
                StyleSize::LongSide(pixels) => StyleSizeRecord::LongSide(pixels),
            },
            seed: job.seed,
            color: job.color.clone(),
            bits: if options.bits == BitDepth::Sixteen { 16 } else { 8 },
            quality: options.quality,
            handling: destination.handling().clone(),
            evaluations: done.evaluations,
            interrupted: done.interrupted,
            losses: done.losses.map(|(total, terms)| losses(total, terms)).unwrap_or_default(),
            earlier: job.earlier.clone(),
        }
    }

    /// Whether another job paints by the same rules: all that decides the pixels is equal, wherever the files are.
    pub fn same_rules(&self, other: &Record) -> bool {
        let rules = |record: &Record| {
            let mut record = record.clone();
            let regions = record.regions.iter_mut().flat_map(|region| {
                let styles = region.styles.iter_mut();
                let files = styles.flat_map(|style| std::iter::once(&mut style.file).chain(&mut style.mask));
                region.mask.iter_mut().chain(files)
            });
            let others = [&mut record.content, &mut record.strength_mask, &mut record.start];
            let own = match &mut record.network {
                NetworkRecord::File(file) => Some(file),
                NetworkRecord::Name(_) => None,
            };
            for file in others.into_iter().flatten().chain(regions).chain(own) {
                if file.sha256.is_some() {
                    file.path = PathBuf::new();
                }
            }
            Record {
                version: String::new(),
                instruction_set: String::new(),
                recipe_name: String::new(),
                handling: Handling::default(),
                bits: 0,
                quality: 0,
                evaluations: 0,
                interrupted: false,
                losses: Map::new(),
                earlier: Vec::new(),
                ..record
            }
        };
        rules(self) == rules(other)
    }

    /// Tells what may make the pixels of a repetition differ.
    pub fn tell_differences(&self) {
        let (version, isa) = (env!("CARGO_PKG_VERSION"), Isa::detect().name());
        if self.version != version {
            let made = &self.version;
            report::warn(format_args!("made by version {made}, this is {version}: the pixels may differ"));
        }
        if self.instruction_set != isa {
            let made = &self.instruction_set;
            report::warn(format_args!(
                "made with {made}, this machine uses {isa}: the pixels may differ slightly"
            ));
        }
    }

    /// The record as JSON text.
    pub fn to_json(&self) -> anyhow::Result<String> {
        serde_json::to_string(self).context("cannot write the picture's record")
    }

    /// Reads the record of a picture file.
    pub fn of(path: &Path) -> anyhow::Result<Record> {
        let shown = path.display();
        let text = impasto_image::record::read(path)?.ok_or_else(|| {
            Failure::job(format_args!("{shown} carries no record of how it was made"))
                .hint("give a picture painted by this program and not saved again by another one; BMP has no room for a record")
        })?;
        if let Ok(Seen { command }) = serde_json::from_str(&text) {
            let command = command.join(" ");
            return Err(Failure::job(format_args!("{shown} is no painting"))
                .hint(format_args!("run the command that made it again: {PROGRAM} {command}"))
                .into());
        }
        let record: Record = serde_json::from_str(&text)
            .with_context(|| format!("the record in {shown} is not one of this program's, or is damaged"))?;
        if record.program != PROGRAM {
            return Err(Failure::job(format_args!("{shown} was made by {:?}", record.program)).into());
        }
        Ok(record)
    }
}

/// What pictures other than paintings carry instead: the words of the command that made them.
pub fn of_command() -> Value {
    let command: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    json!({
        "program": PROGRAM,
        "version": env!("CARGO_PKG_VERSION"),
        "instruction-set": Isa::detect().name(),
        "command": command,
    })
}

/// What a picture of `see` carries instead: the words of the command that made it.
#[derive(Deserialize)]
struct Seen {
    command: Vec<String>,
}

/// How far a job has come.
pub struct Done<'a> {
    /// Evaluations made.
    pub evaluations: usize,
    /// Whether there would have been more.
    pub interrupted: bool,
    /// Total and terms of the picture, where they are known.
    pub losses: Option<(f64, &'a [Term])>,
}

impl<'a> From<&'a Painting> for Done<'a> {
    fn from(painting: &'a Painting) -> Self {
        Done {
            evaluations: painting.evaluations,
            interrupted: painting.interrupted,
            losses: Some((painting.evaluation.total, &painting.evaluation.terms)),
        }
    }
}

/// Total and terms as one JSON object.
pub fn losses(total: f64, terms: &[Term]) -> Map<String, Value> {
    let mut losses = Map::new();
    losses.insert("total".into(), total.into());
    losses.extend(terms.iter().map(|term| (term.name.clone(), term.value.into())));
    losses
}
