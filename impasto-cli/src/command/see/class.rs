//! `impasto see class`: pictures that raise the score of a class or the value of a unit.

use super::ascent::AscentArguments;
use super::written::WrittenArguments;
use crate::arguments::{NetworkArguments, count, describe};
use crate::failure::Failure;
use crate::interrupt;
use crate::memory::{self, Pass};
use crate::progress::Steps;
use crate::record;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::measure::{self, Class};
use impasto::see::class::class_number;
use impasto::see::class_image::{Settings, Step, class_image};
use impasto::see::sheet::sheet;
use impasto::see::{Eye, Place, Unit};
use impasto::{Error, Network};
use impasto_image::Picture;
use impasto_net::network::{Variant, squeezenet::INPUT_SIDE};
use impasto_net::{Model, Purpose};
use serde_json::json;
use std::ops::ControlFlow;

/// Side of the square that VGG was trained on, pixels.
const VGG_SIDE: usize = 224;

/// Make a picture that a network takes for a class, or that excites a unit
///
/// From noise, the class's score before the softmax is raised step by step (Simonyan et al. 2013); with --layer, the value of
/// a unit in the middle of a plane. The probability told in the end is that of the picture as it is saved. Several pictures
/// make a sheet. Ctrl-C saves what there is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(mut_arg("raw", |raw| raw.help("Write the pictures' values in [0, 1] too: safetensors with planeK, [3, height, width]")))]
pub struct Arguments {
    /// Classes, by number or name, separated by commas; `impasto models squeezenet --classes` lists them
    #[arg(
        value_name = "N|NAME,…",
        value_delimiter = ',',
        required_unless_present = "layer",
        conflicts_with = "layer"
    )]
    classes: Vec<String>,

    /// Layer of the units to excite, instead of classes
    #[arg(long, value_name = "NAME", requires = "plane")]
    layer: Option<String>,

    /// Planes of that layer, separated by commas
    #[arg(long, value_name = "K,…", value_delimiter = ',', requires = "layer")]
    plane: Vec<usize>,

    /// Raise the whole plane's sum instead of its middle
    #[arg(long, requires = "layer")]
    sum: bool,

    /// Side of the picture in pixels [default: 227 for squeezenet, 224 for others]
    #[arg(long, value_name = "PIXELS", value_parser = count, allow_negative_numbers = true)]
    size: Option<usize>,

    #[command(flatten)]
    ascent: AscentArguments,

    #[command(flatten)]
    written: WrittenArguments,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see class goldfish -o goldfish.png
  impasto see class tabby,flamingo,daisy --seed 3 -o three.png
  impasto see class 1 --preset yosinski2015 -o goldfish.png
  impasto see class 1 --preset yosinski2015 --iterations 500 --decay 0 --blur 0.5 --norm-percentile 50 -o goldfish.png
  impasto see class 1 --preset yosinski2015 --iterations 750 --decay 0.3 --blur-every 0 --norm-percentile 20 -o goldfish.png
  impasto see class 1 --preset yosinski2015 --iterations 500 --decay 0 --blur 0.5 --contribution-percentile 90 -o goldfish.png
  impasto see class --layer relu4_1 --plane 12 -o unit.png";

/// Writes the picture.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let written = &arguments.written;
    let destination = written.resolve(&[])?;
    let network = arguments.network.resolve(if arguments.layer.is_some() { "vgg19" } else { "squeezenet" });
    let model = network.load(Variant::default())?;
    let layer = arguments.layer.as_deref().unwrap_or("logits");
    let is_squeezenet = model.name() == "squeezenet";
    let side = arguments.size.unwrap_or(if is_squeezenet { INPUT_SIDE } else { VGG_SIDE });
    let planes = match &arguments.layer {
        Some(_) => arguments.plane.clone(),
        None => arguments.classes.iter().map(|name| class_number(&model, name)).collect::<Result<_, _>>()?,
    };
    let (taps, size) = ([layer.to_owned()], (side, side));
    let pass = Pass { what: "the picture", flag: "--size", size, taps: &taps, purpose: Purpose::Gradient };
    memory::check(&[pass], || Ok(model.clone()))?;

    let mut eye = Eye::quick(&model, layer, size)?;
    let [rows, columns, _] = eye.shape();
    let place = if arguments.sum { Place::Sum } else { Place::At(rows / 2, columns / 2) };
    let units: Vec<Unit> = planes.iter().map(|&plane| Unit { plane, place }).collect();
    units.iter().try_for_each(|&unit| eye.require(unit))?;
    let settings = arguments.ascent.settings();
    interrupt::stop_gently();

    let (mut pictures, mut arrays, mut descriptions) = (Vec::new(), Vec::new(), Vec::new());
    for unit in units {
        let name = called(&model, layer, unit.plane);
        let picture = ascend(&mut eye, unit, &settings, arguments.ascent.seed, &name)?;
        if written.raw.is_some() {
            arrays.push((format!("plane{}", unit.plane), picture.rgb().to_vec()));
        }
        let saved = Picture::from_rgb8(side, side, &picture.to_rgb8())?;
        eye.look(saved.rgb());
        let value = eye.value(unit);
        let class = if layer == "logits" { classified(&saved, &network, unit.plane)? } else { None };
        let number = report::number(value);
        match &class {
            Some(Class { probability, .. }) => {
                report::note(format_args!("{name}: score {number}, {:.1} %", 100.0 * probability));
            }
            None => report::note(format_args!("{name}: value {number}")),
        }
        descriptions.push(json!({
            "layer": layer,
            "plane": unit.plane,
            "class": class.as_ref().map(|class| class.index),
            "name": class.as_ref().map(|class| &class.name),
            "score": value,
            "probability": class.as_ref().map(|class| class.probability),
        }));
        pictures.push(picture);
        if interrupt::requested() {
            break;
        }
    }
    let across = (pictures.len() as f64).sqrt().ceil() as usize;
    let result = match &pictures[..] {
        [one] => one.clone(),
        several => sheet(&several.chunks(across).map(<[Picture]>::to_vec).collect::<Vec<_>>())?,
    };
    destination.check_size((result.width(), result.height()))?;
    destination.save(&result, record::of_command().to_string())?;
    let preset = arguments.ascent.name();
    written.save_raw(&arrays, size, &[("network", describe(&network)), ("preset", preset.clone())])?;
    if written.json {
        report::json(&json!({
            "network": describe(&network),
            "preset": preset,
            "seed": arguments.ascent.seed,
            "width": side,
            "height": side,
            "pictures": descriptions,
        }))?;
    }
    let outcome = if interrupt::requested() { Outcome::Interrupted } else { Outcome::Done };
    let how = if outcome == Outcome::Interrupted { "interrupted; " } else { "" };
    report::note(format_args!("{how}saved {}", destination.path().display()));
    Ok(outcome)
}

/// Makes one picture and tells sparsely how it goes.
fn ascend(eye: &mut Eye, unit: Unit, settings: &Settings, seed: u64, name: &str) -> anyhow::Result<Picture> {
    let mut steps = Steps::new(settings.iterations);
    let mut watch = |step: Step| {
        steps.next(format_args!("{name}, value {}", report::number(step.value)));
        if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let picture = class_image(eye, unit, settings, seed, &mut watch);
    steps.finish();
    picture.map_err(|error| match error {
        // The general hint speaks of weights, which there are none of here.
        error @ Error::NotFinite { .. } => Failure::job(error).hint("use a smaller --rate").into(),
        error => error.into(),
    })
}

/// What to call a plane of a layer.
fn called(model: &Model, layer: &str, plane: usize) -> String {
    match model.classes().filter(|_| layer == "logits").and_then(|names| names.get(plane)) {
        Some(name) => format!("{name} (class {plane})"),
        None => format!("{layer} plane {plane}"),
    }
}

/// What `impasto classify` says of class `number`; nothing if the network has no classes.
fn classified(picture: &Picture, network: &Network, number: usize) -> Result<Option<Class>, Error> {
    match measure::classify(picture, network, usize::MAX) {
        Ok(classes) => Ok(classes.into_iter().find(|class| class.index == number)),
        Err(Error::NotAClassifier { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
