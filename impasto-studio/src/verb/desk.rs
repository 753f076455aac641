//! Where a command line is put together: pictures get readable names, flags their values.

use super::line::{Input, Keeps, Line};
use super::range::within;
use super::refused::Refused;
use super::words;
use crate::job::{Job, Lane};
use crate::options::Limits;
use crate::picture::{Kind, Picture};
use crate::store::key;
use std::collections::BTreeSet;
use std::fmt::Display;

/// A command line in the making.
pub struct Desk<'a> {
    line: Line,
    names: BTreeSet<String>,
    /// Pictures that the settings name, those that there are.
    pictures: &'a [Picture],
    /// Names of styles that networks have learnt.
    styles: &'a [String],
    /// The job whose state is gone on with.
    from: Option<&'a Job>,
    /// Bounds.
    pub limits: &'a Limits,
}

impl<'a> Desk<'a> {
    /// An empty desk.
    pub fn new(
        pictures: &'a [Picture],
        styles: &'a [String],
        from: Option<&'a Job>,
        limits: &'a Limits,
    ) -> Self {
        Desk { line: Line::default(), names: BTreeSet::new(), pictures, styles, from, limits }
    }

    /// What was put together.
    pub fn finish(self) -> Line {
        self.line
    }

    /// Adds words.
    pub fn words(&mut self, words: &[&str]) {
        self.line.args.extend(words.iter().map(|&word| word.to_owned()));
    }

    /// Adds a flag with its value, if there is one.
    pub fn flag(&mut self, flag: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line.args.extend([flag.to_owned(), value.to_string()]);
        }
    }

    /// Adds words that only the studio needs.
    pub fn extra(&mut self, words: &[&str]) {
        self.line.extra.extend(words.iter().map(|&word| word.to_owned()));
    }

    /// Says how long it takes.
    pub fn lane(&mut self, lane: Lane) {
        self.line.lane = lane;
    }

    /// Says how it goes on when it was interrupted.
    pub fn keeps(&mut self, keeps: Keeps) {
        self.line.keeps = keeps;
    }

    /// The job whose state is gone on with.
    pub fn from(&self) -> Option<&'a Job> {
        self.from
    }

    /// Adds a file that must be in the folder under just this name.
    pub fn input(&mut self, input: Input) {
        self.names.insert(input.name.clone());
        if !self.line.inputs.contains(&input) {
            self.line.inputs.push(input);
        }
    }

    /// The facts of a picture that a setting names.
    pub fn facts(&self, setting: &str, id: &str) -> Result<&'a Picture, Refused> {
        self.pictures.iter().find(|picture| picture.id == id).ok_or_else(|| {
            let shown: String = id.chars().take(40).collect();
            Refused::new(format_args!("{setting}: there is no picture {shown:?}")).hint("upload it first")
        })
    }

    /// The name, in the command's folder, of a picture that a setting names, or of its preview.
    pub fn picture(&mut self, setting: &str, id: &str, preview: bool) -> Result<String, Refused> {
        let picture = self.facts(setting, id)?;
        if picture.kind != Kind::Picture {
            return Err(Refused::new(format_args!("{setting}: {} is a clip", picture.name))
                .hint("name a picture here"));
        }
        Ok(if preview {
            self.place(key::preview(id), &format!("{}-preview", stem(&picture.name)), "jpg")
        } else {
            self.place(key::original(id), stem(&picture.name), &picture.format)
        })
    }

    /// The name, in the command's folder, of a clip that a setting names.
    pub fn clip(&mut self, setting: &str, id: &str) -> Result<String, Refused> {
        let clip = self.facts(setting, id)?;
        if clip.kind != Kind::Clip && clip.format != "gif" {
            return Err(
                Refused::new(format_args!("{setting}: {} is a picture", clip.name)).hint("name a clip here")
            );
        }
        Ok(self.place(key::original(id), stem(&clip.name), &clip.format))
    }

    /// What the setting `style` means: a network's name, or the name of a picture in the command's folder.
    pub fn style(&mut self, setting: &str, style: &str) -> Result<String, Refused> {
        if self.styles.iter().any(|name| name == style) {
            return Ok(style.to_owned());
        }
        if words::is_id(style) {
            return self.picture(setting, style, false);
        }
        let shown: String = style.chars().take(40).collect();
        let refused = Refused::new(format_args!("{setting}: there is no style {shown:?}"));
        Err(refused.hint(format_args!("name one of {}, or a picture by its id", self.styles.join(", "))))
    }

    /// Adds `--color`: `style`, `photo`, `luminance`, or `palette:` with colours or a picture's id.
    pub fn color(&mut self, color: Option<&str>) -> Result<(), Refused> {
        let Some(color) = color else { return Ok(()) };
        let value = match (color, color.split_once(':')) {
            ("style" | "photo" | "luminance", _) => color.to_owned(),
            (_, Some(("palette", id))) if words::is_id(id) => {
                format!("palette:{}", self.picture("color", id, false)?)
            }
            (_, Some(("palette", colors))) => format!("palette:{}", words::colors("color", colors)?),
            _ => {
                let refused = Refused::new("color is none of those there are");
                return Err(refused.hint("use style, photo, luminance or palette:#1b3a5f,navy"));
            }
        };
        self.flag("--color", Some(value));
        Ok(())
    }

    /// Adds `--size`, which may be 0 where `own` says so.
    pub fn size(&mut self, size: Option<u32>, own: bool) -> Result<(), Refused> {
        let checked = match size {
            Some(0) if own => size,
            _ => within("size", size, 16..=self.limits.side)?,
        };
        self.flag("--size", checked);
        Ok(())
    }

    /// Adds `--iterations`.
    pub fn iterations(&mut self, iterations: Option<u32>) -> Result<(), Refused> {
        let checked = within("iterations", iterations, 1..=self.limits.iterations)?;
        self.flag("--iterations", checked);
        Ok(())
    }

    /// Adds an input under a name like `stem.format` that no other file has, nor any output.
    fn place(&mut self, key: String, stem: &str, format: &str) -> String {
        if let Some(there) = self.line.inputs.iter().find(|input| input.key == key) {
            return there.name.clone();
        }
        let stem = readable(stem);
        let taken = |name: &String| self.names.contains(name) || name.starts_with("result");
        let mut name = format!("{stem}.{format}");
        let mut number = 2;
        while taken(&name) {
            name = format!("input-{stem}-{number}.{format}");
            number += 1;
        }
        self.input(Input { key, name: name.clone() });
        name
    }
}

/// A file's name without its extension.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A name without anything that a command line or a file system could misread.
fn readable(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = name.chars().map(plain).take(40).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "picture".into() } else { name.into() }
}
