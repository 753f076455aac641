//! `impasto models`: the networks, where they are from, and their layers.

mod generators;

use crate::arguments::{ModelsArguments, NetworkArguments};
use crate::input::sha256_of;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto::Network;
use impasto_net::model::NAMES;
use impasto_net::network::{InputConvention, Variant};
use impasto_net::{Model, NetError, weights};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// List the networks and where they are from, or the layers of one
///
/// The receptive field is the side of the square of the picture that a position of the layer's map depends on, the stride
/// the distance in the picture between neighbouring positions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Network whose layers to list: a name, or a file with your own; `styles` lists the generators that are built in
    #[arg(value_name = "NAME|FILE")]
    name: Option<PathBuf>,

    /// List the network's classes with their numbers instead
    #[arg(long, requires = "name")]
    classes: bool,

    /// Write JSON instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    models: ModelsArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto models
  impasto models vgg19
  impasto models styles
  impasto models squeezenet --classes";

/// Lists networks or layers.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (json, text) = match &arguments.name {
        Some(name) if arguments.classes => classes(arguments, name)?,
        Some(name) if name == Path::new(generators::NAME) => generators::list()?,
        Some(name) => layers(arguments, name)?,
        None => list(arguments)?,
    };
    if arguments.json {
        report::json(&json)?
    } else {
        report::result(&text)?
    }
    Ok(Outcome::Done)
}

/// All networks known by name.
fn list(arguments: &Arguments) -> anyhow::Result<(Value, String)> {
    let mut models = Vec::new();
    let mut text = String::new();
    for name in NAMES {
        let network = Network::Named { name: name.into(), models: arguments.models.folder() };
        let model = match network.load(Variant::default()) {
            Ok(model) => model,
            Err(impasto::Error::Net(NetError::NotEmbedded { .. })) => {
                let _ =
                    writeln!(text, "{name}\n  not built into this program; name its folder with --models\n");
                models.push(json!({ "name": name, "available": false }));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let (remarks, place, sha256) = match &arguments.models.folder() {
            Some(folder) => {
                let path = folder.join(format!("{name}.safetensors"));
                let remarks = weights::from_folder(folder, name).map_err(impasto::Error::from)?;
                (
                    remarks,
                    path.display().to_string(),
                    sha256_of(&path).with_context(|| format!("cannot read {}", path.display()))?,
                )
            }
            None => (weights::embedded(name).map_err(impasto::Error::from)?, "built in".into(), None),
        };
        let remarks: &BTreeMap<String, String> = remarks.metadata();
        let remark = |key: &str| remarks.get(key).map_or("unknown", String::as_str);
        let input = model.network().input;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{name}\n  place    {place}\n  layers   {}\n  input    {}\n  source   {}\n  licence  {}\n  by       {}\n  sha256   {} (of the source)\n\n",
            model.layers().len() - 1,
            describe(&input),
            remark("source"),
            remark("licence"),
            remark("attribution"),
            remark("source_sha256"),
        );
        models.push(json!({
            "name": name,
            "available": true,
            "place": place,
            "sha256": sha256,
            "layers": model.layers().len() - 1,
            "classes": model.classes().map(<[String]>::len),
            "input": convention(&input),
            "source": remarks.get("source"),
            "source_sha256": remarks.get("source_sha256"),
            "licence": remarks.get("licence"),
            "attribution": remarks.get("attribution"),
            "changes": remarks.get("changes"),
        }));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok((models.into(), text))
}

/// One network.
fn load(arguments: &Arguments, name: &Path) -> anyhow::Result<Arc<Model>> {
    let choice = NetworkArguments { net: Some(name.to_owned()), models: arguments.models.clone() };
    let model = choice.resolve("vgg19").load(Variant::default());
    model.with_context(|| format!("cannot show the network {}", name.display()))
}

/// Every class of one network.
fn classes(arguments: &Arguments, name: &Path) -> anyhow::Result<(Value, String)> {
    let model = load(arguments, name)?;
    let Some(classes) = model.classes() else {
        return Err(impasto::Error::NotAClassifier { network: model.name().into() }.into());
    };
    let text = classes.iter().enumerate().map(|(number, name)| format!("{number:4}  {name}\n")).collect();
    Ok((json!(classes), text))
}

/// Every layer of one network.
fn layers(arguments: &Arguments, name: &Path) -> anyhow::Result<(Value, String)> {
    let model = load(arguments, name)?;
    let network = model.network();
    let channels = network.channels();
    let mut text = format!("{}: {}\n", network.name, describe(&network.input));
    let _ = writeln!(text, "{:24} {:>8} {:>6} {:>15}", "layer", "channels", "stride", "receptive field");
    let mut layers = Vec::new();
    for (index, (layer, channels)) in network.layers.iter().zip(channels).enumerate() {
        let field = network.field_side(index).map(|side| (network.stride(index), side));
        let (stride, side) = match field {
            Some((stride, side)) => (stride.to_string(), side.to_string()),
            None => ("-".into(), "all".into()),
        };
        let _ = writeln!(text, "{:24} {channels:8} {stride:>6} {side:>15}", layer.name);
        layers.push(json!({
            "name": layer.name,
            "channels": channels,
            "stride": field.map(|(stride, _)| stride),
            "receptive_field": field.map(|(_, side)| side),
        }));
    }
    let input = convention(&network.input);
    Ok((json!({ "name": network.name, "input": input, "layers": layers }), text))
}

fn convention(input: &InputConvention) -> Value {
    // Through text, so that 103.939 does not become 103.93900299072266.
    let decimal = |values: [f32; 3]| values.map(|value| value.to_string().parse::<f64>().unwrap_or(0.0));
    json!({
        "channels": if input.bgr { "BGR" } else { "RGB" },
        "white": input.scale,
        "mean": decimal(input.mean),
        "std": decimal(input.std),
    })
}

fn describe(input: &InputConvention) -> String {
    let order = if input.bgr { "blue, green, red" } else { "red, green, blue" };
    let deviation = if input.std == [1.0; 3] { String::new() } else { format!(", over {:?}", input.std) };
    format!("{order} from 0 to {}, less {:?}{deviation}", input.scale, input.mean)
}
