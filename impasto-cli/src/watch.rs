//! What happens after every evaluation of a painting: progress, trace, pictures on the way, and whether to go on.

use crate::interrupt;
use crate::job::Job;
use crate::keeper::{Keeper, Keeping};
use crate::output::Destination;
use crate::progress::Meter;
use crate::record::{Done, Record, losses};
use crate::report;
use anyhow::Context;
use impasto::Progress;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// What the user wants besides the picture.
#[derive(Debug, Default)]
pub struct Wishes {
    /// Evaluations between pictures saved on the way.
    pub save_every: Option<usize>,
    /// File for a JSON line an evaluation; checked already.
    pub trace: Option<PathBuf>,
    /// Which states to keep, if any.
    pub states: Option<Keeping>,
    /// What to say when the work has begun.
    pub opening: Option<String>,
}

/// An observer of a painting. What goes wrong with traces and pictures on the way ends neither the painting nor each
/// other; it is told at the end.
pub struct Watch<'a> {
    job: &'a Job,
    destination: &'a Destination,
    save_every: Option<usize>,
    /// Evaluations made before; some of them may be made again.
    made: usize,
    trace: Option<Trace>,
    keeper: Option<Keeper<'a>>,
    opening: Option<String>,
    meter: Meter,
    trouble: Option<anyhow::Error>,
}

impl<'a> Watch<'a> {
    /// An observer; the trace is opened now.
    pub fn new(job: &'a Job, destination: &'a Destination, wishes: Wishes) -> anyhow::Result<Self> {
        let trace = wishes.trace.map(Trace::open).transpose()?;
        let meter = Meter::new();
        let keeper = wishes.states.map(|keeping| Keeper::new(job, destination, keeping));
        let Wishes { save_every, opening, .. } = wishes;
        let made = job.resume.as_ref().map_or(0, |checkpoint| checkpoint.evaluation);
        Ok(Watch { job, destination, save_every, made, trace, keeper, opening, meter, trouble: None })
    }

    /// To be called after every evaluation.
    pub fn see(&mut self, progress: &Progress<'_>) -> ControlFlow<()> {
        self.opening.take().into_iter().for_each(report::note);
        self.meter.show(progress);
        if let Some(trace) = &mut self.trace
            && let Err(error) = trace.write(progress)
        {
            self.trace = None;
            self.trouble.get_or_insert(error);
        }
        if let Some(every) = self.save_every
            && progress.evaluation.is_multiple_of(every)
            && progress.evaluation > self.made
            && let Err(error) = self.snapshot(progress)
        {
            self.save_every = None;
            self.trouble.get_or_insert(error);
        }
        let enough = self.job.stop_after.is_some_and(|last| progress.evaluation >= last);
        let stop = enough || interrupt::requested();
        if let Some(keeper) = &mut self.keeper {
            keeper.see(progress, stop);
        }
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Saves the picture that would be returned if it were stopped now.
    fn snapshot(&mut self, progress: &Progress<'_>) -> anyhow::Result<()> {
        let picture = self.job.request().finish(&progress.picture()?)?;
        let done = Done {
            evaluations: progress.evaluation,
            interrupted: progress.evaluation < progress.evaluations,
            losses: None,
        };
        let record = Record::new(self.job, self.destination, done);
        let destination = self.destination.on_the_way(progress.evaluation, "evaluation");
        destination.save(&picture, record.to_json()?)?;
        self.keeper.as_mut().map_or(Ok(()), |keeper| keeper.save_on_the_way(progress))
    }

    /// Ends the observation; tells what went wrong on the way. What keeps states may have one more to keep.
    pub fn finish(mut self) -> (anyhow::Result<()>, Option<Keeper<'a>>) {
        self.meter.finish();
        if let Some(trace) = self.trace
            && let Err(error) = trace.close()
        {
            self.trouble.get_or_insert(error);
        }
        (self.trouble.map_or(Ok(()), Err), self.keeper)
    }
}

/// A file of JSON lines, one an evaluation, written as the painting goes on.
struct Trace {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Trace {
    fn open(path: PathBuf) -> anyhow::Result<Self> {
        let file =
            File::create(&path).with_context(|| format!("cannot write the trace {}", path.display()))?;
        Ok(Trace { path, file: BufWriter::new(file) })
    }

    fn write(&mut self, progress: &Progress<'_>) -> anyhow::Result<()> {
        let mut terms = losses(progress.loss, progress.terms);
        terms.shift_remove("total");
        let line = json!({
            "scale": progress.scale,
            "scales": progress.scales,
            "width": progress.width,
            "height": progress.height,
            "evaluation": progress.evaluation,
            "evaluations": progress.evaluations,
            "seconds": progress.seconds,
            "loss": progress.loss,
            "best": progress.best,
            "terms": terms,
        });
        // Flushed line by line, so that others can follow it.
        writeln!(self.file, "{line}").and_then(|()| self.file.flush()).with_context(|| self.failed())
    }

    fn close(mut self) -> anyhow::Result<()> {
        self.file.flush().with_context(|| self.failed())
    }

    fn failed(&self) -> String {
        format!("cannot write the trace {}", self.path.display())
    }
}
