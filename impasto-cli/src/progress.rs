//! How far a painting has come: a bar on a terminal, a line every few seconds elsewhere, or events for programs.

mod events;

use crate::record::losses;
use crate::report;
pub use events::Events;
use impasto::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::time::{Duration, Instant};

/// Time between lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// A bar, where there is a terminal and the user does not want quiet.
fn bar() -> Option<ProgressBar> {
    let wanted = !report::is_quiet() && !report::tells_events() && report::has_terminal();
    wanted.then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}  {eta} left") {
            bar.set_style(style);
        }
        bar
    })
}

/// What shows progress.
pub enum Meter {
    /// Nothing is shown.
    Silent,
    /// A bar.
    Bar(ProgressBar),
    /// A line now and then; the time and scale of the last one.
    Lines(Option<(Instant, usize)>),
    /// Events with all that is known of an evaluation.
    Events(Events),
}

impl Meter {
    /// What suits standard error and the user's wishes.
    pub fn new() -> Self {
        match (bar(), Events::wanted()) {
            (Some(bar), _) => Meter::Bar(bar),
            (None, Some(events)) => Meter::Events(events),
            (None, None) if report::is_quiet() => Meter::Silent,
            (None, None) => Meter::Lines(None),
        }
    }

    /// Shows where a painting stands.
    pub fn show(&mut self, progress: &Progress<'_>) {
        let Progress { scale, width, height, evaluation, evaluations, best, seconds, .. } = *progress;
        let loss = report::number(best);
        match self {
            Meter::Silent => {}
            Meter::Bar(bar) => {
                bar.set_length(evaluations as u64);
                bar.set_message(format!("{width}×{height}  loss {loss}"));
                bar.set_position(evaluation as u64);
            }
            Meter::Lines(last) => {
                let due = last.is_none_or(|(at, of)| of != scale || at.elapsed() >= BETWEEN_LINES);
                if due {
                    *last = Some((Instant::now(), scale));
                    report::note(format_args!(
                        "{evaluation}/{evaluations} at {width}×{height}: loss {loss}, {seconds:.1} s"
                    ));
                }
            }
            Meter::Events(events) => {
                let mut terms = losses(progress.loss, progress.terms);
                terms.shift_remove("total");
                let facts = json!({
                    "loss": progress.loss,
                    "best": best,
                    "scale": scale + 1,
                    "scales": progress.scales,
                    "width": width,
                    "height": height,
                    "terms": terms,
                });
                let text = format!("{width}×{height}  loss {loss}");
                events.show(evaluation, Some(evaluations), Some(progress.seconds_left()), &text, facts);
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        match self {
            Meter::Bar(bar) => bar.finish_and_clear(),
            Meter::Events(events) => events.finish(),
            Meter::Silent | Meter::Lines(_) => {}
        }
    }
}

/// How far a training has come.
pub struct Iterations {
    began: Instant,
    /// Iterations before this run.
    first: Option<usize>,
    shown: Option<Instant>,
    /// Mean loss of the last iterations, the latest counting most.
    loss: Option<f64>,
    bar: Option<ProgressBar>,
    events: Option<Events>,
}

impl Iterations {
    /// Nothing is done yet.
    pub fn new() -> Self {
        let (bar, events) = (bar(), Events::wanted());
        Iterations { began: Instant::now(), first: None, shown: None, loss: None, bar, events }
    }

    /// Iteration `done` of `all` was made; `all` may be unknown yet, which is the largest number.
    pub fn show(&mut self, done: usize, all: usize, loss: f64) {
        let first = *self.first.get_or_insert(done - 1);
        let mean = self.loss.map_or(loss, |mean| mean + 0.05 * (loss - mean));
        self.loss = Some(mean);
        let each = self.began.elapsed().as_secs_f64() / (done - first) as f64;
        let (loss, speed) = (report::number(mean), report::number(1.0 / each));
        if let Some(events) = &mut self.events {
            let all = Some(all).filter(|&all| all < usize::MAX);
            let left = all.map(|all| each * all.saturating_sub(done) as f64);
            let text = format!("loss {loss}  {speed} it/s");
            events.show(done, all, left, &text, json!({ "loss": mean }));
        } else if let Some(bar) = &self.bar {
            if all < usize::MAX {
                bar.set_length(all as u64);
            }
            bar.set_message(format!("loss {loss}  {speed} it/s"));
            bar.set_position(done as u64);
        } else if self.shown.is_none_or(|shown| shown.elapsed() >= BETWEEN_LINES) && !report::is_quiet() {
            self.shown = Some(Instant::now());
            let rest = match all {
                usize::MAX => String::new(),
                _ => format!("/{all}, {:.0} min left", each * (all - done) as f64 / 60.0),
            };
            report::note(format_args!("{done}{rest}: loss {loss}, {speed} iterations a second"));
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
        self.events.iter_mut().for_each(Events::finish);
    }
}

/// How many of a number of equal steps are done.
pub struct Steps {
    done: usize,
    count: usize,
    began: Instant,
    shown: Instant,
    bar: Option<ProgressBar>,
    events: Option<Events>,
}

impl Steps {
    /// None of `count` steps is done.
    pub fn new(count: usize) -> Self {
        let bar = bar();
        bar.iter().for_each(|bar| bar.set_length(count as u64));
        let (began, events) = (Instant::now(), Events::wanted());
        Steps { done: 0, count, began, shown: began, bar, events }
    }

    /// One more is done, the one called `what`.
    pub fn next(&mut self, what: impl std::fmt::Display) {
        self.done += 1;
        let each = self.began.elapsed().as_secs_f64() / self.done as f64;
        let left = each * self.count.saturating_sub(self.done) as f64;
        if let Some(events) = &mut self.events {
            events.show(self.done, Some(self.count), Some(left), &what.to_string(), json!({}));
        } else if let Some(bar) = &self.bar {
            bar.set_message(what.to_string());
            bar.inc(1);
        } else if self.shown.elapsed() >= BETWEEN_LINES {
            self.shown = Instant::now();
            let left = indicatif::HumanDuration(Duration::from_secs_f64(left));
            report::note(format_args!("{}/{}: {what}, {left} left", self.done, self.count));
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
        self.events.iter_mut().for_each(Events::finish);
    }
}

/// How much is done of work whose parts differ in what they cost.
pub struct Work {
    cost: f64,
    done: f64,
    began: Instant,
    /// What the last line told of, and when.
    shown: Option<(Instant, String)>,
    bar: Option<ProgressBar>,
    events: Option<Events>,
}

impl Work {
    /// Steps of the bar.
    const STEPS: u64 = 1000;

    /// None of it is done.
    pub fn new(cost: f64) -> Self {
        let bar = bar();
        if let Some(bar) = &bar {
            bar.set_length(Self::STEPS);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {percent}%  {msg}") {
                bar.set_style(style);
            }
        }
        Work { cost, done: 0.0, began: Instant::now(), shown: None, bar, events: Events::wanted() }
    }

    /// So much more is done, of the part called `what`.
    pub fn advance(&mut self, cost: f64, what: &str) {
        self.done += cost;
        let share = (self.done / self.cost).clamp(f64::MIN_POSITIVE, 1.0);
        let left = self.began.elapsed().as_secs_f64() * (1.0 / share - 1.0);
        let left = left.min(1e7);
        let steps = (share * Self::STEPS as f64) as usize;
        if let Some(events) = &mut self.events {
            return events.show(steps, Some(Self::STEPS as usize), Some(left), what, json!({}));
        }
        let left = indicatif::HumanDuration(Duration::from_secs_f64(left));
        if let Some(bar) = &self.bar {
            bar.set_position(steps as u64);
            bar.set_message(format!("{what}, {left} left"));
        } else if self.shown.as_ref().is_none_or(|(at, of)| of != what || at.elapsed() >= BETWEEN_LINES) {
            self.shown = Some((Instant::now(), what.to_owned()));
            report::note(format_args!("{:.0}%: {what}, {left} left", 100.0 * share));
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
        self.events.iter_mut().for_each(Events::finish);
    }
}
