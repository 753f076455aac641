//! `impasto see top`: what makes planes strong, over a folder of photos.

mod index;
mod photos;

use super::embedded::{save_page, uri};
use super::rule::Rule;
use crate::arguments::{NetworkArguments, count, describe};
use crate::failure::Failure;
use crate::output::check_file;
use crate::progress::Steps;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::see::closeup::Closeup;
use impasto::see::sheet::{crop, fitted};
use impasto::see::top::{Peaks, strongest};
use impasto::see::{atlas, show};
use impasto_image::Picture;
use impasto_net::network::Variant;
use index::{Heading, Index, Photo};
use photos::{photos, scan, sized};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

/// Find the photos of a folder in which planes of a layer are strongest
///
/// For each plane, the parts of photos in which it is strongest, beside their deconvnet or guided back-projections (Zeiler &
/// Fergus 2013, figure 2). Every photo is looked at once, by all layers: what was found is kept in an index, so that a
/// second question is answered at once, and a scan that was interrupted goes on.
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

    /// Tell what was found on standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see top photos --layer relu4_2 -o top.html
  impasto see top photos --layer relu5_1 --planes 8,40 --rule guided -o five.html --index top.index";

const TEMPLATE: &str = include_str!("top/page.html");
/// Planes shown unless they are named.
const PLANES: usize = 16;

/// Scans what is new and writes the page.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    check_file(&arguments.output, arguments.force, &[])?;
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
        form: 1,
        network: describe(&network),
        size: arguments.size,
        layers: layers.clone(),
    };
    let path = arguments.index.clone().unwrap_or_else(|| arguments.output.with_extension("index"));
    let mut index = Index::open(&path, &heading, planes.clone(), arguments.force)?;
    scan(&model, &layers, (&arguments.folder, &photos), arguments.size, &mut index)?;

    let seen: Vec<(&Photo, &Peaks)> =
        photos.iter().filter_map(|photo| Some((photo, &index.get(photo)?[layer]))).collect();
    if seen.is_empty() {
        let message = format_args!("there is no photo that can be read in {}", arguments.folder.display());
        return Err(Failure::job(message)
            .hint("name a folder with .jpg, .png, .webp, .tif or .bmp files")
            .into());
    }
    let best = |plane: usize| strongest(seen.iter().map(|(_, peaks)| *peaks), plane, arguments.photos);
    let chosen = match &arguments.planes[..] {
        [] => {
            let strength = |plane: &usize| {
                best(*plane).iter().map(|&photo| f64::from(seen[photo].1.values[*plane])).sum::<f64>()
            };
            let mut all: Vec<(f64, usize)> =
                (0..planes[layer]).map(|plane| (strength(&plane), plane)).collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.into_iter().take(PLANES).map(|(_, plane)| plane).collect()
        }
        planes => planes.to_vec(),
    };

    let mut shown: Vec<Value> = Vec::new();
    let mut pictures: HashMap<usize, Picture> = HashMap::new();
    let mut closeup = Closeup::new(&model, &arguments.layer)?;
    let mut steps = Steps::new(chosen.len());
    for &plane in &chosen {
        steps.next(format_args!("plane {plane}"));
        let mut patches: Vec<Value> = Vec::new();
        for photo in best(plane) {
            let (file, peaks) = seen[photo];
            let (row, column) = peaks.places[plane];
            let picture = match pictures.entry(photo) {
                Entry::Occupied(picture) => picture.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(sized(&arguments.folder.join(&file.path), arguments.size)?)
                }
            };
            let close =
                closeup.project(picture, plane, (row.into(), column.into()), &[arguments.rule.into()])?;
            let (rows, columns) = close.field;
            let values = close.values.into_iter().next().unwrap_or_default();
            let (least, most) = show::range(&values);
            let drawn = show::signed(&values, show::full_contrast(&values));
            let drawn = Picture::new(columns.len(), rows.len(), drawn)?;
            let patch = crop(picture.rgb(), picture.width(), (rows.clone(), columns.clone()))?;
            patches.push(json!({
                "photo": file.path,
                "value": peaks.values[plane],
                "row": row,
                "column": column,
                "seen": { "top": rows.start, "bottom": rows.end, "left": columns.start, "right": columns.end },
                "range": [least, most],
                "patch": uri(&fitted(&patch, arguments.tile)?)?,
                "projection": uri(&fitted(&drawn, arguments.tile)?)?,
            }));
        }
        shown.push(json!({ "plane": plane, "patches": patches }));
    }
    steps.finish();
    let content = json!({
        "folder": arguments.folder,
        "network": describe(&network),
        "layer": arguments.layer,
        "rule": Rule::name(arguments.rule.into()),
        "photos": seen.len(),
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
        seen.len(),
        bytes as f64 / 1e6
    ));
    Ok(Outcome::Done)
}
