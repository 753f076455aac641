//! Paintings of consecutive frames that hold together.

use crate::{Error, Frame, Result, flow};
use impasto_image::{Mask, Picture};
use rayon::prelude::*;

/// Share of the painting before that full stability keeps: the rest draws it back to what the frame itself looks like, so
/// that nothing smears for long.
const KEPT: f32 = 0.85;

/// Share of pixels that must be reliable; below it the frames show different scenes.
pub(crate) const SCENE: f64 = 0.2;

/// Difference of the paintings' local colours, in [0, 1], at which half as much is kept.
const DRIFT: f32 = 0.12;

/// Side of the square over which local colours are averaged, in pixels.
const LOCAL: usize = 9;

/// Keeps the paintings of consecutive frames alike where the frames are.
///
/// Every painting is drawn towards the one before, moved along the optical flow, where that can be trusted (Ruder, Dosovitskiy
/// & Brox 2016) and as far as both have the same local colours.
pub struct Steady {
    stability: f32,
    /// The frame before and its painting as shown.
    last: Option<(Frame, Picture)>,
}

/// A painting, and what its frame has to do with the one before.
pub struct Shown {
    /// The painting to show.
    pub picture: Picture,
    /// Whether another scene begins here.
    pub cut: bool,
}

/// What a frame has to do with the one before.
pub struct Seen {
    frame: Frame,
    /// Whether another scene begins here.
    pub cut: bool,
    /// What was shown before, if it is the same scene.
    pub moved: Option<Moved>,
}

/// What was shown before, where it is now.
pub struct Moved {
    /// The painting, moved along the optical flow.
    pub picture: Picture,
    /// How far every pixel of it can be trusted, in [0, 1]: not where the motion is unreliable, and less around.
    pub trust: Mask,
}

impl Steady {
    /// `stability` is 0 for paintings that come out as they are, 1 for the most that does not smear.
    pub fn new(stability: f32) -> Self {
        Steady { stability: stability.clamp(0.0, 1.0), last: None }
    }

    /// Goes on after `frame`, of which `shown` was shown.
    pub fn resume(&mut self, frame: &Picture, shown: Picture) {
        self.last = Some((Frame::new(frame), shown));
    }

    /// The last painting shown; none before the first, and where nothing is kept of it.
    pub fn shown(&self) -> Option<&Picture> {
        self.last.as_ref().map(|(_, shown)| shown)
    }

    /// Number of frames after which what was shown counts for less than half a step of 8 bits: whoever begins so many
    /// frames early shows the same.
    pub fn memory(&self) -> usize {
        let kept = f64::from(KEPT * self.stability);
        if kept == 0.0 { 0 } else { ((1.0 / 512.0f64).ln() / kept.ln()).ceil() as usize }
    }

    /// The painting to show for `frame`, of which `painted` was made; both have one size, that of the frames before.
    ///
    /// # Errors
    /// [`Error::Sizes`] if they do not.
    pub fn next(&mut self, frame: &Picture, painted: Picture) -> Result<Shown> {
        let size = |picture: &Picture| (picture.width(), picture.height());
        if size(frame) != size(&painted) {
            return Err(Error::Sizes(frame.width(), frame.height(), painted.width(), painted.height()));
        }
        if self.stability == 0.0 {
            return Ok(Shown { picture: painted, cut: false });
        }
        let seen = self.observe(frame)?;
        let picture = match &seen.moved {
            Some(moved) => self.joined(moved, painted)?,
            None => painted,
        };
        let cut = seen.cut;
        self.keep(seen, picture.clone());
        Ok(Shown { picture, cut })
    }

    /// Looks at `frame`, which has the size of the frames before. For methods that paint with what was shown before in view;
    /// they give what is shown now to [`Steady::keep`].
    ///
    /// # Errors
    /// [`Error::Sizes`] if it has another size.
    pub fn observe(&self, frame: &Picture) -> Result<Seen> {
        let frame = Frame::new(frame);
        let Some((before, shown)) = &self.last else { return Ok(Seen { frame, cut: true, moved: None }) };
        let (back, forth) = (flow(&frame, before)?, flow(before, &frame)?);
        let bad = back.unreliable(&forth);
        let reliable = bad.iter().filter(|&&bad| !bad).count() as f64 / bad.len() as f64;
        if reliable < SCENE {
            return Ok(Seen { frame, cut: true, moved: None });
        }
        let (width, height) = (shown.width(), shown.height());
        let picture = Picture::new(width, height, back.warp(shown))?;
        let trust = Mask::new(width, height, faded(&bad, width, height))?;
        Ok(Seen { frame, cut: false, moved: Some(Moved { picture, trust }) })
    }

    /// Notes what was shown of the frame that was seen.
    pub fn keep(&mut self, seen: Seen, shown: Picture) {
        self.last = Some((seen.frame, shown));
    }

    /// `painted` drawn towards what was shown before.
    fn joined(&self, moved: &Moved, painted: Picture) -> Result<Picture> {
        let (width, height) = (painted.width(), painted.height());
        let difference: Vec<f32> =
            moved.picture.rgb().iter().zip(painted.rgb()).map(|(a, b)| a - b).collect();
        let local = local_mean(&difference, width, height);
        let mut rgb = painted.into_rgb();
        rgb.par_chunks_mut(3).zip(moved.trust.values()).enumerate().for_each(|(at, (pixel, trust))| {
            let far: f32 = local[3 * at..3 * at + 3].iter().map(|value| value * value).sum();
            let share = self.stability * KEPT * trust / (1.0 + far / (DRIFT * DRIFT));
            for (channel, value) in pixel.iter_mut().enumerate() {
                *value += share * difference[3 * at + channel];
            }
        });
        Ok(Picture::new(width, height, rgb)?)
    }
}

/// Trust in pixels, which fades out around what is `bad`.
fn faded(bad: &[bool], width: usize, height: usize) -> Vec<f32> {
    let trust: Vec<f32> = bad.iter().map(|&bad| if bad { 0.0 } else { 1.0 }).collect();
    let near = |at: usize| {
        let (x, y) = (at % width, at / width);
        let mut sum = 0.0;
        for v in y.saturating_sub(1)..=(y + 1).min(height - 1) {
            for u in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                sum += trust[v * width + u];
            }
        }
        trust[at] * sum / 9.0
    };
    (0..trust.len()).into_par_iter().map(near).collect()
}

/// The mean of every interleaved RGB value over a square around it, as far as it lies in the picture.
fn local_mean(rgb: &[f32], width: usize, height: usize) -> Vec<f32> {
    let around = |at: usize, n: usize| at.saturating_sub(LOCAL / 2)..(at + LOCAL / 2 + 1).min(n);
    let mut across = vec![0.0; rgb.len()];
    across.par_chunks_mut(3 * width).zip(rgb.par_chunks(3 * width)).for_each(|(out, row)| {
        for x in 0..width {
            let window = around(x, width);
            for channel in 0..3 {
                let sum: f32 = window.clone().map(|u| row[3 * u + channel]).sum();
                out[3 * x + channel] = sum / window.len() as f32;
            }
        }
    });
    let mut mean = vec![0.0; rgb.len()];
    mean.par_chunks_mut(3 * width).enumerate().for_each(|(y, out)| {
        let window = around(y, height);
        for v in window.clone() {
            let row = &across[3 * width * v..][..3 * width];
            out.iter_mut().zip(row).for_each(|(out, value)| *out += value / window.len() as f32);
        }
    });
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of a pattern that moves to the right by a pixel a frame, and a painting of it that flickers.
    fn frame(number: usize, flicker: f32) -> Picture {
        const SIZE: usize = 64;
        let value = |x: usize, y: usize| {
            let (x, y) = (x as f32 - number as f32, y as f32);
            0.5 + 0.2 * (0.31 * x + 0.1 * y).sin() + 0.15 * (0.23 * y - 0.17 * x).cos()
        };
        let mut rgb = Vec::new();
        for at in 0..SIZE * SIZE {
            let (x, y) = (at % SIZE, at / SIZE);
            let noise = ((at * 7919 + number * 104_729) % 1009) as f32 / 1009.0 - 0.5;
            rgb.extend([value(x, y) + flicker * noise; 3]);
        }
        Picture::new(SIZE, SIZE, rgb).unwrap()
    }

    #[test]
    fn flicker_fades_and_nothing_drifts() {
        let mut steady = Steady::new(1.0);
        let (mut shown, mut error) = (None, 0.0);
        for number in 0..12 {
            let made = steady.next(&frame(number, 0.0), frame(number, 0.2)).unwrap();
            assert_eq!(made.cut, number == 0);
            let truth = frame(number, 0.0);
            let inside = |at: &usize| (16..48).contains(&(at / 3 % 64)) && (16..48).contains(&(at / 192));
            let squares = (0..truth.rgb().len()).filter(inside);
            let squares = squares.map(|at| (made.picture.rgb()[at] - truth.rgb()[at]).powi(2));
            error = (squares.sum::<f32>() / 3072.0).sqrt();
            shown = Some(made.picture);
        }
        let alone = 0.2 / 12.0f32.sqrt();
        assert!(error < 0.6 * alone, "{error} of {alone}");
        // A scene of its own begins anew.
        let other =
            Picture::new(64, 64, (0..64 * 64 * 3).map(|i| (i * 31 % 97) as f32 / 97.0).collect()).unwrap();
        let made = steady.next(&other, other.clone()).unwrap();
        assert!(made.cut && made.picture == other && Some(made.picture) != shown);
    }

    #[test]
    fn goes_on_exactly_and_forgets() {
        let made = |steady: &mut Steady, number| {
            steady.next(&frame(number, 0.0), frame(number, 0.2)).unwrap().picture
        };
        let mut whole = Steady::new(0.8);
        let all: Vec<Picture> = (0..22).map(|number| made(&mut whole, number)).collect();
        let mut later = Steady::new(0.8);
        later.resume(&frame(4, 0.0), all[4].clone());
        assert_eq!(made(&mut later, 5), all[5]);
        assert_eq!(later.shown(), Some(&all[5]));
        let mut early = Steady::new(0.8);
        let memory = early.memory();
        assert_eq!((memory, Steady::new(0.0).memory()), (17, 0));
        let last = (21 - memory..22).map(|number| made(&mut early, number)).last().unwrap();
        let apart = |(a, b): (&f32, &f32)| (a - b).abs();
        assert!(last.rgb().iter().zip(all[21].rgb()).map(apart).fold(0.0, f32::max) < 1.0 / 512.0);
    }

    #[test]
    fn without_stability_paintings_come_out_as_they_are() {
        let mut steady = Steady::new(0.0);
        for number in 0..3 {
            let painted = frame(number, 0.3);
            assert_eq!(steady.next(&frame(number, 0.0), painted.clone()).unwrap().picture, painted);
        }
    }
}
