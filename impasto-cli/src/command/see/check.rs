//! `impasto see check`: whether a method shows the network.

use super::asked::{Asked, AskedArguments};
use super::rule::Rule;
use super::shown::ShownArguments;
use super::written::{WrittenArguments, picture};
use crate::arguments::{NetworkArguments, count, describe};
use crate::record;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::see::check::{LayerStatistics, likeness, projections, randomised, statistics, trained_layers};
use impasto::see::sheet::{fitted, sheet};
use impasto::see::{atlas::RULES, show};
use impasto_image::Picture;
use serde_json::{Value, json};
use std::fmt::Write;

/// Check whether back-projections show the network or only the photo
///
/// The weights are replaced by random ones layer by layer, from the last on (Adebayo et al. 2018). A method whose picture
/// stays the same does not show what was learnt. One row a method (derivative, guided, deconvnet), one column a stage, the
/// trained network first. Told are the rank correlation of the pixels' sizes and the correlation of the signed values with
/// the trained network's, within what the unit sees; none where the unit is zero in a random network, so that no derivative
/// goes back from it (a deconvnet begins at it all the same). Then, for every layer: planes that are dead in this photo, and
/// how large filters are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    shown: ShownArguments,

    #[command(flatten)]
    asked: AskedArguments,

    /// Stages of randomisation to show, the last one with all weights random
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = count, allow_negative_numbers = true)]
    stages: usize,

    /// Seed of the random weights
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    #[command(flatten)]
    written: WrittenArguments,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see check photo.jpg -o check.png
  impasto see check photo.jpg --class tabby --stages 8 -o check.png
  impasto see check photo.jpg --layer relu4_2 --plane 126 -o check.png";

/// Long side of each picture.
const TILE: usize = 227;

/// Writes the sheet and tells the numbers.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let written = &arguments.written;
    arguments.asked.check()?;
    let destination = written.resolve(&[&arguments.shown.photo])?;
    let network = arguments.network.resolve(arguments.asked.network());
    let layer = arguments.asked.layer();
    let shown = arguments.shown.show(&network, layer)?;
    let size = shown.size();
    let seen = (shown.picture.rgb(), size);
    let mut eye = arguments.asked.eye(&shown)?;
    let Asked { unit, name } = arguments.asked.resolve(&shown.model, &eye)?;
    let trained_value = eye.value(unit);
    let trained = RULES.map(|rule| eye.project(rule, &[unit]));
    let field = eye.field(unit).clipped(size);
    drop(eye);

    let layers = trained_layers(&shown.model, layer)?;
    let mut rows: Vec<Vec<Picture>> = vec![vec![]; RULES.len()];
    let mut arrays = Vec::new();
    let mut stages: Vec<Value> = Vec::new();
    let mut silent = false;
    let mut table = format!("{:34}", "random weights from the end to");
    for rule in RULES {
        let _ = write!(table, "{:>16}", Rule::name(rule));
    }
    table.push('\n');
    let count = arguments.stages.min(layers.len());
    for stage in 0..=count {
        // As evenly as whole layers allow.
        let random = &layers[..layers.len() * stage / count.max(1)];
        let last = random.last().map_or("none", String::as_str);
        let (value, found) = match random {
            [] => (trained_value, trained.to_vec()),
            random => {
                let model = randomised(&shown.model, random, arguments.seed)?;
                projections(&model, layer, seen, unit, &RULES)?
            }
        };
        let mut numbers = serde_json::Map::new();
        let _ = write!(table, "{last:34}");
        for (row, ((values, trained), rule)) in
            rows.iter_mut().zip(found.into_iter().zip(&trained).zip(RULES))
        {
            let alike = likeness(&values, trained, size.1, &field);
            let (told, mut number) = match alike {
                Some((ranks, signed)) => (
                    format!("{ranks:.2} / {signed:.2}"),
                    json!({ "rank_correlation": ranks, "correlation": signed }),
                ),
                None => ("–".into(), json!({ "rank_correlation": null, "correlation": null })),
            };
            if alike.is_none() {
                silent = true;
                number["reason"] = json!(match trained.iter().any(|&v| v != 0.0) {
                    true => reason("this random network", value),
                    false => reason("the trained network", trained_value),
                });
            }
            let _ = write!(table, "{told:>16}");
            numbers.insert(Rule::name(rule).into(), number);
            let drawn = show::signed(&values, show::full_contrast(&values));
            row.push(fitted(&picture(drawn, size)?, TILE)?);
            if written.raw.is_some() {
                arrays.push((format!("{}.{last}", Rule::name(rule)), values));
            }
        }
        table.push('\n');
        stages.push(json!({ "random_layers": random, "value": value, "methods": numbers }));
    }
    let statistics = statistics(&shown.model, layer, seen)?;
    let result = sheet(&rows)?;
    destination.check_size((result.width(), result.height()))?;
    destination.save(&result, record::of_command().to_string())?;
    written.save_raw(&arrays, size, &[("network", describe(&network))])?;
    if written.json {
        report::json(&json!({
            "network": describe(&network),
            "layer": layer,
            "plane": unit.plane,
            "class": name,
            "stages": stages,
            "layers": statistics,
        }))?;
    } else {
        report::result(&format!(
            "{table}(rank correlation of sizes / correlation of values{})\n\n{}",
            if silent { "; –: the unit is zero in that network, so nothing comes back" } else { "" },
            told(&statistics)
        ))?;
    }
    report::note(format_args!("saved {}", destination.path().display()));
    Ok(Outcome::Done)
}

/// Why nothing comes back from a unit of that value.
fn reason(network: &str, value: f64) -> String {
    if value <= 0.0 {
        format!("the unit is inactive in {network}, so nothing goes back from it")
    } else {
        format!("nothing comes back from the unit in {network}")
    }
}

/// Planes and filters for people.
fn told(layers: &[LayerStatistics]) -> String {
    let mut text = format!(
        "{:24}{:>7}{:>6}{:>9}{:>11}{:>11}   filters, rms: least, middle, most\n",
        "layer", "planes", "dead", "active", "mean", "largest"
    );
    for layer in layers {
        let [least, middle, most] = layer.filters;
        let _ = writeln!(
            text,
            "{:24}{:>7}{:>6}{:>7.1} %{:>11}{:>11}   {least:.4} {middle:.4} {most:.4}",
            layer.layer,
            layer.planes,
            layer.dead.len(),
            100.0 * layer.active,
            report::number(layer.mean),
            report::number(layer.largest)
        );
    }
    text
}
