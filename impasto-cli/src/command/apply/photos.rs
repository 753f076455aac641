//! Which photographs are meant, and where their paintings go.

use crate::failure::Failure;
use crate::folder::pictures;
use anyhow::Context;
use impasto_image::OutputFormat;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The photographs that arguments name: files as they are, all of a folder's, all that match a pattern.
pub fn find(arguments: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for argument in arguments {
        let text = argument.to_string_lossy();
        if argument.is_dir() {
            found.extend(pictures(argument)?.iter().map(|photo| argument.join(photo)));
        } else if !argument.exists() && text.contains(['*', '?', '[']) {
            let matches =
                glob::glob(&text).with_context(|| Failure::usage(format_args!("{text} is no pattern")))?;
            let mut matches: Vec<PathBuf> =
                matches.filter_map(Result::ok).filter(|path| path.is_file()).collect();
            if matches.is_empty() {
                return Err(Failure::usage(format_args!("no file matches {text}")).into());
            }
            matches.sort();
            found.append(&mut matches);
        } else {
            found.push(argument.clone());
        }
    }
    if found.is_empty() {
        let failure = Failure::usage("there are no photographs in the folders given");
        return Err(failure
            .hint("name files, or folders with PNG, JPEG, WebP, TIFF, BMP or GIF files")
            .into());
    }
    Ok(found)
}

/// Whether an output is a folder: one that exists, or a name without an extension.
pub fn is_folder(output: &Path) -> bool {
    output.is_dir() || output.extension().is_none()
}

/// Makes sure that `output` is a folder.
pub fn make_folder(output: &Path) -> anyhow::Result<()> {
    if !is_folder(output) {
        let message =
            format_args!("{} is one file, but several photographs are to be painted", output.display());
        return Err(Failure::usage(message).hint("name a folder with -o").into());
    }
    std::fs::create_dir_all(output).with_context(|| format!("cannot make the folder {}", output.display()))
}

/// The name of a photograph's file, as PNG where its format cannot be written.
pub fn writable(photo: &Path) -> PathBuf {
    let name = PathBuf::from(photo.file_name().unwrap_or_default());
    if OutputFormat::from_path(&name).is_ok() { name } else { name.with_extension("png") }
}

/// The painting of `photo` in the folder `output`: of the photograph's name, as PNG where the format cannot be written, and
/// numbered where another photograph has `taken` the name.
pub fn within(output: &Path, photo: &Path, taken: &mut BTreeSet<PathBuf>) -> PathBuf {
    let name = writable(photo);
    let [stem, extension] =
        [name.file_stem(), name.extension()].map(|part| part.unwrap_or_default().to_string_lossy());
    let numbered = (2..).map(|number| PathBuf::from(format!("{stem}-{number}.{extension}")));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
    output.join(free.unwrap_or(name))
}
