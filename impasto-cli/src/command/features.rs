//! `impasto features`: the maps of layers as arrays.

use crate::arguments::{NetworkArguments, describe, shown_at};
use crate::failure::Failure;
use crate::input::Input;
use crate::memory::{self, Pass};
use crate::output::check_file;
use crate::report::{self, Outcome};
use crate::tensors::{self, Tensor};
use clap::Args;
use impasto::{LayerWeight, measure};
use impasto_image::fit_long_side;
use impasto_net::Purpose;
use impasto_net::network::{Padding, Pooling, Variant};
use serde_json::json;
use std::path::PathBuf;

/// Write the maps of a network's layers as arrays
///
/// The file is safetensors: every layer's map as [channels, height, width] of f32, under the layer's name. The network is
/// the published one: maximum pooling and zeros beyond the border. `impasto models vgg19` lists the layers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Picture to show to the network
    #[arg(value_name = "IMAGE")]
    image: PathBuf,

    /// Layers, separated by commas
    #[arg(long, value_name = "NAME,…", required = true, value_delimiter = ',')]
    layers: Vec<String>,

    /// File to write
    #[arg(short, long, value_name = "FILE.safetensors")]
    output: PathBuf,

    /// Replace the output if it exists
    #[arg(long)]
    force: bool,

    /// Long side in pixels; 0 takes the picture as it is [default: 512; squeezenet: the centre square at 227]
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,

    /// Write names and shapes to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto features photo.jpg --layers relu1_1,relu4_2 -o maps.safetensors
  impasto features photo.png --layers conv5_1 --size 0 -o maps.safetensors
  impasto features photo.jpg --net squeezenet --layers fire9,logits -o maps.safetensors";

/// Writes the maps.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let layers = layers(&arguments.layers)?;
    let network = arguments.network.resolve("vgg19");
    check_file(&arguments.output, arguments.force, &[&arguments.image])?;
    let image = Input::open(&arguments.image)?;
    let (picture, size) = shown_at(image.picture, &network, arguments.size)?;
    let (width, height) = fit_long_side(picture.width(), picture.height(), size);
    let variant = Variant { pooling: Pooling::Max, border: Padding::Zero };
    let (what, flag, purpose) = ("the picture", "--size", Purpose::Forward);
    let pass = Pass { what, flag, size: (width, height), taps: &layers, purpose };
    memory::check(&[pass], || Ok(network.load(variant)?))?;

    let features = measure::features(&picture, &layers, &network, variant, size)?;
    let tensors: Vec<Tensor<'_>> = features
        .iter()
        .map(|feature| Tensor { name: &feature.layer, shape: &feature.shape, values: &feature.values })
        .collect();
    let remarks = [
        ("network", describe(&network)),
        ("image", image.path.display().to_string()),
        ("size", format!("{width}x{height}")),
    ];
    tensors::save(&arguments.output, arguments.force, &tensors, &remarks)?;
    if arguments.json {
        let shapes: serde_json::Map<_, _> =
            features.iter().map(|feature| (feature.layer.clone(), json!(feature.shape))).collect();
        report::json(&json!({
            "output": arguments.output,
            "network": describe(&network),
            "width": width,
            "height": height,
            "layers": shapes,
        }))?;
    }
    for feature in &features {
        let [channels, height, width] = feature.shape;
        report::note(format_args!("{}: {channels}×{height}×{width}", feature.layer));
    }
    Ok(Outcome::Done)
}

/// The names without their spaces, each once.
fn layers(names: &[String]) -> anyhow::Result<Vec<String>> {
    let list = LayerWeight::parse_list(&names.join(","))?;
    if let Some(layer) = list.iter().find(|layer| layer.weight != 1.0) {
        return Err(Failure::usage(format_args!("a weight has no place here: {layer}"))
            .hint("name layers only, such as --layers relu1_1,relu4_2")
            .into());
    }
    Ok(list.into_iter().map(|layer| layer.name).collect())
}
