//! Pictures of a folder.

use anyhow::Context;
use impasto_image::InputFormat;
use std::path::{Path, PathBuf};

/// All files of a folder and of its folders that may be pictures, by their names: paths within it, in alphabetical order.
pub fn pictures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(within) = folders.pop() {
        let whole = folder.join(&within);
        let entries = std::fs::read_dir(&whole)
            .with_context(|| format!("cannot read the folder {}", whole.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read the folder {}", whole.display()))?;
            let path = within.join(entry.file_name());
            let kind = entry.file_type().with_context(|| format!("cannot read {}", path.display()))?;
            if kind.is_dir() {
                folders.push(path);
            } else if InputFormat::from_path(&path).is_some() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
