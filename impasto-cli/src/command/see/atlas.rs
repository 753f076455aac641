//! `impasto see atlas`: all layers of a network before a photo, as one page.

mod export;
mod page;
mod tiles;

use super::shown::ShownArguments;
use crate::arguments::{NetworkArguments, count, describe};
use crate::output::check_file;
use crate::progress::Steps;
use crate::report::{self, Outcome};
use clap::Args;
use export::Export;
use impasto::{Recipe, see::atlas};
use page::{Page, facts};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;
use tiles::tiles;

/// Make a page of what every layer of a network sees in a photo
///
/// For every layer, the planes with the largest sums. For each of them: the plane, the photo's part that its strongest unit
/// sees, the derivative of that unit, its guided back-projection, its deconvnet, and the derivative of the whole plane's sum.
/// Every picture is stretched for itself, and its real range is told. The page is one file that needs no network.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    shown: ShownArguments,

    /// Page to write
    #[arg(short, long, value_name = "FILE.html")]
    output: PathBuf,

    /// Replace the output if it exists
    #[arg(long)]
    force: bool,

    /// Let planes be marked on the page, which gives the --mute or --solo flags of `impasto paint` to copy
    #[arg(long)]
    pick: bool,

    /// Layers, separated by commas [default: every layer after its ReLU; with --pick those of the default recipe's style]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    layers: Vec<String>,

    /// Planes of each layer
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = count, allow_negative_numbers = true)]
    planes: usize,

    /// Long side of the page's pictures in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 160, value_parser = count, allow_negative_numbers = true)]
    tile: usize,

    /// Write all pictures in full size as PNG, and atlas.json, to a new folder
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,

    /// Write the values too, to a new folder: LAYER-PLANE.safetensors with `gradient`, `guided` and `deconv` ([3, height, width]
    /// of what the unit sees) and `sum` (of the photo), d value / d RGB in [0, 1]
    #[arg(long, value_name = "DIR")]
    raw: Option<PathBuf>,

    /// Tell what was found on standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see atlas photo.jpg -o atlas.html
  impasto see atlas photo.jpg --layers relu4_1,relu4_2 --planes 64 -o atlas.html --export tiles
  impasto see atlas painting.jpg --pick --planes 32 -o planes.html
  impasto see atlas photo.jpg --net squeezenet -o atlas.html --raw values";

/// Writes the page.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    check_file(&arguments.output, arguments.force, &[&arguments.shown.photo])?;
    let network = arguments.network.resolve("vgg19");
    let model = network.load(Default::default())?;
    let layers = match &arguments.layers[..] {
        [] if arguments.pick && model.network().find("relu1_1").is_some() => {
            Recipe::default().style.layers.into_iter().map(|layer| layer.name).collect()
        }
        [] => atlas::layers(model.network()),
        layers => layers.to_vec(),
    };
    for layer in &layers {
        model.network().require(layer).map_err(impasto::Error::from)?;
    }
    let deepest = layers.last().map_or("image", String::as_str);
    let shown = arguments.shown.show_to(&network, deepest, || Ok(model.clone()))?;
    let export = arguments.export.as_deref().map(Export::new).transpose()?;
    let raw = arguments.raw.as_deref().map(Export::new).transpose()?;

    let began = Instant::now();
    let channels = model.network().channels();
    let planes = |layer: &String| model.network().find(layer).map_or(0, |index| channels[index]);
    let wanted = layers.iter().map(|layer| planes(layer).min(arguments.planes)).sum();
    let mut steps = Steps::new(wanted);
    let mut page = Page::new(
        &arguments.shown.photo,
        &describe(&network),
        &shown.picture,
        arguments.tile,
        arguments.pick,
    )?;
    atlas(&shown.model, &shown.picture, &layers, arguments.planes, &mut |entry| -> anyhow::Result<()> {
        let tiles = tiles(&entry, &shown.picture)?;
        let facts = facts(&entry, &tiles, shown.size());
        if let Some(export) = &export {
            export.add(&entry, &tiles, &facts)?;
        }
        if let Some(raw) = &raw {
            raw.add_values(&entry, shown.size())?;
        }
        page.add(&entry, &tiles, facts)?;
        steps.next(format_args!("{} plane {}", entry.layer, entry.plane));
        Ok(())
    })?;
    steps.finish();
    if let Some(export) = export {
        export.finish(&page.facts())?;
    }
    let bytes = page.save(&arguments.output, arguments.force)?;
    if arguments.json {
        report::json(&json!({ "output": arguments.output.display().to_string(), "atlas": page.facts() }))?;
    }
    report::note(format_args!(
        "saved {}: {} planes of {} layers in {:.1} s, {:.1} MB",
        arguments.output.display(),
        wanted,
        layers.len(),
        began.elapsed().as_secs_f64(),
        bytes as f64 / 1e6
    ));
    Ok(Outcome::Done)
}
