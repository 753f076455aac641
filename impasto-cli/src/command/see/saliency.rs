//! `impasto see saliency`: how much every pixel matters.

use super::asked::{Asked, AskedArguments};
use super::rule::Rule;
use super::shown::ShownArguments;
use super::units::{described, spelt};
use super::written::{WrittenArguments, picture};
use crate::arguments::{NetworkArguments, describe};
use crate::record;
use crate::report::{self, Outcome};
use clap::{Args, ValueEnum};
use impasto::see::saliency::saliency;
use impasto::see::sheet::sheet;
use impasto::see::show;
use impasto_image::Picture;
use serde_json::json;

/// Show how much every pixel matters to a class or a unit
///
/// The derivative of a class's score before the softmax (Simonyan et al. 2013), or of a unit of any layer, by the photo's
/// pixels. Side by side: the photo, the size of the derivative (largest of red, green and blue), its positive part, its
/// negative part, and the size over the photo. Every picture is stretched for itself.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    shown: ShownArguments,

    #[command(flatten)]
    asked: AskedArguments,

    /// How the way back passes ReLUs
    #[arg(long, value_name = "RULE", default_value = "gradient")]
    rule: Rule,

    /// Average over N copies of the photo with noise (SmoothGrad, Smilkov et al. 2017); 0 for the photo itself
    #[arg(long, value_name = "N", default_value_t = 0)]
    smooth: usize,

    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Write one picture instead of all side by side
    #[arg(long, value_name = "VIEW", default_value = "all")]
    view: View,

    #[command(flatten)]
    written: WrittenArguments,

    #[command(flatten)]
    network: NetworkArguments,
}

/// How derivatives are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum View {
    /// Photo, size, positive part, negative part, size over the photo
    All,
    /// Largest size of red, green and blue, in colours that the colour-blind can tell apart
    Magnitude,
    /// What is above zero
    Positive,
    /// What is below zero
    Negative,
    /// Signed, around grey
    Signed,
    /// Size over the photo
    Overlay,
}

const EXAMPLES: &str = "\
Examples:
  impasto see saliency photo.jpg -o saliency.png
  impasto see saliency photo.jpg --class tabby --smooth 25 -o saliency.png
  impasto see saliency photo.jpg --layer relu4_2 --plane 126 --rule guided -o unit.png";

/// Writes the picture.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let written = &arguments.written;
    arguments.asked.check()?;
    let destination = written.resolve(&[&arguments.shown.photo])?;
    let network = arguments.network.resolve(arguments.asked.network());
    let layer = arguments.asked.layer();
    let shown = arguments.shown.show(&network, layer)?;
    let size = shown.size();
    let mut eye = arguments.asked.eye(&shown)?;
    let Asked { unit, name } = arguments.asked.resolve(&shown.model, &eye)?;
    let noise = (arguments.smooth, arguments.seed);
    let gradient = saliency(&mut eye, &shown.picture, unit, arguments.rule.into(), noise);

    let views = match arguments.view {
        View::All => &[View::Magnitude, View::Positive, View::Negative, View::Overlay][..],
        ref one => std::slice::from_ref(one),
    };
    let mut tiles: Vec<Picture> = Vec::new();
    if arguments.view == View::All {
        tiles.push(shown.picture.clone());
    }
    for view in views {
        tiles.push(picture(drawn(*view, &gradient, &shown.picture), size)?);
    }
    let result = match &mut tiles[..] {
        [one] => one.clone(),
        _ => sheet(&[tiles])?,
    };
    destination.check_size((result.width(), result.height()))?;
    destination.save(&result, record::of_command().to_string())?;
    let rule = Rule::name(arguments.rule.into());
    let remarks = [("network", describe(&network)), ("rule", rule.into())];
    written.save_raw(&[("saliency".into(), gradient.clone())], size, &remarks)?;
    let (least, most) = show::range(&gradient);
    if written.json {
        let mut object = described(&eye, unit, size);
        object["class"] = json!(name.as_ref().map(|_| unit.plane));
        object["name"] = json!(name);
        object["score"] = json!(name.as_ref().map(|_| eye.value(unit)));
        object["network"] = json!(describe(&network));
        object["rule"] = json!(rule);
        object["range"] = json!([least, most]);
        object["width"] = json!(size.1);
        object["height"] = json!(size.0);
        report::json(&object)?;
    }
    let what = match name {
        Some(name) => format!("{name} (class {}), score {}", unit.plane, report::number(eye.value(unit))),
        None => spelt(&eye, unit, size),
    };
    report::note(format_args!(
        "saved {}: {what}; values from {} to {}",
        destination.path().display(),
        report::number(least.into()),
        report::number(most.into())
    ));
    Ok(Outcome::Done)
}

/// A gradient in one of the ways to show it.
fn drawn(view: View, gradient: &[f32], photo: &Picture) -> Vec<f32> {
    let full = show::full_contrast(gradient);
    let magnitude = show::magnitude(gradient);
    match view {
        View::Positive => show::positive(gradient, full),
        View::Negative => show::negative(gradient, full),
        View::Signed => show::signed(gradient, full),
        View::Overlay => show::overlaid(&magnitude, show::full_contrast(&magnitude), photo.rgb()),
        View::Magnitude | View::All => show::coloured(&magnitude, show::full_contrast(&magnitude)),
    }
}
