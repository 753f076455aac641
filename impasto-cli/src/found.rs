//! Files that a record names, found again where they are now.

use crate::failure::Failure;
use crate::handling::ProfileChoice;
use crate::input::{FileRecord, Input, digest, sha256_of};
use crate::job::Job;
use crate::record::{NetworkRecord, Record, SizeRecord, StyleSizeRecord};
use crate::styles::{MaskInput, RegionInput, StyleInput};
use anyhow::Context;
use impasto::{Network, Overrides, Size, StyleSize};
use std::path::{Path, PathBuf};

/// A recorded file, found again and unchanged.
pub struct Found<'a> {
    file: &'a FileRecord,
    path: PathBuf,
}

impl<'a> Found<'a> {
    /// Looks for a recorded file: where `named` says, or else where it was and as `given` says.
    fn look(
        flag: &'static str,
        file: &'a FileRecord,
        named: Option<&Path>,
        given: &Given<'_>,
    ) -> anyhow::Result<Self> {
        let folder = given.beside.parent().unwrap_or(Path::new(""));
        let places = match named {
            Some(path) => vec![path.to_owned()],
            None => vec![
                file.path.clone(),
                folder.join(&file.path),
                folder.join(file.path.file_name().unwrap_or_default()),
            ],
        };
        let mut changed = None;
        for path in places.into_iter().filter(|path| named.is_some() || path.is_file()) {
            let sha256 = sha256_of(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if file.sha256.is_none() || sha256 == file.sha256 {
                return Ok(Found { file, path });
            }
            changed.get_or_insert((path, sha256));
        }
        for path in given.elsewhere.iter().filter(|_| file.sha256.is_some()) {
            if sha256_of(path).is_ok_and(|sha256| sha256 == file.sha256) {
                return Ok(Found { file, path: path.clone() });
            }
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
        let hint = if given.by_flag {
            format!("say where the original is now with {flag} FILE")
        } else {
            "give the photograph, or all the styles with their masks, on the command line again".into()
        };
        Err(failure.hint(hint).into())
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

/// Where recorded files may be now.
#[derive(Clone)]
pub struct Given<'a> {
    /// The file that carries the record; what it names is looked for beside it, too.
    pub beside: &'a Path,
    /// The photograph.
    pub content: Option<&'a Path>,
    /// The paintings, in the order of the record.
    pub styles: &'a [PathBuf],
    /// The masks: every region's before its paintings', then that of strength.
    pub masks: &'a [PathBuf],
    /// The picture started from.
    pub start: Option<&'a Path>,
    /// The colour profile of the result.
    pub profile: Option<&'a Path>,
    /// A user's own network.
    pub network: Option<&'a Path>,
    /// Folder with the networks known by name.
    pub models: Option<PathBuf>,
    /// Files of which any may be any of them; the digests tell.
    pub elsewhere: Vec<PathBuf>,
    /// Whether each of them has a flag.
    pub by_flag: bool,
}

impl<'a> Given<'a> {
    /// Where the record says, or beside the file that carries it.
    pub fn beside(file: &'a Path, models: Option<PathBuf>) -> Self {
        Given {
            beside: file,
            content: None,
            styles: &[],
            masks: &[],
            start: None,
            profile: None,
            network: None,
            models,
            elsewhere: Vec::new(),
            by_flag: true,
        }
    }

    /// The same places for another record, whose files may have other roles.
    pub fn for_earlier(&self) -> Given<'a> {
        let named = [self.content, self.start, self.network].into_iter().flatten().map(Path::to_owned);
        let elsewhere = named.chain(self.styles.iter().chain(self.masks).cloned()).collect();
        Given { elsewhere, ..Given::beside(self.beside, self.models.clone()) }
    }
}

/// Everything that a record names, found again.
pub struct Ingredients<'a> {
    record: &'a Record,
    content: Option<Found<'a>>,
    regions: Vec<FoundRegion<'a>>,
    strength_mask: Option<Found<'a>>,
    start: Option<Found<'a>>,
    profile: Option<Found<'a>>,
    network: Network,
}

impl<'a> Ingredients<'a> {
    /// Looks for them; fails at the first that is not there or has changed.
    pub fn look(record: &'a Record, given: &Given<'_>) -> anyhow::Result<Self> {
        let (mut styles, mut masks) = (given.styles.iter(), given.masks.iter());
        let mut mask = |file: Option<&'a FileRecord>| {
            let look = |file| Found::look("--mask", file, masks.next().map(PathBuf::as_path), given);
            file.map(look).transpose()
        };
        let mut regions = Vec::with_capacity(record.regions.len());
        for region in &record.regions {
            let place = mask(region.mask.as_ref())?;
            let mut found = Vec::with_capacity(region.styles.len());
            for style in &region.styles {
                let named = styles.next().map(PathBuf::as_path);
                let picture = Found::look("--style", &style.file, named, given)?;
                found.push((picture, mask(style.mask.as_ref())?, style.weight));
            }
            regions.push(FoundRegion { mask: place, styles: found });
        }
        let strength_mask = mask(record.strength_mask.as_ref())?;
        let look = |flag, file: &'a Option<FileRecord>, named| {
            file.as_ref().map(|file| Found::look(flag, file, named, given)).transpose()
        };
        let network = match &record.network {
            NetworkRecord::Name(name) => Network::Named { name: name.clone(), models: given.models.clone() },
            NetworkRecord::File(file) => {
                Network::File(Found::look("--net", file, given.network, given)?.path)
            }
        };
        let content = look("--content", &record.content, given.content)?;
        let start = look("--init", &record.start, given.start)?;
        let profile = match &record.handling.profile {
            ProfileChoice::File(file) => Some(Found::look("--profile", file, given.profile, given)?),
            ProfileChoice::Srgb | ProfileChoice::Keep => None,
        };
        Ok(Ingredients { record, content, regions, strength_mask, start, profile, network })
    }

    /// Evaluations made by the record.
    pub fn evaluations(&self) -> usize {
        self.record.evaluations
    }

    /// The file of the result's colour profile, where it is one.
    pub fn profile(&self) -> Option<&Path> {
        self.profile.as_ref().map(|found| found.path.as_path())
    }

    /// All pictures, to be kept from being written over.
    pub fn paths(&self) -> Vec<&Path> {
        let found = [&self.content, &self.start, &self.strength_mask].into_iter().flatten();
        let found = found.chain(self.regions.iter().flat_map(FoundRegion::all));
        found.map(|found| found.path.as_path()).collect()
    }

    /// Opens them: the job that the record tells of.
    pub fn job(&self) -> anyhow::Result<Job> {
        let record = self.record;
        let open = |found: &Option<Found<'_>>| found.as_ref().map(Found::open).transpose();
        let mut recipe = record.recipe.clone();
        recipe.origin.clone_from(&record.recipe_name);
        Ok(Job {
            verb: record.verb,
            content: open(&self.content)?,
            regions: self.regions.iter().map(FoundRegion::open).collect::<anyhow::Result<_>>()?,
            strength_mask: self.strength_mask.as_ref().map(Found::open_mask).transpose()?,
            start: open(&self.start)?,
            // No change, but values out of range are found.
            recipe: Overrides::default().apply(recipe)?,
            network_sha256: digest(&self.network)?,
            network: self.network.clone(),
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
            resume: None,
            earlier: record.earlier.clone(),
        })
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
