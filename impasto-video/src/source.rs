//! Where frames come from: a folder of pictures, a GIF, a Y4M file, or any clip that ffmpeg reads.

use crate::clip::Clip;
use crate::{Error, Result, ffmpeg, y4m};
use impasto_image::{InputFormat, Limits, Picture, animation, open};
use std::cmp::Ordering;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A clip that can be read.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    clip: Clip,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// The pictures in the order of their names.
    Folder(Vec<PathBuf>),
    Gif,
    Y4m,
    File,
}

impl Kind {
    /// The kind that a path tells of.
    fn of(path: &Path) -> Result<Kind> {
        if path.is_dir() {
            return Ok(Kind::Folder(pictures(path)?));
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        Ok(match extension.as_str() {
            "gif" => Kind::Gif,
            "y4m" => Kind::Y4m,
            _ => Kind::File,
        })
    }
}

/// The frames of a source, one after the other.
pub type Frames = Box<dyn Iterator<Item = Result<Picture>>>;

impl Source {
    /// The clip `path`. Pictures of a folder follow each other at `rate` (numerator, denominator) frames a second.
    ///
    /// # Errors
    /// [`Error::Clip`] if there are no frames; those of reading.
    pub fn open(path: &Path, rate: [u32; 2]) -> Result<Source> {
        let kind = Kind::of(path)?;
        let clip = match &kind {
            Kind::Folder(names) => {
                let first = names.first().map(|first| open(first, &Limits::default())).transpose()?;
                let size = first.map_or((0, 0), |first| (first.picture.width(), first.picture.height()));
                Clip::steady(size.0, size.1, names.len(), rate)
            }
            Kind::Gif => gif(path)?,
            Kind::Y4m => y4m::Frames::open(path)?.clip()?,
            Kind::File => ffmpeg::probe(path)?,
        };
        if clip.frames() == 0 {
            return Err(Error::Clip { path: path.to_owned(), reason: "it holds no frames".into() });
        }
        Ok(Source { path: path.to_owned(), clip, kind })
    }

    /// The clip `path`, whose properties are known from before.
    ///
    /// # Errors
    /// [`Error::File`] if it is a folder that cannot be read.
    pub fn of_clip(path: &Path, clip: Clip) -> Result<Source> {
        Ok(Source { path: path.to_owned(), clip, kind: Kind::of(path)? })
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its properties.
    pub fn clip(&self) -> &Clip {
        &self.clip
    }

    /// The names of a folder's pictures; none for others.
    pub fn names(&self) -> Option<&[PathBuf]> {
        match &self.kind {
            Kind::Folder(names) => Some(names),
            _ => None,
        }
    }

    /// The file that may hold sound and subtitles.
    pub fn with_sound(&self) -> Option<&Path> {
        matches!(self.kind, Kind::File).then_some(&self.path)
    }

    /// The frames `range`, opaque.
    ///
    /// # Errors
    /// Those of starting to read; frames have their own.
    ///
    /// # Panics
    /// If there are no such frames.
    pub fn frames(&self, range: Range<usize>) -> Result<Frames> {
        assert!(range.end <= self.clip.frames(), "frames beyond the end");
        Ok(match &self.kind {
            Kind::Folder(names) => {
                let names = names[range].to_vec();
                let wanted = (self.clip.width, self.clip.height);
                Box::new(names.into_iter().map(move |name| {
                    let picture = open(name, &Limits::default())?.picture.without_alpha();
                    match (picture.width(), picture.height()) {
                        size if size == wanted => Ok(picture),
                        (width, height) => Err(Error::Sizes(wanted.0, wanted.1, width, height)),
                    }
                }))
            }
            Kind::Gif => {
                let frames = animation::frames(&self.path)?;
                let pictures = frames.map(|frame| Ok(frame?.0.without_alpha()));
                Box::new(pictures.skip(range.start).take(range.len()))
            }
            Kind::Y4m => {
                let mut frames = y4m::Frames::open(&self.path)?;
                frames.skip_frames(range.start)?;
                Box::new(frames.take(range.len()))
            }
            Kind::File => Box::new(ffmpeg::Decoder::new(&self.path, &self.clip, range)?),
        })
    }
}

/// The properties of a GIF.
fn gif(path: &Path) -> Result<Clip> {
    let (mut times, mut end, mut size) = (Vec::new(), 0, (0, 0));
    for frame in animation::frames(path)? {
        let (picture, hundredths) = frame?;
        size = (picture.width(), picture.height());
        times.push(end);
        end += i64::from(hundredths);
    }
    Ok(Clip { tick: [1, 100], end, times, ..Clip::steady(size.0, size.1, 0, [100, 1]) })
}

/// The pictures of a folder in the order of their names; numbers in names count as numbers.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::File { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if InputFormat::from_path(&path).is_some() && path.is_file() {
            found.push(path);
        }
    }
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    found.sort_by(|a, b| by_number(&name(a), &name(b)));
    Ok(found)
}

/// The order of names in which 10 comes after 9.
fn by_number(a: &str, b: &str) -> Ordering {
    let parts = |name: &str| {
        let mut parts: Vec<(u128, String)> = Vec::new();
        for piece in name.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let digits = piece.trim_end_matches(|c: char| !c.is_ascii_digit());
            parts.push((digits.parse().unwrap_or(0), piece[digits.len()..].to_owned()));
        }
        parts
    };
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use impasto_image::{SaveOptions, animation::save_gif, save};

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["f10.png", "f9.png", "e1.png", "f009.png", "g.png"];
        names.sort_by(|a, b| by_number(a, b));
        assert_eq!(names, ["e1.png", "f009.png", "f9.png", "f10.png", "g.png"]);
    }

    #[test]
    fn folders_and_gifs_are_clips() {
        let folder = tempfile::tempdir().unwrap();
        let gray = |value: u8| Picture::from_rgb8(6, 4, &[value; 72]).unwrap();
        assert!(matches!(Source::open(folder.path(), [25, 1]), Err(Error::Clip { .. })));
        for number in [9, 10, 11] {
            let path = folder.path().join(format!("f{number}.png"));
            save(path, &gray(number), &SaveOptions::default()).unwrap();
        }
        let source = Source::open(folder.path(), [12, 1]).unwrap();
        assert_eq!(source.clip(), &Clip::steady(6, 4, 3, [12, 1]));
        let values = |source: &Source, range| {
            let frames = source.frames(range).unwrap();
            frames.map(|frame| frame.unwrap().to_rgb8()[0]).collect::<Vec<u8>>()
        };
        assert_eq!(values(&source, 0..3), [9, 10, 11]);
        assert_eq!(values(&source, 2..3), [11]);
        let larger = Picture::from_rgb8(8, 4, &[0; 96]).unwrap();
        save(folder.path().join("f12.png"), &larger, &SaveOptions::default()).unwrap();
        let source = Source::open(folder.path(), [12, 1]).unwrap();
        assert!(matches!(source.frames(3..4).unwrap().next(), Some(Err(Error::Sizes(6, 4, 8, 4)))));

        let path = folder.path().join("clip.gif");
        let frames = [(50, 4), (90, 7)];
        save_gif(&path, false, "", &mut frames.iter().map(|&(value, time)| Ok((gray(value), time)))).unwrap();
        let source = Source::open(&path, [25, 1]).unwrap();
        assert_eq!((&source.clip().times[..], source.clip().end), (&[0, 4][..], 11));
        assert_eq!(values(&source, 0..2), [50, 90]);
        assert_eq!(values(&source, 1..2), [90]);
    }
}
