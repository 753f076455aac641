//! `impasto sheet`: one painting under several options, side by side.

mod grid;
mod lettering;
mod page;
mod picture;
mod preview;
mod variation;
mod words;

use super::paint;
use crate::failure::Failure;
use crate::input::Input;
use crate::interrupt;
use crate::output::{Destination, check_file};
use crate::progress::Work;
use crate::record::{self, losses};
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use grid::{Grid, Tile, choices, place};
use impasto_image::SaveOptions;
use preview::Preview;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use variation::Variation;

/// Try values of one or two options of `paint` and see them side by side
///
/// Takes every option of `paint`, and --vary once or twice: the values of the first make rows and those of the second columns, or
/// columns alone. Each tile is the beginning of the painting that it stands for, so it shows what the whole will look like
/// at a fraction of its time; below it stands the command that makes the whole.
///
/// Ctrl-C saves the tiles that are done.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Own {
    /// Option of `paint` and the values to try; up to twice
    ///
    /// Values are separated by commas. Where values hold commas themselves, separate them by semicolons (one value alone
    /// ends with one), and where they hold both, by |. An option that takes no value is varied as off,on.
    #[arg(long, help_heading = HEADING, value_name = "OPTION=V1,V2,…", required = true, allow_hyphen_values = true)]
    vary: Vec<Variation>,

    /// Long side of a tile in pixels; larger tiles show more of the painting's course and take longer
    #[arg(long, help_heading = HEADING, value_name = "PIXELS", default_value_t = PREVIEW, value_parser = clap::value_parser!(u16).range(16..=2048))]
    preview: u16,
}

/// Where the sheet's own options stand in the help.
const HEADING: &str = "Sheet";
/// Long side of a tile unless told otherwise.
const PREVIEW: u16 = 256;
/// Most tiles of a sheet.
const MOST_TILES: usize = 400;

const EXAMPLES: &str = "\
Examples:
  impasto sheet photo.jpg --style painting.jpg -o sheet.png --vary content-weight=1,2.5,8
  impasto sheet photo.jpg --style painting.jpg -o sheet.html --vary style-scale=0.5,1 --vary style-layers=shallow,deep,all
  impasto sheet photo.jpg -o sheet.jpg --vary style=one.jpg,two.jpg --vary recipe=default,gatys2016
  impasto sheet photo.jpg --style painting.jpg -o sheet.png --vary 'style-layers=relu1_1,relu2_1;relu3_1,relu4_1'";

/// The sheet's own flags, and `paint`'s as they were typed.
#[derive(Debug)]
pub struct Arguments {
    own: Own,
    given: ArgMatches,
}

impl Args for Arguments {
    fn augment_args(command: Command) -> Command {
        let command = paint::Arguments::augment_args(command).mut_args(|argument| {
            let of_one_picture = words::is_of_one_picture(&argument);
            match argument.get_id().as_str() {
                "output" => {
                    argument.help("Sheet to write: html for a page, or a picture (png, jpg, webp, tif, bmp)")
                }
                "json" => {
                    argument.help("Describe the tiles, with their commands, on standard output as JSON")
                }
                "force" => argument,
                // A style that varies need not be given besides.
                "style" => argument.required(false),
                _ if of_one_picture => argument.hide(true),
                _ => argument,
            }
        });
        Own::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Arguments {
    fn from_arg_matches(given: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Arguments { own: Own::from_arg_matches(given)?, given: given.clone() })
    }

    fn update_from_arg_matches(&mut self, given: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(given)?;
        Ok(())
    }
}

/// Paints the tiles and writes the sheet.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (rows, columns) = axes(&arguments.own.vary)?;
    let sheet = Sheet::new(arguments)?;
    let count = rows.as_ref().map_or(1, |rows| rows.values.len()) * columns.values.len();
    if count > MOST_TILES {
        let message = format_args!("{count} tiles are too many for a sheet");
        return Err(Failure::usage(message)
            .hint(format_args!("vary less: {MOST_TILES} is the limit"))
            .into());
    }

    // All is read and checked before the first tile is painted.
    let side = usize::from(arguments.own.preview);
    let mut tiles = Vec::with_capacity(count);
    let mut plans = Vec::with_capacity(count);
    let (mut cost, mut tile_size) = (0.0, (1, 1));
    for index in 0..count {
        let chosen = choices(rows.as_ref(), &columns, index);
        let mut typed = words::words(&arguments.given, &chosen);
        let name =
            sheet.tile_name(rows.is_some().then_some(place(&columns, index).0), place(&columns, index).1);
        typed.extend(["-o".into(), name.into_os_string()]);
        let preview = prepare(&typed, &chosen, side)?;
        cost += preview.cost;
        tile_size = (tile_size.0.max(preview.shown.0), tile_size.1.max(preview.shown.1));
        tiles.push(Tile { command: words::command(&typed), picture: None, losses: Default::default() });
        plans.push(typed);
    }
    let varied =
        |option: &str| [rows.as_ref(), Some(&columns)].into_iter().flatten().any(|v| v.option == option);
    let mut grid = Grid { models: sheet.models(&arguments.given, varied)?, rows, columns, tiles, tile_size };
    sheet.check(&grid)?;

    interrupt::stop_gently();
    let mut work = Work::new(cost);
    let mut failed = Vec::new();
    for (index, typed) in plans.iter().enumerate() {
        let chosen = choices(grid.rows.as_ref(), &grid.columns, index);
        let name = words::name(&chosen);
        let told = format!("tile {} of {count}, {name}", index + 1);
        let preview = prepare(typed, &chosen, side)?;
        let painted = preview.paint(&mut |state| {
            let cost = (state.width * state.height) as f64;
            work.advance(cost, &told);
            if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if interrupt::requested() {
            break;
        }
        match painted {
            Ok((picture, painting)) => {
                let tile = &mut grid.tiles[index];
                tile.losses = losses(painting.evaluation.total, &painting.evaluation.terms);
                tile.picture = Some(picture);
            }
            Err(error) => {
                report::warn(format_args!("{name} cannot be painted: {error:#}"));
                failed.push(name);
            }
        }
    }
    work.finish();

    let done = grid.tiles.iter().filter(|tile| tile.picture.is_some()).count();
    let interrupted = interrupt::requested();
    if done > 0 {
        sheet.save(&grid)?;
        let verb = if interrupted { "interrupted; saved" } else { "saved" };
        let (width, height) = grid.tile_size;
        report::note(format_args!(
            "{verb} {}: {done} of {count} tiles of up to {width}×{height} pixels",
            sheet.path.display()
        ));
        if arguments.given.get_flag("json") {
            let mut facts = grid.facts();
            facts["output"] = sheet.path.to_string_lossy().into();
            report::json(&facts)?;
        }
    }
    match (interrupted, failed.is_empty()) {
        (true, _) => Ok(Outcome::Interrupted),
        (false, true) => Ok(Outcome::Done),
        (false, false) => {
            let message =
                format_args!("{} of {count} tiles could not be painted: {}", failed.len(), failed.join("; "));
            Err(Failure::job(message).hint("their messages stand above").into())
        }
    }
}

/// What makes rows, if anything, and what makes columns.
fn axes(variations: &[Variation]) -> anyhow::Result<(Option<Variation>, Variation)> {
    variations.iter().try_for_each(words::check)?;
    match variations {
        [columns] => Ok((None, columns.clone())),
        [rows, columns] if rows.option != columns.option => Ok((Some(rows.clone()), columns.clone())),
        [rows, _] => {
            Err(Failure::usage(format_args!("--vary {}: the option is varied twice", rows.option)).into())
        }
        _ => Err(Failure::usage("a sheet has two directions: give --vary once or twice").into()),
    }
}

/// The beginning of the painting that a command makes.
fn prepare(typed: &[OsString], chosen: &[words::Choice<'_>], side: usize) -> anyhow::Result<Preview> {
    // The full picture may exist already; it is not this command that writes it.
    let with_force = [typed, &["--force".into()]].concat();
    let arguments = words::parse(&with_force, chosen)?;
    let prepared = paint::prepare(&arguments).and_then(|(job, _, _)| Preview::new(job, side));
    prepared.with_context(|| format!("cannot paint {}", words::name(chosen)))
}

/// Where the sheet goes.
struct Sheet {
    path: PathBuf,
    /// The destination of a picture; none for a page.
    destination: Option<Destination>,
    force: bool,
}

impl Sheet {
    /// Checks all that can be checked before the work.
    fn new(arguments: &Arguments) -> anyhow::Result<Sheet> {
        let given = &arguments.given;
        if let Some(id) =
            ["save_every", "trace"].into_iter().find(|id| matches!(given.try_contains_id(id), Ok(true)))
        {
            let flag = id.replace('_', "-");
            let message =
                format_args!("--{flag} belongs to `impasto paint`: a sheet only begins its paintings");
            return Err(Failure::usage(message).hint("leave it out").into());
        }
        let path = given.get_one::<PathBuf>("output").cloned().unwrap_or_default();
        let force = given.get_flag("force");
        let inputs: Vec<PathBuf> = ["content", "style"].into_iter().flat_map(|id| files(given, id)).collect();
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let destination = if extension == "html" || extension == "htm" {
            check_file(&path, force, &inputs)?;
            None
        } else {
            let quality = given.get_one("quality").copied().unwrap_or(SaveOptions::default().quality);
            let options = SaveOptions { quality, overwrite: force, ..SaveOptions::default() };
            Some(Destination::new(&path, options, &inputs)?)
        };
        Ok(Sheet { path, destination, force })
    }

    /// What the full picture of a tile is called: the sheet's name with row and column, from 1.
    fn tile_name(&self, row: Option<usize>, column: usize) -> PathBuf {
        let mut name = self.path.file_stem().unwrap_or_default().to_owned();
        row.into_iter().chain([column]).for_each(|place| name.push(format!("-{}", place + 1)));
        name.push(".");
        match &self.destination {
            Some(_) => name.push(self.path.extension().unwrap_or_default()),
            None => name.push("png"),
        }
        self.path.with_file_name(name)
    }

    /// The photograph and the painting, unless they are `varied`.
    fn models(
        &self,
        given: &ArgMatches,
        varied: impl Fn(&str) -> bool,
    ) -> anyhow::Result<Vec<(String, impasto_image::Picture)>> {
        let paths = ["content", "style"].into_iter().filter(|id| !varied(id)).flat_map(|id| files(given, id));
        paths
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let picture = Input::open(&path)?.picture;
                let (width, height) = impasto_image::fit_long_side(picture.width(), picture.height(), 512);
                Ok((name, impasto_image::resize(&picture, width, height)?))
            })
            .collect()
    }

    /// Fails if a sheet like `grid` could not be saved.
    fn check(&self, grid: &Grid) -> anyhow::Result<()> {
        let Some(destination) = &self.destination else { return Ok(()) };
        let empty = picture::draw(grid)?;
        destination.check_size((empty.width(), empty.height()))
    }

    fn save(&self, grid: &Grid) -> anyhow::Result<()> {
        match &self.destination {
            Some(destination) => destination.save(&picture::draw(grid)?, record::of_command().to_string()),
            None => page::save(grid, &self.path, self.force),
        }
    }
}

/// Files that were given under an argument's name.
fn files(given: &ArgMatches, id: &str) -> Vec<PathBuf> {
    given.try_get_raw(id).ok().flatten().into_iter().flatten().map(PathBuf::from).collect()
}
