//! `impasto see top`: what makes planes strong, over a folder of photos.

mod answer;
mod index;
mod patches;
mod photos;

use super::rule::Rule;
use crate::arguments::{NetworkArguments, count, describe};
use crate::failure::Failure;
use crate::input::digest;
use crate::interrupt;
use crate::output::check_file;
use crate::page::save_page;
use crate::report::{self, Outcome};
use answer::{Unit, answer, save_raw};
use clap::Args;
use impasto::Network;
use impasto::see::atlas;
use impasto::see::top::{Peaks, strongest};
use impasto_net::network::Variant;
use index::{Heading, Index, Patch, Photo, Question};
use patches::Making;
use photos::{photos, scan};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Find the photos of a folder in which planes of a layer are strongest
///
/// For each plane, the parts of photos in which it is strongest, beside their deconvnet or guided back-projections (Zeiler &
/// Fergus 2013, figure 2). Every photo is looked at once, by all layers: what was found is kept in an index, and so are
/// patches once shown. So a second question takes seconds, the same again no time, and what was interrupted goes on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Folder of photos, with those in its subfolders
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,

    /// Layer of the planes; `impasto models vgg19` lists them
    #[arg(long, value_name = "NAME")]
    layer: String,

    /// Planes, separated by commas [default: the 16 that photos make strongest]
    #[arg(long, value_name = "K,…", value_delimiter = ',')]
    planes: Vec<usize>,

    /// Photos a plane
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = count, allow_negative_numbers = true)]
    photos: usize,

    /// Back-projection beside the photos
    #[arg(long, value_name = "RULE", default_value = "deconv")]
    rule: Rule,

    /// Page to write
    #[arg(short, long, value_name = "FILE.html")]
    output: PathBuf,

    /// Replace the page, and an index of something else, if they exist
    #[arg(long)]
    force: bool,

    /// Index of what was found in the photos [default: the page's name ending in .index]
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,

    /// Long side of the photos as the network sees them, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 256, value_parser = count, allow_negative_numbers = true)]
    size: usize,

    /// Long side of the page's pictures in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 96, value_parser = count, allow_negative_numbers = true)]
    tile: usize,

    /// Write the back-projections too: safetensors with LAYER.planeK.RANK ([3, height, width] of what the unit sees; RANK 1 is
    /// the strongest), for --rule gradient d value / d RGB in [0, 1]; remarks of the same names tell photo, top and left
    #[arg(long, value_name = "FILE.safetensors")]
    raw: Option<PathBuf>,

    /// Tell what was found on standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see top photos --layer relu4_2 -o top.html
  impasto see top photos --layer relu5_1 --planes 8,40 --rule guided -o five.html --index top.index
  impasto see top photos --layer relu3_3 --planes 17 --rule gradient --raw plane.safetensors -o plane.html --index top.index";

const TEMPLATE: &str = include_str!("top/page.html");
/// Planes shown unless they are named.
const PLANES: usize = 16;

/// Scans what is new and writes the page.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    check_file(&arguments.output, arguments.force, &[])?;
    if let Some(raw) = &arguments.raw {
        check_file(raw, arguments.force, &[])?;
    }
    let network = arguments.network.resolve("vgg19");
    let model = network.load(Variant::default())?;
    let layers = atlas::layers(model.network());
    let Some(layer) = layers.iter().position(|layer| *layer == arguments.layer) else {
        // An unknown name is told with those most like it.
        model.network().require(&arguments.layer).map_err(impasto::Error::from)?;
        return Err(Failure::usage(format_args!("{} is not kept in an index", arguments.layer))
            .hint(format_args!("name one of {}", layers.join(", ")))
            .into());
    };
    let channels = model.network().channels();
    let planes: Vec<usize> =
        layers.iter().map(|layer| model.network().find(layer).map_or(0, |index| channels[index])).collect();
    if let Some(&value) = arguments.planes.iter().find(|plane| **plane >= planes[layer]) {
        let (what, count) = ("plane", planes[layer]);
        let layer = arguments.layer.clone();
        return Err(impasto::Error::NoUnit { layer, what, value, count }.into());
    }

    let photos = photos(&arguments.folder)?;
    if photos.is_empty() {
        let message = format_args!("there is no photo in {}", arguments.folder.display());
        return Err(Failure::job(message)
            .hint("name a folder with .jpg, .png, .webp, .tif or .bmp files")
            .into());
    }
    let heading = Heading {
        program: crate::record::PROGRAM.into(),
        form: 2,
        network: describe(&network),
        network_sha256: weights_digest(&network)?,
        size: arguments.size,
        layers: layers.clone(),
    };
    let path = arguments.index.clone().unwrap_or_else(|| arguments.output.with_extension("index"));
    let mut index = Index::open(&path, &heading, planes.clone(), arguments.force)?;
    interrupt::stop_gently();
    scan(&model, &layers, (&arguments.folder, &photos), arguments.size, &mut index)?;
    if interrupt::requested() {
        return Ok(stopped(&path));
    }

    let seen: Vec<(&Photo, &Peaks)> =
        photos.iter().filter_map(|photo| Some((photo, &index.get(photo)?[layer]))).collect();
    if seen.is_empty() {
        let message = format_args!("there is no photo that can be read in {}", arguments.folder.display());
        return Err(Failure::job(message)
            .hint("name a folder with .jpg, .png, .webp, .tif or .bmp files")
            .into());
    }
    let count = seen.len();
    let best = |plane: usize| strongest(seen.iter().map(|(_, peaks)| *peaks), plane, arguments.photos);
    let chosen: Vec<usize> = match &arguments.planes[..] {
        [] => {
            let strength = |plane: &usize| {
                best(*plane).iter().map(|&photo| f64::from(seen[photo].1.values[*plane])).sum::<f64>()
            };
            let mut all: Vec<(f64, usize)> =
                (0..planes[layer]).map(|plane| (strength(&plane), plane)).collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.into_iter().take(PLANES).map(|(_, plane)| plane).collect()
        }
        planes => {
            planes.iter().enumerate().filter(|(i, k)| !planes[..*i].contains(k)).map(|(_, &k)| k).collect()
        }
    };

    // Every unit to show, plane by plane, the strongest first.
    let units: Vec<Unit<'_>> = chosen
        .iter()
        .flat_map(|&plane| best(plane).into_iter().enumerate().map(move |(rank, photo)| (plane, rank, photo)))
        .map(|(plane, rank, photo)| {
            let (photo, peaks) = seen[photo];
            let (row, column) = peaks.places[plane];
            let question = Question {
                photo: photo.clone(),
                layer: arguments.layer.clone(),
                plane,
                rule: Rule::name(arguments.rule.into()).into(),
                tile: arguments.tile,
            };
            Unit { rank, photo, at: (row.into(), column.into()), value: peaks.values[plane], question }
        })
        .collect();
    let making = Making {
        model: &model,
        layer: &arguments.layer,
        rule: arguments.rule.into(),
        folder: &arguments.folder,
        size: arguments.size,
        tile: arguments.tile,
    };
    let values = answer(making, &units, &mut index, arguments.raw.is_some())?;
    if interrupt::requested() {
        return Ok(stopped(&path));
    }
    if let Some(raw) = &arguments.raw {
        let remarks = [
            ("network", describe(&network)),
            ("rule", Rule::name(arguments.rule.into()).into()),
            ("folder", arguments.folder.display().to_string()),
        ];
        save_raw(raw, arguments.force, &units, (&values, &index), &remarks)?;
    }

    let mut shown: Vec<Value> = Vec::new();
    for &plane in &chosen {
        let units = units.iter().filter(|unit| unit.question.plane == plane);
        let patches: Vec<Value> = units
            .filter_map(|unit| {
                let Patch { seen: [top, bottom, left, right], range, patch, projection } =
                    index.patch(&unit.question)?;
                Some(json!({
                    "photo": unit.photo.path,
                    "value": unit.value,
                    "row": unit.at.0,
                    "column": unit.at.1,
                    "seen": { "top": top, "bottom": bottom, "left": left, "right": right },
                    "range": range,
                    "patch": patch,
                    "projection": projection,
                }))
            })
            .collect();
        shown.push(json!({ "plane": plane, "patches": patches }));
    }
    let content = json!({
        "folder": arguments.folder.display().to_string(),
        "network": describe(&network),
        "layer": arguments.layer,
        "rule": Rule::name(arguments.rule.into()),
        "photos": count,
        "tile": arguments.tile,
        "planes": shown,
    });
    let bytes = save_page(&arguments.output, arguments.force, TEMPLATE, &content)?;
    if arguments.json {
        let mut content = content;
        for patch in content["planes"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .filter_map(|p| p["patches"].as_array_mut())
            .flatten()
        {
            for key in ["patch", "projection"] {
                patch.as_object_mut().map(|patch| patch.remove(key));
            }
        }
        report::json(&content)?;
    }
    report::note(format_args!(
        "saved {}: {} planes of {}, {} photos, {:.1} MB",
        arguments.output.display(),
        chosen.len(),
        arguments.layer,
        count,
        bytes as f64 / 1e6
    ));
    Ok(Outcome::Done)
}

/// Digest of the weights' file, if they are not those built in.
fn weights_digest(network: &Network) -> anyhow::Result<Option<String>> {
    match network {
        Network::Named { name, models: Some(folder) } => {
            digest(&Network::File(folder.join(format!("{name}.safetensors"))))
        }
        network => digest(network),
    }
}

/// The end of an interrupted run.
fn stopped(index: &Path) -> Outcome {
    report::note(format_args!(
        "interrupted; {} keeps what was found, the same command goes on",
        index.display()
    ));
    Outcome::Interrupted
}
