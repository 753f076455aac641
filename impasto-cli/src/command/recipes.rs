//! `impasto recipes`: the recipes built in, and their text.

use crate::report::{self, Outcome};
use clap::Args;
use impasto::Recipe;
use impasto::recipe::{preset_names, preset_text};
use serde_json::json;

/// List the recipes built in, or print one to edit
///
/// What is printed goes into a file of your own, which --recipe takes like a name. A file of your own is printed with
/// every key that it leaves out written out.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recipe to print: a name, or a file of your own
    #[arg(value_name = "NAME|FILE.toml")]
    recipe: Option<String>,

    /// Write JSON instead of text
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  impasto recipes
  impasto recipes gatys2016 > mine.toml
  impasto paint photo.jpg --style painting.jpg -o painted.png --recipe mine.toml";

/// Lists or prints.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.recipe {
        None => list(arguments.json)?,
        Some(name) => {
            let recipe = Recipe::named(name)?;
            if arguments.json {
                report::json(&json!({ "name": name, "recipe": recipe }))?;
            } else {
                report::result(&preset_text(name).map_or_else(|| recipe.to_toml(), str::to_owned))?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// Names and descriptions, in alphabetical order.
fn list(as_json: bool) -> anyhow::Result<()> {
    let names = preset_names();
    let widest = names.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    let mut values = Vec::new();
    for name in names {
        let Recipe { description, departures, .. } = Recipe::named(&name)?;
        text.push_str(&format!("{name:widest$}  {description}\n"));
        values.push(json!({ "name": name, "description": description, "departures": departures }));
    }
    if as_json { report::json(&values.into()) } else { report::result(&text) }
}
