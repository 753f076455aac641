//! How well the paintings of a clip's frames hold together, in numbers.

mod drift;

use crate::{Error, Frame, Motion, Result};
use drift::{Drift, Look};
use impasto_image::{LUMA, Picture, resize};
use rayon::prelude::*;

/// Measures a painted clip against the clip it was made of, frame by frame; of the frames it keeps only the last.
#[derive(Default)]
pub struct Score {
    last: Option<Seen>,
    pairs: usize,
    cuts: Vec<usize>,
    /// Sums over pairs.
    sums: Pair,
    drift: Drift,
}

/// What a painted clip is like; colours and brightness are in [0, 1], and 0 is best but for `reliable`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Frames seen.
    pub frames: usize,
    /// Pairs of consecutive frames that show the same scene: those that the next four numbers are means over, which are 0 if
    /// there are none.
    pub pairs: usize,
    /// Frames, counted from 0, that begin another scene: under a fifth of their pixels can be found in the frame before.
    pub cuts: Vec<usize>,
    /// Share of the pixels whose motion is reliable, by the rules of Ruder, Dosovitskiy & Brox 2016.
    pub reliable: f64,
    /// Root of the mean squared difference in RGB between a painted frame and the one before moved along the frames' motion,
    /// where that is reliable: the warping error of Lai et al. 2018, "Learning Blind Video Temporal Consistency", and temporal
    /// error of Ruder, Dosovitskiy & Brox 2018, "Artistic Style Transfer for Videos and Spherical Images".
    pub warping: f64,
    /// The same of the frames themselves: what light, noise and errors of the motion leave even without painting.
    pub warping_source: f64,
    /// Root of the mean square, over pairs, of how much more the painted frame's mean luma changes than its frame's, where
    /// motion is reliable. Ours: the warping error has it, too, but among all else.
    pub flicker: f64,
    /// How the mean length of the luma's gradient, as a multiple of the frames' own, changes from the first quarter of the
    /// clip to the last, as a share; below 0 if the paintings smear, above if they grow harsh. Ours.
    pub drift_sharpness: f64,
    /// Distance in Oklab (ΔE OK) between what painting adds to the mean colour in the first quarter and in the last. Ours.
    pub drift_color: f64,
}

/// A frame that has been measured.
struct Seen {
    frame: Frame,
    source: Picture,
    painted: Picture,
}

/// What is measured of two consecutive frames.
#[derive(Default)]
struct Pair {
    reliable: f64,
    /// Mean squared difference of the paintings, and of the frames.
    painted: f64,
    source: f64,
    /// Square of the change of mean luma that painting adds.
    flicker: f64,
}

impl Score {
    /// No frame yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next `frame` and what was `painted` of it; the frame is resampled to the painting's size.
    ///
    /// # Errors
    /// [`Error::Sizes`] if the painting before had another size.
    pub fn next(&mut self, frame: &Picture, painted: &Picture) -> Result<()> {
        let (width, height) = (painted.width(), painted.height());
        if let Some(Seen { painted: before, .. }) = &self.last
            && (before.width(), before.height()) != (width, height)
        {
            return Err(Error::Sizes(before.width(), before.height(), width, height));
        }
        let source = resize(frame, width, height)?.without_alpha();
        let seen = Seen { frame: Frame::new(&source), source, painted: painted.clone().without_alpha() };
        if let Some(before) = self.last.take() {
            self.compare(&before, &seen)?;
        }
        self.drift.push(Look::of(&seen.painted), Look::of(&seen.source));
        self.last = Some(seen);
        Ok(())
    }

    /// Adds what two consecutive frames show.
    fn compare(&mut self, before: &Seen, now: &Seen) -> Result<()> {
        let motion = Motion::between(&now.frame, &before.frame)?;
        if motion.is_cut() {
            self.cuts.push(self.drift.frames());
            return Ok(());
        }
        let (painted, painted_luma) = change(&motion, &before.painted, &now.painted);
        let (source, source_luma) = change(&motion, &before.source, &now.source);
        self.pairs += 1;
        self.sums.reliable += motion.reliable;
        self.sums.painted += painted;
        self.sums.source += source;
        self.sums.flicker += (painted_luma - source_luma).powi(2);
        Ok(())
    }

    /// What the frames seen add up to.
    pub fn finish(self) -> Summary {
        let mean = |sum: f64| sum / self.pairs.max(1) as f64;
        let (drift_sharpness, drift_color) = self.drift.ends();
        Summary {
            frames: self.drift.frames(),
            pairs: self.pairs,
            reliable: mean(self.sums.reliable),
            warping: mean(self.sums.painted).sqrt(),
            warping_source: mean(self.sums.source).sqrt(),
            flicker: mean(self.sums.flicker).sqrt(),
            drift_sharpness,
            drift_color,
            cuts: self.cuts,
        }
    }
}

/// Mean squared difference, and mean difference of luma, between `now` and `before` moved along the motion back to it, over
/// the reliable pixels, of which there must be some.
fn change(motion: &Motion, before: &Picture, now: &Picture) -> (f64, f64) {
    let (moved, width) = (motion.flow.warp(before), now.width());
    let rows = now.rgb().par_chunks(3 * width).zip(moved.par_chunks(3 * width));
    let rows = rows.zip(motion.bad.par_chunks(width));
    // Summed by rows and then in order, so that the number of threads changes nothing.
    let rows: Vec<[f64; 3]> = rows
        .map(|((now, before), bad)| {
            let (mut squares, mut luma, mut count) = (0.0, 0.0, 0.0);
            let pixels = now.as_chunks::<3>().0.iter().zip(before.as_chunks::<3>().0).zip(bad);
            for ((now, before), _) in pixels.filter(|(_, bad)| !**bad) {
                for channel in 0..3 {
                    let difference = f64::from(now[channel]) - f64::from(before[channel]);
                    squares += difference * difference;
                    luma += f64::from(LUMA[channel]) * difference;
                }
                count += 1.0;
            }
            [squares, luma, count]
        })
        .collect();
    let sum = |which: usize| rows.iter().map(|row| row[which]).sum::<f64>();
    (sum(0) / (3.0 * sum(2)), sum(1) / sum(2))
}

#[cfg(test)]
mod tests;
