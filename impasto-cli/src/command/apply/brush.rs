//! What paints: styles of a generator, or paintings that the network for any style has looked at.

use crate::failure::Failure;
use crate::input::Input;
use anyhow::Context;
use impasto::apply::{AnyStyle, Painter};
use impasto_image::Picture;
use impasto_net::{Generator, Model, NetError, Plan, Purpose, generator, onnx};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Sides of pictures that other programs' networks paint at exactly their size.
const MULTIPLE: usize = 4;

/// The built-in generator.
pub const BUILT_IN: &str = "styles";

/// What paints.
pub enum Brush {
    /// Styles of a generator with their shares, and its file unless it is built in.
    Generator { generator: Generator, blend: Vec<f32>, file: Option<PathBuf> },
    /// A network of another program, and its file.
    Foreign { model: Arc<Model>, file: PathBuf },
    /// Paintings that the network for any style has looked at, and their files.
    Any { style: Box<AnyStyle>, paintings: Vec<PathBuf> },
}

impl Brush {
    /// The style of this name of any generator that is built in, textures and enlarging among them.
    pub fn of_built_in(style: &str) -> anyhow::Result<Option<Brush>> {
        for name in generator::BUILT_IN {
            if let Some(at) = built_in_styles(name)?.iter().position(|known| known == style) {
                let generator = Generator::built_in(name)?;
                return Ok(Some(Brush::Generator { blend: generator.alone(at), generator, file: None }));
            }
        }
        Ok(None)
    }

    /// One style: a built-in one's name, a generator's `FILE` or `FILE:NAME`, or a painting.
    pub fn of_style(style: &str, models: Option<&Path>) -> anyhow::Result<Brush> {
        Brush::of(&[(style.to_owned(), 1.0)], models)
    }

    /// Styles with their shares, `STYLE:SHARE,…`.
    pub fn of_blend(text: &str, models: Option<&Path>) -> anyhow::Result<Brush> {
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
        Brush::of(&styles, models)
    }

    fn of(styles: &[(String, f32)], models: Option<&Path>) -> anyhow::Result<Brush> {
        let built_in = built_in_styles(BUILT_IN)?;
        if styles.iter().all(|(style, _)| built_in.contains(style)) {
            let generator = Generator::built_in(BUILT_IN)?;
            let blend = blend(&generator, styles)?;
            return Ok(Brush::Generator { generator, blend, file: None });
        }
        let files = styles.iter().map(|(style, share)| {
            let (path, name) = generator_file(style)?;
            Some(FromFile { path, name, share: *share })
        });
        if let Some(files) = files.collect::<Option<Vec<_>>>() {
            return Brush::of_files(&files);
        }
        let mut paintings = Vec::new();
        for (style, share) in styles {
            let path = Path::new(style);
            if !path.exists() {
                let failure =
                    Failure::usage(format_args!("there is no style {style:?}, and no file of that name"));
                return Err(failure
                    .hint(format_args!("name one of {}, or a painting", built_in.join(", ")))
                    .into());
            }
            paintings.push((Input::open(path)?, *share));
        }
        let seen: Vec<(&Picture, f32)> =
            paintings.iter().map(|(input, share)| (&input.picture, *share)).collect();
        let style = Box::new(AnyStyle::new(models, &seen)?);
        let paintings = paintings.into_iter().map(|(input, _)| input.path).collect();
        Ok(Brush::Any { style, paintings })
    }

    /// Styles of one generator's file.
    fn of_files(styles: &[FromFile]) -> anyhow::Result<Brush> {
        let FromFile { path, name, .. } = &styles[0];
        if let Some(other) = styles.iter().find(|style| style.path != *path) {
            let (one, other) = (path.display(), other.path.display());
            let failure = Failure::usage(format_args!("styles of {one} and of {other} cannot be blended"));
            return Err(failure.hint("blend styles of one generator").into());
        }
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx")) {
            if styles.len() > 1 {
                let failure = Failure::usage(format_args!("styles of {} cannot be blended", path.display()));
                return Err(failure.hint("name one of them as --style").into());
            }
            let model = foreign(path, name.as_deref())?;
            return Ok(Brush::Foreign { model, file: path.clone() });
        }
        let generator = Generator::open(path)?;
        let named: Option<Vec<(String, f32)>> =
            styles.iter().map(|style| Some((style.name.clone()?, style.share))).collect();
        let blend = match &named {
            Some(named) => blend(&generator, named)?,
            None if generator.painted().count() == 1 => generator.alone(0),
            None => {
                let (path, names) = (path.display(), generator.painted().collect::<Vec<_>>().join(", "));
                let failure = Failure::usage(format_args!("{path} holds several styles"));
                return Err(failure.hint(format_args!("name one of {names} as {path}:NAME")).into());
            }
        };
        Ok(Brush::Generator { generator, blend, file: Some(path.clone()) })
    }

    /// Files it is made of, which must not be overwritten.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let (file, paintings) = match self {
            Brush::Generator { file, .. } => (file.as_ref(), &[][..]),
            Brush::Foreign { file, .. } => (Some(file), &[][..]),
            Brush::Any { paintings, .. } => (None, &paintings[..]),
        };
        file.into_iter().chain(paintings).map(PathBuf::as_path)
    }

    /// What paints `photo` at a strength.
    pub fn painter(&self, photo: &Picture, strength: f32) -> anyhow::Result<Painter> {
        Ok(match self {
            Brush::Generator { generator, blend, .. } => Painter::new(generator, blend, strength)?,
            Brush::Foreign { model, .. } => Painter::of_models(model.clone(), None, MULTIPLE, strength),
            Brush::Any { style, .. } => style.painter(photo, strength)?,
        })
    }

    /// The network that paints, where it is one and the same for all photographs.
    pub fn model(&self) -> anyhow::Result<Option<Arc<Model>>> {
        Ok(match self {
            Brush::Generator { generator, blend, .. } => Some(generator.model(blend)?),
            Brush::Foreign { model, .. } => Some(model.clone()),
            Brush::Any { .. } => None,
        })
    }
}

/// Styles of a built-in generator; none if the program was built without, which still takes files.
pub fn built_in_styles(name: &str) -> anyhow::Result<Vec<String>> {
    Ok(match Generator::built_in_styles(name) {
        Err(NetError::NotEmbedded { .. }) => Vec::new(),
        found => found?,
    })
}

/// A style of a generator's file, with its share.
struct FromFile {
    path: PathBuf,
    name: Option<String>,
    share: f32,
}

/// The network of an ONNX file, set to style number `style` if it holds several.
fn foreign(path: &Path, style: Option<&str>) -> anyhow::Result<Arc<Model>> {
    let several = onnx::style_input(path)?;
    let weights = match (&several, style) {
        (None, _) => None,
        (Some(input), style) => {
            let number =
                style.and_then(|style| style.parse::<usize>().ok()).filter(|&number| number < input.len);
            let number = number.with_context(|| {
                Failure::usage(format_args!("{} holds {} styles", path.display(), input.len))
                    .hint(format_args!("choose one as {}:NUMBER, from 0 on", path.display()))
            })?;
            let mut weights = vec![0.0; input.len];
            weights[number] = 1.0;
            Some(weights)
        }
    };
    let read = |white: f32| -> anyhow::Result<Arc<Model>> {
        let options = onnx::Options { white, output_white: white, style: weights.as_deref() };
        let onnx::Imported { mut network, weights, output } = onnx::import(path, options)?;
        let last = network.require(&output)?;
        network.layers.truncate(last + 1);
        Ok(Model::new(network, weights, None)?)
    };
    // The file does not say what white is. A network for values up to 255 gives such, whatever it is shown.
    let model = read(1.0)?;
    Ok(if largest(&model)? > 4.0 { read(255.0)? } else { model })
}

/// The largest value that a network makes of a picture with all shades.
fn largest(model: &Arc<Model>) -> anyhow::Result<f32> {
    const SIDE: usize = 64;
    let rgb: Vec<f32> = (0..3 * SIDE * SIDE).map(|i| (i * 37 % 256) as f32 / 255.0).collect();
    let mut plan = Plan::of_last(model, SIDE, SIDE, Purpose::Forward)?;
    plan.forward(&rgb);
    Ok(plan.tap(0).data.iter().fold(0.0, |most: f32, value| most.max(value.abs())))
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
