//! The frames of a clip, painted part by part.

use super::order::Order;
use super::parts::Parts;
use super::sink::{Piece, Sink};
use crate::interrupt;
use crate::progress::Steps;
use crate::report::{self, Outcome};
use anyhow::Context;
use impasto_video::{Ahead, Looked, Shown, Source, Steady};
use std::ops::Range;
use std::time::Instant;

/// A way to paint frames that follow each other.
pub trait Method {
    /// What to show for the next frame.
    fn next(&mut self, frame: Looked) -> anyhow::Result<Shown>;

    /// What it knows of the frames before.
    fn steady(&mut self) -> &mut Steady;

    /// How many frames before must be painted for a frame to be as if all were.
    fn memory(&self) -> usize;
}

/// What is rendered, and where to.
pub struct Rendering<'a> {
    pub source: &'a Source,
    pub order: &'a Order,
    pub parts: &'a Parts,
    pub sink: &'a Sink,
}

/// What came of it.
pub struct Rendered {
    pub outcome: Outcome,
    /// What there is of a part in whose middle the user stopped it.
    pub partial: Option<Piece>,
    /// Frames painted, early ones that are not shown included.
    pub painted: usize,
    pub seconds: f64,
    /// Frames at which a scene begins.
    pub cuts: Vec<usize>,
}

impl Rendering<'_> {
    /// Paints those of `wanted`, parts that follow each other, which are not done yet.
    pub fn run(&self, wanted: &[Range<usize>], method: &mut dyn Method) -> anyhow::Result<Rendered> {
        let missing: Vec<&Range<usize>> = wanted.iter().filter(|part| !self.parts.is_done(part)).collect();
        let mut steps = Steps::new(missing.iter().map(|part| part.len()).sum());
        let began = Instant::now();
        let mut done =
            Rendered { outcome: Outcome::Done, partial: None, painted: 0, seconds: 0.0, cuts: Vec::new() };
        let mut clip: Option<(Ahead, usize)> = None;
        for part in missing {
            let mut frames = match clip.take() {
                // It goes on where it was.
                Some((frames, next)) if next == part.start => frames,
                _ => self.begin(part.start, wanted, method, &mut done.painted)?,
            };
            let mut writer = self.sink.begin(self.order, self.parts, part.clone())?;
            for number in part.clone() {
                if interrupt::requested() {
                    steps.finish();
                    done.partial = writer.stop()?;
                    done.outcome = Outcome::Interrupted;
                    return Ok(done);
                }
                let shown = method.next(next(&mut frames)?)?;
                if shown.cut && number > self.order.frames.start {
                    done.cuts.push(number);
                }
                writer.push(&shown.picture)?;
                done.painted += 1;
                let speed = done.painted as f64 / began.elapsed().as_secs_f64();
                steps.next(format_args!("frame {number}, {speed:.1} a second"));
            }
            if let Some(kept) = method.steady().kept() {
                self.parts.save_kept(part.end, kept)?;
            }
            writer.finish()?;
            if wanted.first().is_some_and(|first| first.start < part.start) {
                self.parts.forget_kept(part.start);
            }
            clip = Some((frames, part.end));
        }
        steps.finish();
        done.seconds = began.elapsed().as_secs_f64();
        Ok(done)
    }

    /// The frames from `start` on, for which `method` is made ready: by what is kept of the part before, or by painting so many
    /// frames before that it makes no difference.
    fn begin(
        &self,
        start: usize,
        wanted: &[Range<usize>],
        method: &mut dyn Method,
        painted: &mut usize,
    ) -> anyhow::Result<Ahead> {
        // The first part of a share begins the same whether its neighbour is done or not.
        let first = wanted.first().is_some_and(|first| first.start == start);
        let kept = if first { None } else { self.parts.kept(start)? };
        let early = match kept {
            Some(_) => 1,
            None => method.memory().min(start - self.order.frames.start),
        };
        let (source, begin, end) = (self.source.clone(), start - early, self.order.frames.end);
        let compared = method.steady().stability() > 0.0;
        let mut frames = Ahead::new(move || source.frames(begin..end), begin, self.order.size, compared);
        match kept {
            Some(kept) => {
                // What is kept was made of the frame that the first one's motion leads to.
                next(&mut frames)?;
                method.steady().begin(Some(kept));
            }
            None => {
                method.steady().begin(None);
                if early > 0 {
                    report::note(format_args!("{early} frames before the first are painted for its sake"));
                }
                for _ in 0..early {
                    method.next(next(&mut frames)?)?;
                    *painted += 1;
                }
            }
        }
        Ok(frames)
    }
}

fn next(frames: &mut Ahead) -> anyhow::Result<Looked> {
    Ok(frames.next().context("the clip has fewer frames than it told")??)
}
