//! Paintings to paint after: several with weights, and others in parts of the picture.

use crate::failure::Failure;
use crate::input::{FileRecord, Input};
use crate::styles::{MaskInput, RegionInput, RegionRecord, StyleInput, StyleRecord};
use clap::Args;
use std::path::{Path, PathBuf};

/// Flags that say which styles go where.
#[derive(Clone, Debug, Args)]
pub struct StylesArguments {
    /// Painting whose manner to take; give several to mix them, each with its share
    ///
    /// The statistics of several paintings are averaged: --style a.jpg:0.7 --style b.jpg:0.3. What is transparent in a
    /// painting does not count.
    #[arg(id = "style", short, long = "style", value_name = "FILE[:SHARE]")]
    styles: Vec<PathBuf>,

    /// Another painting for a part of the picture: where MASK is white; --style has what the masks leave
    ///
    /// MASK is a picture of any size, stretched over the photograph: white is inside, black or transparent outside. What
    /// neither a mask nor --style covers stays a photograph. After a second colon, STYLEMASK says which part of the
    /// painting counts. Give the flag once for every part.
    #[arg(long = "region", value_name = "MASK=STYLE[:STYLEMASK]")]
    regions: Vec<String>,

    /// How strongly to paint where: white freely, black not at all, grey that share of the way
    #[arg(long, value_name = "MASK")]
    strength_mask: Option<PathBuf>,
}

/// Where the styles are, none of them opened yet.
pub struct StylePaths {
    /// Paintings with shares, and the region each set belongs to.
    regions: Vec<(Option<PathBuf>, Vec<StylePath>)>,
    strength: Option<PathBuf>,
}

struct StylePath {
    path: PathBuf,
    mask: Option<PathBuf>,
    weight: f64,
}

impl StylesArguments {
    /// Takes the arguments apart; fails if one of them is not of its form.
    pub fn resolve(&self) -> anyhow::Result<StylePaths> {
        let mut regions = Vec::new();
        if !self.styles.is_empty() {
            let styles = self.styles.iter().map(|style| with_share(style)).collect::<anyhow::Result<_>>()?;
            regions.push((None, styles));
        }
        for region in &self.regions {
            let (mask, style) = region.split_once('=').ok_or_else(|| {
                Failure::usage(format_args!("--region {region:?} has no \"=\" between mask and style"))
                    .hint("write MASK=STYLE, such as --region sky.png=starry-night.jpg")
            })?;
            let (path, style_mask) = match style.rsplit_once(':') {
                Some((path, mask)) if !Path::new(style).exists() => (path, Some(mask.into())),
                _ => (style, None),
            };
            if mask.is_empty() || path.is_empty() {
                return Err(Failure::usage(format_args!("--region {region:?} lacks a file's name"))
                    .hint("write MASK=STYLE, such as --region sky.png=starry-night.jpg")
                    .into());
            }
            regions.push((
                Some(mask.into()),
                vec![StylePath { path: path.into(), mask: style_mask, weight: 1.0 }],
            ));
        }
        Ok(StylePaths { regions, strength: self.strength_mask.clone() })
    }
}

impl StylePaths {
    /// All files, to be kept from being written over.
    pub fn all(&self) -> Vec<&Path> {
        let mut all = Vec::new();
        for (mask, styles) in &self.regions {
            all.extend(mask.as_deref());
            all.extend(
                styles.iter().flat_map(|style| [Some(style.path.as_path()), style.mask.as_deref()]).flatten(),
            );
        }
        all.extend(self.strength.as_deref());
        all
    }

    /// The paintings, region by region.
    pub fn paintings(&self) -> impl Iterator<Item = &Path> {
        self.regions.iter().flat_map(|(_, styles)| styles).map(|style| style.path.as_path())
    }

    /// What records tell of the paintings and masks.
    pub fn records(&self) -> anyhow::Result<(Vec<RegionRecord>, Option<FileRecord>)> {
        let file = |path: &Option<PathBuf>| path.as_deref().map(FileRecord::of).transpose();
        let style = |style: &StylePath| {
            Ok(StyleRecord {
                file: FileRecord::of(&style.path)?,
                mask: file(&style.mask)?,
                weight: style.weight,
            })
        };
        let region = |(mask, styles): &(Option<PathBuf>, Vec<StylePath>)| {
            let styles = styles.iter().map(style).collect::<anyhow::Result<_>>()?;
            Ok(RegionRecord { mask: file(mask)?, styles })
        };
        let regions = self.regions.iter().map(region).collect::<anyhow::Result<_>>()?;
        Ok((regions, file(&self.strength)?))
    }

    /// Opens the paintings and masks.
    pub fn open(&self) -> anyhow::Result<(Vec<RegionInput>, Option<MaskInput>)> {
        let mask = |path: &PathBuf| MaskInput::open(path);
        let style = |style: &StylePath| {
            let input = Input::open(&style.path)?;
            Ok(StyleInput { input, mask: style.mask.as_ref().map(mask).transpose()?, weight: style.weight })
        };
        let region = |(place, styles): &(Option<PathBuf>, Vec<StylePath>)| {
            let styles = styles.iter().map(style).collect::<anyhow::Result<_>>()?;
            Ok(RegionInput { mask: place.as_ref().map(mask).transpose()?, styles })
        };
        let regions = self.regions.iter().map(region).collect::<anyhow::Result<_>>()?;
        Ok((regions, self.strength.as_ref().map(mask).transpose()?))
    }
}

/// `FILE` or `FILE:SHARE`; a file whose own name ends like that is taken as it is.
fn with_share(text: &Path) -> anyhow::Result<StylePath> {
    let split = text.to_str().and_then(|text| text.rsplit_once(':'));
    let shared = split.and_then(|(path, share)| Some((path, share.parse::<f64>().ok()?)));
    let Some((path, weight)) = shared.filter(|_| !text.exists()) else {
        return Ok(StylePath { path: text.to_owned(), mask: None, weight: 1.0 });
    };
    if !(weight.is_finite() && weight > 0.0) {
        return Err(Failure::usage(format_args!("the style {path} cannot have the share {weight}"))
            .hint("give a number above 0, such as --style painting.jpg:0.7")
            .into());
    }
    Ok(StylePath { path: path.into(), mask: None, weight })
}
