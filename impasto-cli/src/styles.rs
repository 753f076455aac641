//! The paintings of a job, opened, and where each is to be.

use crate::input::{FileRecord, Input};
use anyhow::Context;
use impasto::{Region, StylePicture};
use impasto_image::Mask;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A part of the picture and the paintings it takes after.
#[derive(Debug)]
pub struct RegionInput {
    /// Where; none for what the other regions leave.
    pub mask: Option<MaskInput>,
    /// The paintings.
    pub styles: Vec<StyleInput>,
}

/// A painting.
#[derive(Debug)]
pub struct StyleInput {
    /// The picture.
    pub input: Input,
    /// The part of it that counts.
    pub mask: Option<MaskInput>,
    /// Share among the paintings of its region.
    pub weight: f64,
}

/// A picture that was read as a mask.
#[derive(Debug)]
pub struct MaskInput {
    /// The file.
    pub file: FileRecord,
    /// What it means.
    pub mask: Mask,
}

impl RegionInput {
    /// One painting everywhere.
    pub fn everywhere(style: Input) -> Vec<RegionInput> {
        vec![RegionInput { mask: None, styles: vec![StyleInput { input: style, mask: None, weight: 1.0 }] }]
    }

    /// The region as the library takes it.
    pub fn region(&self) -> Region<'_> {
        let styles = self.styles.iter().map(|style| StylePicture {
            picture: &style.input.picture,
            mask: style.mask.as_ref().map(|mask| &mask.mask),
            weight: style.weight,
        });
        Region { mask: self.mask.as_ref().map(|mask| &mask.mask), styles: styles.collect() }
    }

    /// What a picture's record tells of the region.
    pub fn record(&self) -> RegionRecord {
        let file = |mask: &Option<MaskInput>| mask.as_ref().map(|mask| mask.file.clone());
        let styles = self.styles.iter().map(|style| StyleRecord {
            file: style.input.file(),
            mask: file(&style.mask),
            weight: style.weight,
        });
        RegionRecord { mask: file(&self.mask), styles: styles.collect() }
    }
}

impl MaskInput {
    /// Opens a mask; fails if it is black everywhere.
    pub fn open(path: &Path) -> anyhow::Result<MaskInput> {
        let input = Input::open(path)?;
        let mask = Mask::from_picture(&input.picture);
        if mask.share() <= 0.0 {
            let what = "everything".into();
            return Err(impasto::Error::EmptyMask { what })
                .with_context(|| format!("{} cannot be a mask", path.display()));
        }
        Ok(MaskInput { file: input.file(), mask })
    }
}

/// A region in a picture's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionRecord {
    /// Where; none for what the other regions leave.
    pub mask: Option<FileRecord>,
    /// The paintings.
    pub styles: Vec<StyleRecord>,
}

/// A painting in a picture's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StyleRecord {
    /// The file.
    #[serde(flatten)]
    pub file: FileRecord,
    /// The part of it that counts.
    pub mask: Option<FileRecord>,
    /// Share among the paintings of its region.
    pub weight: f64,
}
