//! Textures in one pass.

use super::Arguments;
use crate::failure::Failure;
use crate::record::of_command;
use crate::report::{self, Outcome};
use impasto::Size;
use impasto::apply::texture;
use impasto_net::Generator;
use serde_json::json;
use std::path::Path;

/// The name of the generator that is built in.
const BUILT_IN: &str = "built-in";

/// Makes the texture with the generator in `file`.
pub fn run(arguments: &Arguments, file: &Path) -> anyhow::Result<Outcome> {
    let built_in = file == Path::new(BUILT_IN);
    let destination = arguments.output.resolve(if built_in { &[] } else { std::slice::from_ref(&file) })?;
    let generator = if built_in { Generator::built_in("texture")? } else { Generator::open(file)? };
    let (width, height) = match arguments.size.0 {
        Size::LongSide(side) => (side, side),
        Size::Exact { width, height } => (width, height),
        Size::Own => {
            return Err(Failure::usage("a generator has no size of its own").hint("give --size").into());
        }
    };
    let multiple = generator.architecture().multiple();
    if let (true, Some(side)) =
        (arguments.tileable, [width, height].into_iter().find(|side| !side.is_multiple_of(multiple)))
    {
        let message =
            format_args!("a side of {side} pixels cannot continue itself: it is no multiple of {multiple}");
        let down = (side / multiple * multiple).max(multiple);
        return Err(Failure::usage(message).hint(format_args!("use {down} or {}", down + multiple)).into());
    }
    destination.check_size((width, height))?;
    let made = texture(&generator, width, height, arguments.seed)?;
    destination.save(&made, of_command().to_string())?;
    if arguments.json {
        report::json(&json!({ "width": width, "height": height, "seed": arguments.seed }))?;
    }
    Ok(Outcome::Done)
}
