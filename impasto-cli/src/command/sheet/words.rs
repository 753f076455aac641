//! Command lines of `paint`: taken from what was typed for the sheet, one for each tile.
//!
//! Which options there are, whether they take a value and what they refuse is asked of `paint`'s own parser.

use super::variation::Variation;
use crate::command::paint;
use crate::failure::Failure;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use std::ffi::{OsStr, OsString};

/// Options of `paint` that say where and how one picture is written, and have no place in a sheet of many.
const OF_ONE_PICTURE: [&str; 5] = ["output", "force", "json", "save_every", "trace"];

/// The parser of `paint`.
pub fn parser() -> Command {
    paint::Arguments::augment_args(Command::new("impasto paint")).no_binary_name(true)
}

/// Whether an option is about the file that one picture becomes.
pub fn is_of_one_picture(argument: &Arg) -> bool {
    OF_ONE_PICTURE.contains(&argument.get_id().as_str())
}

/// A value of an option.
pub type Choice<'a> = (&'a str, &'a str);

/// The words of a `paint` command: what `given` holds of its options, with `choices` instead of or besides them.
pub fn words(given: &ArgMatches, choices: &[Choice<'_>]) -> Vec<OsString> {
    let parser = parser();
    let mut words = Vec::new();
    let chosen = |argument: &Arg| choices.iter().any(|(option, _)| argument.get_long() == Some(option));
    let kept = parser.get_arguments().filter(|argument| !is_of_one_picture(argument) && !chosen(argument));
    let typed =
        |argument: &&Arg| given.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
    for argument in kept.filter(typed) {
        let id = argument.get_id().as_str();
        let Some(long) = argument.get_long() else {
            words.extend(given.get_raw(id).into_iter().flatten().map(OsStr::to_owned));
            continue;
        };
        if !argument.get_action().takes_values() {
            words.push(format!("--{long}").into());
            continue;
        }
        for values in given.get_raw_occurrences(id).into_iter().flatten() {
            let values: Vec<&OsStr> = values.collect();
            match argument.get_value_delimiter() {
                Some(delimiter) => {
                    let joined = values.join(OsStr::new(delimiter.encode_utf8(&mut [0; 4])));
                    push(&mut words, long, &[&joined]);
                }
                None => push(&mut words, long, &values),
            }
        }
    }
    for (option, value) in choices {
        match flag(&parser, option) {
            true if *value == "on" => words.push(format!("--{option}").into()),
            true => {}
            false => push(&mut words, option, &[OsStr::new(value)]),
        }
    }
    words
}

/// Adds an option with its values.
fn push(words: &mut Vec<OsString>, long: &str, values: &[&OsStr]) {
    let mut option = OsString::from(format!("--{long}"));
    if let [value] = values
        && value.as_encoded_bytes().starts_with(b"-")
    {
        option.push("=");
        option.push(value);
        words.push(option);
    } else {
        words.push(option);
        words.extend(values.iter().map(|value| (*value).to_owned()));
    }
}

/// Whether an option is one that takes no value.
fn flag(parser: &Command, option: &str) -> bool {
    let argument = parser.get_arguments().find(|argument| argument.get_long() == Some(option));
    argument.is_some_and(|argument| !argument.get_action().takes_values())
}

/// Fails if `variation` is none that a sheet can try.
pub fn check(variation: &Variation) -> anyhow::Result<()> {
    let parser = parser();
    let Variation { option, values } = variation;
    let tries = |action: &ArgAction| action.takes_values() || matches!(action, ArgAction::SetTrue);
    let free = |argument: &&Arg| !is_of_one_picture(argument) && tries(argument.get_action());
    let names: Vec<&str> = parser.get_arguments().filter(free).filter_map(Arg::get_long).collect();
    if !names.contains(&option.as_str()) {
        let known = parser.get_arguments().any(|argument| argument.get_long() == Some(option));
        let message = if known {
            format!(
                "--vary {option}: that option says how one picture is written, which does not change its look"
            )
        } else {
            format!("--vary {option}: `impasto paint` has no option --{option}")
        };
        let hint = format!("vary one of {}", names.join(", "));
        return Err(Failure::usage(message).hint(hint).into());
    }
    if flag(&parser, option)
        && let Some(value) = values.iter().find(|value| !["on", "off"].contains(&value.as_str()))
    {
        let message = format_args!("--vary {option}={value}: --{option} takes no value");
        return Err(Failure::usage(message).hint(format_args!("write --vary {option}=off,on")).into());
    }
    if let Some(value) = values.iter().enumerate().find(|(i, value)| values[..*i].contains(value)) {
        return Err(
            Failure::usage(format_args!("--vary {option}: the value {} is given twice", value.1)).into()
        );
    }
    Ok(())
}

/// What the words mean to `paint`; the error names the tile by `choices`.
pub fn parse(words: &[OsString], choices: &[Choice<'_>]) -> anyhow::Result<paint::Arguments> {
    let parsed = parser()
        .try_get_matches_from(words)
        .and_then(|mut matches| paint::Arguments::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| {
        let told = error.to_string();
        // The first paragraph says what is wrong; usage and hints of `paint` follow.
        let lines = told.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let reason = lines.collect::<Vec<_>>().join(" ");
        let reason = reason.strip_prefix("error: ").unwrap_or(&reason).to_owned();
        Failure::usage(format_args!("{}: {reason}", name(choices)))
            .hint("`impasto paint --help` tells what every option takes")
            .into()
    })
}

/// What a tile is called in messages.
pub fn name(choices: &[Choice<'_>]) -> String {
    choices.iter().map(|(option, value)| format!("{option}={value}")).collect::<Vec<_>>().join(" ")
}

/// A command as a shell reads it: words of anything but harmless letters in single quotes.
pub fn command(words: &[OsString]) -> String {
    let harmless = |c: char| c.is_alphanumeric() || "_-./,:=+@%".contains(c);
    let quoted = words.iter().map(|word| {
        let word = word.to_string_lossy();
        if !word.is_empty() && word.chars().all(harmless) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    ["impasto".to_owned(), "paint".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}
