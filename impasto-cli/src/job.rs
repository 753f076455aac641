//! A painting, as typed arguments resolve to it or as a picture's record tells it.

use crate::arguments;
use crate::failure::Failure;
use crate::input::Input;
use crate::interrupt;
use crate::memory;
use crate::output::Destination;
use crate::progress::Meter;
use crate::record::{Record, losses};
use crate::report::{self, Outcome};
use crate::styles::{MaskInput, RegionInput};
use crate::watch::{Watch, Wishes};
use impasto::paint::{Reach, invert, texture};
use impasto::{Checkpoint, Coloring, Network, Painting, Progress, Recipe, Request, Size, StyleSize, paint};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// What kind of painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// A photograph in the manner of a painting.
    Paint,
    /// A texture.
    Texture,
    /// A photograph from its feature maps.
    Invert,
}

/// Everything that decides the pixels.
#[derive(Debug)]
pub struct Job {
    /// What to do.
    pub verb: Verb,
    /// The photograph.
    pub content: Option<Input>,
    /// The paintings, and where each is to be.
    pub regions: Vec<RegionInput>,
    /// How far pixels may go from the photograph.
    pub strength_mask: Option<MaskInput>,
    /// What to start from, where it is neither the photograph nor noise.
    pub start: Option<Input>,
    /// The recipe, changes included.
    pub recipe: Recipe,
    /// The network.
    pub network: Network,
    /// Digest of the network's file, if it is a user's own.
    pub network_sha256: Option<String>,
    /// Size of the picture.
    pub size: Size,
    /// Size of the style.
    pub style_size: StyleSize,
    /// Seed of the noise.
    pub seed: u64,
    /// Whose colours it has.
    pub color: Coloring,
    /// Evaluations after which to stop as if the user had; to repeat what was interrupted.
    pub stop_after: Option<usize>,
    /// Where to go on instead of starting.
    pub resume: Option<Checkpoint>,
    /// What was painted before by other rules.
    pub earlier: Vec<Record>,
}

/// A job that was carried out.
pub struct Ran {
    /// The picture, which is saved.
    pub painting: Painting,
    /// How it ended.
    pub outcome: Outcome,
    /// Where its state was saved.
    pub state: Option<PathBuf>,
}

impl Job {
    /// What the library is asked for.
    pub fn request(&self) -> Request<'_> {
        Request {
            content: self.content.as_ref().map(|input| &input.picture),
            regions: self.regions.iter().map(RegionInput::region).collect(),
            strength_mask: self.strength_mask.as_ref().map(|mask| &mask.mask),
            reach: Reach::Inside,
            start: self.start.as_ref().map(|input| &input.picture),
            before: None,
            resume: self.resume.as_ref(),
            recipe: &self.recipe,
            network: &self.network,
            size: self.size,
            style_size: self.style_size,
            seed: self.seed,
            color: &self.color,
        }
    }

    /// Fails if the work cannot succeed, as far as can be told beforehand.
    pub fn check(&self, destination: &Destination) -> anyhow::Result<()> {
        if let StyleSize::Factor(factor) = self.style_size
            && !(factor.is_finite() && factor > 0.0)
        {
            let message = format_args!("a style cannot be {factor} times as large as the result");
            return Err(Failure::usage(message).into());
        }
        let request = self.request();
        let objective = request.objective()?;
        let size = request.output_size()?;
        memory::check_painting("painting", &request, &objective, size)?;
        destination.check_size(size)
    }

    /// Checks, paints and saves; with `json` writes a summary to standard output.
    pub fn carry_out(
        &self,
        destination: &Destination,
        wishes: Wishes,
        json: bool,
    ) -> anyhow::Result<Outcome> {
        self.check(destination)?;
        let Ran { painting, outcome, state } = self.run(destination, wishes)?;
        if json {
            let mut summary = summary(self, destination, &painting);
            if let Some(state) = state {
                summary["state"] = state.to_string_lossy().into();
            }
            report::json(&summary)?;
        }
        Ok(outcome)
    }

    /// Paints, saves the picture with its record, and tells of it.
    pub fn run(&self, destination: &Destination, wishes: Wishes) -> anyhow::Result<Ran> {
        interrupt::stop_gently();
        let mut watch = Watch::new(self, destination, wishes)?;
        let painting = self.paint(&mut |progress| watch.see(progress));
        let (trouble, keeper) = watch.finish();
        let painting = painting?;
        let asked_for = self.stop_after == Some(painting.evaluations);
        // Before the picture, which could be made again from it.
        let state = keeper.map_or(Ok(None), |keeper| keeper.finish(painting.interrupted || asked_for));
        let record = Record::new(self, destination, (&painting).into());
        let saved = record.to_json().and_then(|record| destination.save(&painting.picture, record));
        let outcome = if painting.interrupted && !asked_for { Outcome::Interrupted } else { Outcome::Done };
        let verb = match painting.interrupted {
            true if !asked_for => "interrupted; saved",
            true if state.as_ref().is_ok_and(Option::is_some) => "paused; saved",
            _ => "saved",
        };
        let (width, height) = (painting.picture.width(), painting.picture.height());
        if saved.is_ok() {
            report::note(format_args!(
                "{verb} {}: {width}×{height} pixels, {} evaluations in {:.1} s, loss {}",
                destination.path().display(),
                painting.evaluations,
                painting.seconds,
                report::number(painting.evaluation.total)
            ));
        }
        if self.recipe.strength.is_some() && self.recipe.content.weight > 0.0 {
            let weight = report::number(painting.content_weight);
            report::note(format_args!("the strength led to --content-weight {weight}"));
        }
        if let Ok(Some(state)) = &state {
            report::note(state);
        }
        saved?;
        // Only now, so that a full disk under a trace does not cost the painting.
        trouble?;
        Ok(Ran { painting, outcome, state: state?.map(|saved| saved.path) })
    }

    /// Paints up to an evaluation and saves nothing.
    pub fn up_to(&self, evaluation: usize) -> anyhow::Result<Checkpoint> {
        let (mut meter, mut reached) = (Meter::new(), None);
        let painted = self.paint(&mut |progress| {
            meter.show(progress);
            if progress.evaluation < evaluation {
                return ControlFlow::Continue(());
            }
            reached = Some(progress.checkpoint(false));
            ControlFlow::Break(())
        });
        meter.finish();
        painted?;
        let message =
            format_args!("the painting ended before evaluation {evaluation}, unlike the one recorded");
        reached.ok_or_else(|| Failure::job(message).into())
    }

    /// Paints, without saving anything.
    pub fn paint(
        &self,
        progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Painting, impasto::Error> {
        let request = self.request();
        match self.verb {
            Verb::Paint => paint(&request, progress),
            Verb::Texture => texture(&request, progress),
            Verb::Invert => invert(&request, progress),
        }
    }
}

/// A finished picture as a JSON object.
pub fn summary(job: &Job, destination: &Destination, painting: &Painting) -> serde_json::Value {
    json!({
        "output": destination.path(),
        "width": painting.picture.width(),
        "height": painting.picture.height(),
        "recipe": job.recipe.origin,
        "network": arguments::describe(&job.network),
        "content-weight": painting.content_weight,
        "seed": job.seed,
        "evaluations": painting.evaluations,
        "interrupted": painting.interrupted,
        "seconds": painting.seconds,
        "losses": losses(painting.evaluation.total, &painting.evaluation.terms),
    })
}
