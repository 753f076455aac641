//! `impasto see guided` and `impasto see deconv`: back-projections of units.

use super::rule::Rule;
use super::shown::ShownArguments;
use super::units::{UnitArguments, described, spelt};
use super::written::{WrittenArguments, picture};
use crate::arguments::{NetworkArguments, count, describe};
use crate::record;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::see::sheet::{crop, fitted, sheet};
use impasto::see::{Eye, Unit, show};
use impasto_net::ReluRule;
use serde_json::json;

/// Project units of a layer back to the pixels
///
/// Beside each back-projection is the photo's part that the unit sees, its receptive field, cut off at the photo's border.
/// `guided` lets pass what is positive on both ways (Springenberg et al. 2014), `deconv` what is positive on the way back
/// (Zeiler & Fergus 2013); maxima are put back to where they were, all other units are left out. Zero is grey, and every
/// picture is stretched for itself: its real range is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    shown: ShownArguments,

    /// Layer of the units; `impasto models vgg19` lists them
    #[arg(long, value_name = "NAME", required = true)]
    layer: String,

    #[command(flatten)]
    units: UnitArguments,

    /// Project all units at once, to one picture
    #[arg(long)]
    together: bool,

    /// Show the whole photo instead of what the unit sees
    #[arg(long)]
    whole: bool,

    /// Long side of each picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 256, value_parser = count, allow_negative_numbers = true)]
    tile: usize,

    #[command(flatten)]
    written: WrittenArguments,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see guided photo.jpg --layer relu4_2 --top 9 -o guided.png
  impasto see deconv photo.jpg --layer relu3_3 --plane 17 --at 20,31 -o deconv.png
  impasto see guided photo.jpg --layer relu5_1 --plane 8 --sum --raw values.safetensors -o sum.png";

/// Writes the picture.
pub fn run(arguments: &Arguments, rule: ReluRule) -> anyhow::Result<Outcome> {
    let written = &arguments.written;
    let destination = written.resolve(&[&arguments.shown.photo])?;
    let network = arguments.network.resolve("vgg19");
    let shown = arguments.shown.show(&network, &arguments.layer)?;
    let size = shown.size();
    let mut eye = Eye::new(&shown.model, &arguments.layer, size)?;
    eye.look(shown.picture.rgb());
    let units = arguments.units.resolve(&eye)?;
    let groups: Vec<&[Unit]> = match arguments.together {
        true => vec![&units[..]],
        false => units.chunks(1).collect(),
    };

    let (mut rows, mut arrays, mut descriptions) = (Vec::new(), Vec::new(), Vec::new());
    for group in groups {
        let values = eye.project(rule, group);
        let (least, most) = show::range(&values);
        let part = match group {
            [unit] if !arguments.whole => eye.field(*unit).clipped(size),
            _ => (0..size.0, 0..size.1),
        };
        let drawn = picture(show::signed(&values, show::full_contrast(&values)), size)?;
        let tile = |rgb: &[f32]| fitted(&crop(rgb, size.1, part.clone())?, arguments.tile);
        rows.push(vec![tile(drawn.rgb())?, tile(shown.picture.rgb())?]);
        for unit in group {
            report::note(format_args!(
                "{}; values from {} to {}",
                spelt(&eye, *unit, size),
                report::number(least.into()),
                report::number(most.into())
            ));
        }
        let name = match group {
            [unit] => format!("plane{}", unit.plane),
            _ => "together".into(),
        };
        let mut units: Vec<_> = group.iter().map(|unit| described(&eye, *unit, size)).collect();
        units.iter_mut().for_each(|unit| unit["range"] = json!([least, most]));
        descriptions.extend(units);
        if written.raw.is_some() {
            arrays.push((name, values));
        }
    }
    // As near a square as whole rows of pairs make it.
    let across = (rows.len() as f64 / 2.0).sqrt().ceil() as usize;
    let rows: Vec<_> = rows.chunks(across).map(|pairs| pairs.concat()).collect();
    let result = sheet(&rows)?;
    destination.check_size((result.width(), result.height()))?;
    destination.save(&result, record::of_command().to_string())?;
    let remarks = [("network", describe(&network)), ("rule", Rule::name(rule).into())];
    written.save_raw(&arrays, size, &remarks)?;
    if written.json {
        report::json(&json!({
            "network": describe(&network),
            "rule": Rule::name(rule),
            "width": size.1,
            "height": size.0,
            "units": descriptions,
        }))?;
    }
    report::note(format_args!("saved {}", destination.path().display()));
    Ok(Outcome::Done)
}
