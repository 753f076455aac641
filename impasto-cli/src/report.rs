//! Everything the program says: results to standard output, messages to standard error.
//!
//! Writing never panics: a closed standard output is success, since whoever reads it has had enough; a standard error
//! that cannot be written is nobody's concern. Messages are text for people or, for programs, a JSON object a line.

use crate::failure;
use anyhow::Context;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static QUIET: AtomicBool = AtomicBool::new(false);
static EVENTS: AtomicBool = AtomicBool::new(false);

/// How standard error tells of progress and everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Telling {
    /// A bar on a terminal, text otherwise
    Auto,
    /// JSON lines for programs: progress, files made, notes, warnings, errors
    Json,
}

/// How a command ended, if not with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done: exit code 0.
    Done,
    /// The user stopped it, and what there was is saved: exit code 130.
    Interrupted,
}

/// The exit code of an interrupted command, as shells have it for SIGINT.
pub const INTERRUPTED: u8 = 130;

/// Suppresses [`note`]s and progress from now on.
pub fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

/// Whether only errors and warnings shall be written.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Makes all messages JSON lines from now on, or text.
pub fn set_telling(telling: Telling) {
    EVENTS.store(telling == Telling::Json, Ordering::Relaxed);
}

/// Whether messages are JSON lines.
pub fn tells_events() -> bool {
    EVENTS.load(Ordering::Relaxed)
}

/// Whether standard error is a terminal on which a progress bar can move.
pub fn has_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Tells how it goes, unless the user wants quiet.
pub fn note(message: impl Display) {
    if !is_quiet() {
        match tells_events() {
            true => event(&json!({ "event": "note", "text": message.to_string() })),
            false => line(format_args!("{message}")),
        }
    }
}

/// Tells programs of a file that is complete: what `kind` of file it is, and facts about it.
pub fn made(file: &Path, kind: &str, facts: impl FnOnce() -> Value) {
    if tells_events() && !is_quiet() {
        event(&json!({ "event": "made", "file": file.to_string_lossy(), "kind": kind, "facts": facts() }));
    }
}

/// Tells of something that was worked around; the same thing once.
pub fn warn(message: impl Display) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let message = message.to_string();
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.insert(message.clone()) {
        match tells_events() {
            true => event(&json!({ "event": "warning", "text": message })),
            false => line(format_args!("warning: {message}")),
        }
    }
}

/// Ends the program's run: an error is told with its causes and hints.
pub fn exit(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            tell(&error);
            ExitCode::from(failure::exit_code(&error))
        }
    }
}

fn tell(error: &anyhow::Error) {
    if tells_events() {
        let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
        let hint = Some(failure::hints(error).join("; ")).filter(|hint| !hint.is_empty());
        return event(
            &json!({ "event": "error", "text": error.to_string(), "causes": causes, "hint": hint }),
        );
    }
    line(format_args!("error: {error}"));
    for cause in error.chain().skip(1) {
        line(format_args!("caused by: {cause}"));
    }
    for hint in failure::hints(error) {
        line(format_args!("hint: {hint}"));
    }
}

/// Tells of a command line that cannot be understood.
pub fn misunderstood(error: &clap::Error) {
    if !(tells_events() && error.use_stderr()) {
        // Whether help and the like can be written is nobody's concern.
        let _ = error.print();
        return;
    }
    let text = error.render().to_string();
    let (first, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let first = first.trim().trim_start_matches("error: ");
    event(&json!({ "event": "error", "text": first, "causes": [], "hint": rest.trim() }));
}

/// Writes an event, a JSON object, as one line that no other thread's can break.
pub fn event(event: &Value) {
    let _ = io::stderr().lock().write_all(format!("{event}\n").as_bytes());
}

fn line(message: Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// Writes a result to standard output.
pub fn result(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the result to standard output")
        }
        _ => Ok(()),
    }
}

/// Writes a JSON value to standard output, on several lines.
pub fn json(value: &Value) -> anyhow::Result<()> {
    result(&format!("{value:#}\n"))
}

/// A loss or the like in five digits, short to read.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-2..1e5).contains(&size) {
        let digits = 4 - size.max(1.0).log10().floor() as usize;
        format!("{value:.digits$}")
    } else {
        format!("{value:.4e}")
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        let cases = [(0.0, "0.0000"), (4.239012, "4.2390"), (12345.67, "12346"), (0.5, "0.5000")];
        for (value, text) in cases.into_iter().chain([(1e-5, "1.0000e-5"), (-3e9, "-3.0000e9")]) {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(f64::NAN), "NaN");
    }
}
