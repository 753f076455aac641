//! `impasto models`: the networks, where they are from, and their layers.

use crate::arguments::{ModelsArguments, NetworkArguments};
use crate::input::sha256_of;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto::Network;
use impasto_net::model::NAMES;
use impasto_net::network::{self, InputConvention, Op, Variant};
use impasto_net::{Model, NetError, weights};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// List the networks and where they are from, or the layers of one
///
/// The receptive field is the side of the square of the picture that a position of the layer's map depends on, the stride
/// the distance in the picture between neighbouring positions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Network whose layers to list: a name, or a file with your own
    #[arg(value_name = "NAME|FILE")]
    name: Option<PathBuf>,

    /// Write JSON instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    models: ModelsArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto models
  impasto models vgg19";

/// Lists networks or layers.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (json, text) = match &arguments.name {
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

/// Every layer of one network.
fn layers(arguments: &Arguments, name: &std::path::Path) -> anyhow::Result<(Value, String)> {
    let choice = NetworkArguments { net: Some(name.to_owned()), models: arguments.models.clone() };
    let model: std::sync::Arc<Model> = choice
        .resolve("vgg19")
        .load(Variant::default())
        .with_context(|| format!("cannot show the network {}", name.display()))?;
    let network = model.network();
    let channels = network.channels();
    let fields = receptive_fields(network);
    let mut text = format!("{}: {}\n", network.name, describe(&network.input));
    let _ = writeln!(text, "{:24} {:>8} {:>6} {:>15}", "layer", "channels", "stride", "receptive field");
    let mut layers = Vec::new();
    for ((layer, channels), field) in network.layers.iter().zip(channels).zip(fields) {
        let (stride, side) = match field {
            Some(Field { stride, side }) => (stride.to_string(), side.to_string()),
            None => ("-".into(), "all".into()),
        };
        let _ = writeln!(text, "{:24} {channels:8} {stride:>6} {side:>15}", layer.name);
        layers.push(json!({
            "name": layer.name,
            "channels": channels,
            "stride": field.map(|field| field.stride),
            "receptive_field": field.map(|field| field.side),
        }));
    }
    let input = convention(&network.input);
    Ok((json!({ "name": network.name, "input": input, "layers": layers }), text))
}

/// What a position of a map depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    /// Distance in the picture between neighbouring positions.
    stride: usize,
    /// Side of the square of the picture that a position depends on.
    side: usize,
}

/// The receptive field of every layer; none where a position depends on the whole picture.
fn receptive_fields(network: &network::Network) -> Vec<Option<Field>> {
    let mut fields: Vec<Option<Field>> = Vec::with_capacity(network.layers.len());
    for layer in &network.layers {
        let widest = layer.inputs.iter().map(|&input| fields[input]).reduce(|one, other| {
            one.zip(other).map(|(a, b)| Field { stride: a.stride, side: a.side.max(b.side) })
        });
        let window = |kernel: usize, stride: usize| {
            widest.flatten().map(|field| Field {
                stride: field.stride * stride,
                side: field.side + (kernel - 1) * field.stride,
            })
        };
        fields.push(match layer.op {
            Op::Input => Some(Field { stride: 1, side: 1 }),
            Op::Convolution(convolution) => window(convolution.kernel, convolution.stride),
            Op::Pool(pool) => window(pool.window, pool.stride),
            Op::Relu | Op::Concat | Op::Add => widest.flatten(),
            Op::Upsample => widest.flatten().map(|field| Field { stride: field.stride.div_ceil(2), ..field }),
            Op::Mean | Op::InstanceNorm { .. } => None,
        });
    }
    fields
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receptive_fields_of_vgg_are_the_known_ones() {
        let vgg = network::vgg::vgg19(InputConvention::CAFFE, Variant::default());
        let fields = receptive_fields(&vgg);
        for (layer, stride, side) in
            [("conv1_1", 1, 3), ("pool1", 2, 6), ("relu4_2", 8, 84), ("conv5_1", 16, 156), ("pool5", 32, 268)]
        {
            let index = vgg.find(layer).expect(layer);
            assert_eq!(fields[index], Some(Field { stride, side }), "{layer}");
        }
    }
}
