//! `impasto video flow`: where every pixel of a frame is in the next.

use crate::output::{Destination, check_file};
use crate::record::of_command;
use crate::report::{self, Outcome, made, number};
use clap::Args;
use impasto_image::{Limits, Picture, SaveOptions, open};
use impasto_video::{Frame, Motion};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Find where every pixel of a frame is in the next one
///
/// A .flo file holds the vectors as other programs read them; a picture shows their direction as hue, red to the right,
/// yellow-green down, and their length as saturation. Motion is found both ways; what does not lead back, moves unlike its
/// neighbours or leaves the picture is called unreliable (Ruder et al. 2016).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Frame whose pixels are followed
    #[arg(value_name = "FROM")]
    from: PathBuf,

    /// Frame that they are looked for in
    #[arg(value_name = "TO")]
    to: PathBuf,

    /// Vectors to write, .flo, or a picture of them
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Also write a picture of what is reliable, white, and what is not, black
    #[arg(long, value_name = "FILE")]
    reliable: Option<PathBuf>,

    /// Also write the second frame brought back to the first along the motion
    #[arg(long, value_name = "FILE")]
    warped: Option<PathBuf>,

    /// Replace existing files
    #[arg(long)]
    force: bool,

    /// Write what was found to standard output as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  impasto video flow frame-0001.png frame-0002.png -o motion.png --reliable mask.png
  impasto video flow a.png b.png -o motion.flo";

/// Finds and writes it.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let inputs = [arguments.from.as_path(), &arguments.to];
    let vectors = arguments.output.extension().is_some_and(|extension| extension == "flo");
    if vectors {
        check_file(&arguments.output, arguments.force, &inputs)?;
    }
    let picture = |path: &Path| {
        let options = SaveOptions { overwrite: arguments.force, ..SaveOptions::default() };
        Destination::new(path, options, &inputs)
    };
    let shown = if vectors { None } else { Some(picture(&arguments.output)?) };
    let reliable = arguments.reliable.as_deref().map(picture).transpose()?;
    let warped = arguments.warped.as_deref().map(picture).transpose()?;
    let frame = |path: &Path| anyhow::Ok(open(path, &Limits::default())?.picture.without_alpha());
    let (from, to) = (frame(&arguments.from)?, frame(&arguments.to)?);
    let Motion { flow: forth, bad, reliable: share } = Motion::between(&Frame::new(&from), &Frame::new(&to))?;
    let record = || of_command().to_string();
    match shown {
        Some(destination) => destination.save(&forth.picture()?, record())?,
        None => {
            forth.save(&arguments.output, arguments.force)?;
            made(&arguments.output, "result", || json!({}));
        }
    }
    let (width, height) = (forth.width(), forth.height());
    if let Some(destination) = reliable {
        let values = bad.iter().flat_map(|&bad| [if bad { 0.0 } else { 1.0 }; 3]).collect();
        destination.save(&Picture::new(width, height, values)?, record())?;
    }
    if let Some(destination) = warped {
        destination.save(&Picture::new(width, height, forth.warp(&to))?, record())?;
    }
    let lengths = || forth.vectors().iter().map(|[u, v]| f64::from(u.hypot(*v)));
    let mean = lengths().sum::<f64>() / (width * height) as f64;
    let longest = lengths().fold(0.0, f64::max);
    if arguments.json {
        report::json(&json!({
            "width": width,
            "height": height,
            "mean-length": mean,
            "longest": longest,
            "reliable": share,
        }))?;
    } else {
        report::note(format_args!(
            "{width}×{height} vectors, {} pixels long on average, {} at most; {:.1} % are reliable",
            number(mean),
            number(longest),
            100.0 * share,
        ));
    }
    Ok(Outcome::Done)
}
