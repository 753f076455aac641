//! States kept while a picture is painted and when it stops.

use crate::job::Job;
use crate::output::Destination;
use crate::record::{Done, Record};
use crate::report;
use crate::state::State;
use impasto::{Checkpoint, Progress};
use impasto_image::{BitDepth, SaveOptions};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Which states to keep.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The file of the latest one; checked already if it was asked for.
    pub path: PathBuf,
    /// Whether it was asked for: then it is also renewed with every picture on the way, and written at the end.
    pub asked_for: bool,
    /// Whether every picture on the way has one of its own.
    pub each: bool,
    /// Whether all of the optimiser's memory is kept.
    pub exact: bool,
    /// Whether files may be replaced.
    pub force: bool,
}

/// Keeps the states of a painting.
pub struct Keeper<'a> {
    job: &'a Job,
    destination: &'a Destination,
    keeping: Keeping,
    /// Whether the file of the latest state is this painting's own by now.
    renewing: bool,
    last: Option<Last>,
}

/// Where the painting stood at the end.
struct Last {
    checkpoint: Checkpoint,
    interrupted: bool,
}

/// A state that was saved, and how to go on from it.
pub struct Saved {
    /// Its file.
    pub path: PathBuf,
    bytes: u64,
    exact: bool,
    command: String,
}

impl<'a> Keeper<'a> {
    /// Keeps states of `job` as told.
    pub fn new(job: &'a Job, destination: &'a Destination, keeping: Keeping) -> Self {
        Keeper { job, destination, keeping, renewing: false, last: None }
    }

    /// To be called after every evaluation, with whether it is the last one.
    pub fn see(&mut self, progress: &Progress<'_>, stop: bool) {
        let over = progress.evaluation == progress.evaluations;
        if stop || (over && self.keeping.asked_for) {
            let checkpoint = progress.checkpoint(self.keeping.exact);
            self.last = Some(Last { checkpoint, interrupted: !over });
        }
    }

    /// To be called after a picture was saved on the way.
    pub fn save_on_the_way(&mut self, progress: &Progress<'_>) -> anyhow::Result<()> {
        if !self.keeping.each && !self.keeping.asked_for {
            return Ok(());
        }
        let interrupted = progress.evaluation < progress.evaluations;
        let state = self.state(progress.checkpoint(self.keeping.exact), interrupted);
        if self.keeping.each {
            let path = self.destination.numbered(progress.evaluation).path().with_extension("state");
            state.save(&path, self.keeping.force)?;
        }
        if self.keeping.asked_for {
            state.save(&self.keeping.path, self.keeping.force || self.renewing)?;
            self.renewing = true;
        }
        Ok(())
    }

    /// Saves where the painting stands, if it was `stopped` or that was asked for.
    pub fn finish(mut self, stopped: bool) -> anyhow::Result<Option<Saved>> {
        let Some(last) = self.last.take().filter(|_| stopped || self.keeping.asked_for) else {
            if self.keeping.asked_for {
                report::warn("no step lowered the loss any more, so there is no state of the end");
            }
            return Ok(None);
        };
        let path = self.free_path(last.checkpoint.evaluation);
        let exact = last.checkpoint.is_exact();
        let mut command = command(&path, self.destination);
        if !last.interrupted {
            command += &format!(" --iterations {}", last.checkpoint.evaluation + 100);
        }
        self.state(last.checkpoint, last.interrupted).save(&path, self.keeping.force || self.renewing)?;
        let bytes = fs::metadata(&path).map_or(0, |data| data.len());
        Ok(Some(Saved { path, bytes, exact, command }))
    }

    /// The file for the last state. One that nobody asked for, after Ctrl-C, replaces nothing: it has the evaluation in its
    /// name if there is a file of its name.
    fn free_path(&self, evaluation: usize) -> PathBuf {
        let path = &self.keeping.path;
        if self.keeping.asked_for || self.keeping.force || !path.exists() {
            return path.clone();
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!("{stem}-{evaluation:04}.state"))
    }

    fn state(&self, checkpoint: Checkpoint, interrupted: bool) -> State {
        let done = Done { evaluations: checkpoint.evaluation, interrupted, losses: None };
        State { record: Record::new(self.job, self.destination, done), checkpoint }
    }
}

/// The command that goes on from a state.
fn command(state: &Path, destination: &Destination) -> String {
    let output = destination.path();
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let extension = output.extension().unwrap_or_default().to_string_lossy();
    let output = output.with_file_name(format!("{stem}-resumed.{extension}"));
    let SaveOptions { bits, quality, .. } = destination.options();
    let mut command = format!("impasto paint --resume {} -o {}", quoted(state), quoted(&output));
    if *bits == BitDepth::Sixteen {
        command += " --bits 16";
    }
    if *quality != SaveOptions::default().quality {
        command += &format!(" --quality {quality}");
    }
    command
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,@".contains(c);
    if !path.starts_with('-') && path.chars().all(plain) {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, kilobytes) = (self.path.display(), self.bytes.div_ceil(1000));
        writeln!(f, "saved {path}: its state, {kilobytes} kB; go on, with other weights if you like:")?;
        write!(f, "  {}", self.command)?;
        if !self.exact {
            write!(f, "\nthe optimiser will start afresh there; --exact-state would have kept its memory")?;
        }
        Ok(())
    }
}
