//! What paints: styles of a generator, or paintings that the network for any style has looked at.

use crate::failure::Failure;
use crate::input::{FileRecord, Input};
use anyhow::Context;
use impasto::apply::Painter;
use impasto_image::Picture;
use impasto_net::Generator;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What paints.
pub enum Brush {
    /// Styles of a generator with their shares, and its file unless it is built in.
    Generator { generator: Generator, blend: Vec<f32>, file: Option<FileRecord> },
    /// Paintings with their shares.
    Any(Vec<(Input, f32)>),
}

impl Brush {
    /// One style: a built-in one's name, a generator's `FILE` or `FILE:NAME`, or a painting.
    pub fn of_style(style: &str) -> anyhow::Result<Brush> {
        Brush::of(&[(style.to_owned(), 1.0)])
    }

    /// Styles with their shares, `STYLE:SHARE,…`.
    pub fn of_blend(text: &str) -> anyhow::Result<Brush> {
        let wrong = |part: &str| {
            let failure = Failure::usage(format_args!("--blend: {part:?} is not of the form STYLE:SHARE"));
            failure.hint("write such as cafe-terrace:0.6,church-at-auvers:0.4")
        };
        let mut styles = Vec::new();
        for part in text.split(',') {
            let (style, share) = part.rsplit_once(':').ok_or_else(|| wrong(part))?;
            let share: f32 = share.trim().parse().map_err(|_| wrong(part))?;
            if !(share.is_finite() && share > 0.0) {
                return Err(wrong(part).into());
            }
            styles.push((style.trim().to_owned(), share));
        }
        Brush::of(&styles)
    }

    fn of(styles: &[(String, f32)]) -> anyhow::Result<Brush> {
        let built_in = Generator::built_in_styles();
        if styles.iter().all(|(style, _)| built_in.contains(style)) {
            let generator = Generator::built_in("styles")?;
            let blend = blend(&generator, styles)?;
            return Ok(Brush::Generator { generator, blend, file: None });
        }
        if let [(style, share)] = styles
            && let Some((path, name)) = generator_file(style)
        {
            let generator = Generator::open(&path)?;
            let named = name.map(|name| vec![(name, *share)]);
            let blend = match &named {
                Some(named) => blend(&generator, named)?,
                None if generator.painted().count() == 1 => generator.alone(0),
                None => {
                    let names: Vec<&str> = generator.painted().collect();
                    let failure = Failure::usage(format_args!("{} holds several styles", path.display()));
                    return Err(failure.hint(format_args!("name one of {} as {style}:NAME", names.join(", "))).into());
                }
            };
            return Ok(Brush::Generator { generator, blend, file: Some(FileRecord::of(&path)?) });
        }
        let mut paintings = Vec::new();
        for (style, share) in styles {
            let path = Path::new(style);
            if !path.exists() {
                let failure = Failure::usage(format_args!("there is no style {style:?}, and no file of that name"));
                return Err(failure.hint(format_args!("name one of {}, or a painting", built_in.join(", "))).into());
            }
            paintings.push((Input::open(path)?, *share));
        }
        Ok(Brush::Any(paintings))
    }

    /// Files it is made of, which must not be overwritten.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let (file, paintings) = match self {
            Brush::Generator { file, .. } => (file.as_ref(), &[][..]),
            Brush::Any(paintings) => (None, &paintings[..]),
        };
        let file = file.map(|file| file.path.as_path());
        file.into_iter().chain(paintings.iter().map(|(input, _)| input.path.as_path()))
    }

    /// What paints `photo` at a strength.
    pub fn painter(&self, photo: &Picture, strength: f32) -> anyhow::Result<Painter> {
        Ok(match self {
            Brush::Generator { generator, blend, .. } => Painter::new(generator, blend, strength)?,
            Brush::Any(paintings) => {
                let paintings: Vec<(&Picture, f32)> =
                    paintings.iter().map(|(input, share)| (&input.picture, *share)).collect();
                Painter::any(&paintings, photo, strength)?
            }
        })
    }

    /// What records tell of it.
    pub fn describe(&self) -> Value {
        match self {
            Brush::Generator { generator, blend, file } => {
                let shares: Vec<Value> = generator
                    .styles()
                    .iter()
                    .zip(blend)
                    .filter(|(_, share)| **share != 0.0)
                    .map(|(style, share)| json!({ "style": style, "share": share }))
                    .collect();
                json!({ "generator": file, "shares": shares })
            }
            Brush::Any(paintings) => {
                let each = |(input, share): &(Input, f32)| json!({ "painting": input.file(), "share": share });
                json!({ "shares": paintings.iter().map(each).collect::<Vec<_>>() })
            }
        }
    }
}

/// One weight for every style of the generator.
fn blend(generator: &Generator, wanted: &[(String, f32)]) -> anyhow::Result<Vec<f32>> {
    let mut blend = vec![0.0; generator.styles().len()];
    for (name, share) in wanted {
        let at = generator.styles().iter().position(|style| style == name);
        let names: Vec<&str> = generator.painted().collect();
        let at = at.with_context(|| {
            Failure::usage(format_args!("the generator has no style {name:?}"))
                .hint(format_args!("name one of {}", names.join(", ")))
        })?;
        blend[at] += share;
    }
    Ok(blend)
}

/// The generator's file that `FILE` or `FILE:NAME` means, and the style's name.
fn generator_file(style: &str) -> Option<(PathBuf, Option<String>)> {
    let is_generator = |path: &Path| {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        ["safetensors", "pth", "pt", "onnx"].contains(&extension.as_str())
    };
    let whole = Path::new(style);
    if is_generator(whole) {
        return Some((whole.to_owned(), None));
    }
    let (file, name) = style.rsplit_once(':')?;
    is_generator(Path::new(file)).then(|| (PathBuf::from(file), Some(name.to_owned())))
}
