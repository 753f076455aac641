//! Paintings of consecutive frames that hold together.

mod calm;
mod mean;
mod mix;

use crate::{Error, Looked, Result};
use impasto_image::{Mask, Picture};
use mix::{Room, Share, mix};

/// Share of what strokes are held by that colours, and strokes that agree, are kept by: the rest draws them back to what the
/// frame itself looks like, so that nothing smears for long.
const KEPT: f32 = 0.85;

/// Share of the strokes before that full stability keeps when it is their turn to be painted anew.
const ANEW: f32 = 0.5;

/// Frames between two turns.
const PERIOD: usize = 4;

/// Share of the frame before that full stability keeps in what is painted.
const CALM: f32 = 0.9;

/// Keeps the paintings of consecutive frames alike where the frames are.
///
/// Where the optical flow can be trusted (Ruder, Dosovitskiy & Brox 2016), two things are done. A frame is calmed before it is
/// painted: drawn towards the frame before, moved along the flow, where they differ by no more than noise does, because a
/// little noise makes other strokes. And the painting is drawn towards the one before, as far as both have the same local
/// colours; strokes that will not agree are painted anew by turns, since a mean of them would be none.
pub struct Steady {
    stability: f32,
    kept: Option<Kept>,
    room: Room,
}

/// Two pictures of the frame before, of its size.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The frame as it was painted.
    pub calm: Picture,
    /// The painting as it was shown.
    pub shown: Picture,
}

/// A painting, and what its frame has to do with the one before.
#[derive(Debug)]
pub struct Shown {
    /// The painting to show.
    pub picture: Picture,
    /// Whether another scene begins here.
    pub cut: bool,
}

/// What a frame has to do with the one before.
pub struct Seen {
    number: usize,
    /// The frame as it should be painted.
    pub calm: Picture,
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
        Steady { stability: stability.clamp(0.0, 1.0), kept: None, room: Room::default() }
    }

    /// The stability, in [0, 1].
    pub fn stability(&self) -> f32 {
        self.stability
    }

    /// Forgets the frames before, or goes on after the one of which that was kept which [`Steady::kept`] told.
    pub fn begin(&mut self, before: Option<Kept>) {
        self.kept = before;
    }

    /// What is kept of the frame before; nothing before the first.
    pub fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// Number of frames after which what was before counts for less than half a step of 8 bits: whoever begins so many
    /// frames early shows the same. It is the number that a plain mean would need, and a half more for strokes, whose mixing
    /// depends on what they have in common.
    pub fn memory(&self) -> usize {
        let kept = f64::from((KEPT * self.held()).max(CALM * self.stability));
        if kept == 0.0 { 0 } else { (1.5 * (1.0 / 512.0f64).ln() / kept.ln()).ceil() as usize }
    }

    /// Share of the strokes before that are held between two turns.
    fn held(&self) -> f32 {
        self.stability * (2.0 - self.stability)
    }

    /// Compares a frame with what is kept of the one before, to which its motion must lead; a frame whose motion is not known
    /// begins anew.
    ///
    /// # Errors
    /// [`Error::Sizes`] if it has another size than the frame before.
    pub fn observe(&self, Looked { number, picture: calm, motion }: Looked) -> Result<Seen> {
        let (Some(kept), Some(motion)) = (&self.kept, motion.filter(|motion| !motion.is_cut())) else {
            return Ok(Seen { number, calm, cut: true, moved: None });
        };
        let (width, height) = (calm.width(), calm.height());
        if (kept.shown.width(), kept.shown.height()) != (width, height) {
            return Err(Error::Sizes(kept.shown.width(), kept.shown.height(), width, height));
        }
        let trust = Mask::new(width, height, calm::faded(&motion.bad, width, height))?;
        let calm = calm::calmed(calm, motion.flow.warp(&kept.calm), trust.values(), CALM * self.stability)?;
        let picture = Picture::new(width, height, motion.flow.warp(&kept.shown))?;
        Ok(Seen { number, calm, cut: false, moved: Some(Moved { picture, trust }) })
    }

    /// The painting to show for the frame that was `seen`, of whose calm state `painted` was made, with its size.
    ///
    /// # Errors
    /// [`Error::Sizes`] if it has another size.
    pub fn show(&mut self, seen: Seen, painted: Picture) -> Result<Shown> {
        let (frame, size) = ((seen.calm.width(), seen.calm.height()), (painted.width(), painted.height()));
        if frame != size {
            return Err(Error::Sizes(frame.0, frame.1, size.0, size.1));
        }
        let picture = match &seen.moved {
            Some(moved) => {
                let share = Share {
                    alike: KEPT * self.held(),
                    held: self.held(),
                    anew: ANEW * self.stability * self.stability,
                    turn: (seen.number % PERIOD) as f32 / PERIOD as f32,
                };
                let rgb = mix(&painted, &moved.picture, moved.trust.values(), share, &mut self.room);
                Picture::new(size.0, size.1, rgb)?
            }
            None => painted,
        };
        let cut = seen.cut;
        self.keep(seen, picture.clone());
        Ok(Shown { picture, cut })
    }

    /// Notes what was shown of the frame that was seen, by methods that paint with what was shown before in view.
    pub fn keep(&mut self, seen: Seen, shown: Picture) {
        self.kept = Some(Kept { calm: seen.calm, shown });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, Motion};

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

    /// A frame as it is seen after another.
    fn looked(number: usize, before: Option<&Picture>, frame: &Picture) -> Looked {
        let before = before.map(Frame::new);
        let motion = before.map(|before| Motion::between(&Frame::new(frame), &before).unwrap());
        Looked { number, picture: frame.clone(), motion }
    }

    fn next(
        steady: &mut Steady,
        number: usize,
        before: Option<&Picture>,
        frame: &Picture,
        painted: Picture,
    ) -> Shown {
        let seen = steady.observe(looked(number, before, frame)).unwrap();
        steady.show(seen, painted).unwrap()
    }

    /// Root of the mean square of what one picture's middle differs from another's, which is moved to the right by `moved`.
    fn apart(a: &Picture, b: &Picture, moved: usize) -> f32 {
        let places = (16..48).flat_map(|y| (16..48).map(move |x| (x, y)));
        let square = |(x, y): (usize, usize)| {
            (0..3)
                .map(|c| (a.rgb()[3 * (64 * y + x) + c] - b.rgb()[3 * (64 * y + x - moved) + c]).powi(2))
                .sum::<f32>()
        };
        (places.map(square).sum::<f32>() / 3072.0).sqrt()
    }

    #[test]
    fn flicker_fades_and_nothing_drifts() {
        let mut steady = Steady::new(1.0);
        let (mut shown, mut error) = (frame(0, 0.0), 0.0);
        let mut changes = Vec::new();
        for number in 0..12 {
            let before = (number > 0).then(|| frame(number - 1, 0.0));
            let made = next(&mut steady, number, before.as_ref(), &frame(number, 0.0), frame(number, 0.2));
            assert_eq!(made.cut, number == 0);
            changes.push(apart(&made.picture, &shown, 1));
            error = apart(&made.picture, &frame(number, 0.0), 0);
            shown = made.picture;
        }
        let alone = apart(&frame(11, 0.2), &frame(10, 0.2), 1);
        // Every place has had a turn.
        let change = changes.iter().rev().take(PERIOD).sum::<f32>() / PERIOD as f32;
        assert!(change < 0.6 * alone, "{change} of {alone}");
        let alone = apart(&frame(11, 0.2), &frame(11, 0.0), 0);
        assert!(error < 1.1 * alone, "{error} of {alone}");
        // A scene of its own begins anew.
        let other =
            Picture::new(64, 64, (0..64 * 64 * 3).map(|i| (i * 31 % 97) as f32 / 97.0).collect()).unwrap();
        let made = next(&mut steady, 12, Some(&frame(11, 0.0)), &other, other.clone());
        assert!(made.cut && made.picture == other && made.picture != shown);
    }

    #[test]
    fn goes_on_exactly_and_forgets() {
        let made = |steady: &mut Steady, number: usize| {
            let before = (number > 0).then(|| frame(number - 1, 0.0));
            next(steady, number, before.as_ref(), &frame(number, 0.0), frame(number, 0.2)).picture
        };
        let mut whole = Steady::new(0.5);
        let mut kept = None;
        let mut all = Vec::new();
        for number in 0..36 {
            all.push(made(&mut whole, number));
            kept = if number == 4 { whole.kept().cloned() } else { kept };
        }
        let mut later = Steady::new(0.5);
        later.begin(kept);
        assert_eq!(made(&mut later, 5), all[5]);
        assert_eq!(later.kept().map(|kept| &kept.shown), Some(&all[5]));
        let mut early = Steady::new(0.5);
        let memory = early.memory();
        assert_eq!((memory, Steady::new(0.0).memory()), (21, 0));
        let last = (35 - memory..36).map(|number| made(&mut early, number)).last().unwrap();
        let apart = |(a, b): (&f32, &f32)| (a - b).abs();
        let worst = last.rgb().iter().zip(all[35].rgb()).map(apart).fold(0.0, f32::max);
        assert!(worst < 1.0 / 512.0, "{worst}");
    }

    #[test]
    fn noise_of_frames_is_calmed_and_motion_is_not() {
        let mut steady = Steady::new(1.0);
        let mut calm = frame(0, 0.0);
        let mut before = None;
        for number in 0..10 {
            let noisy = frame(number, 0.04);
            let seen = steady.observe(looked(number, before.as_ref(), &noisy)).unwrap();
            calm = seen.calm.clone();
            before = Some(noisy.clone());
            steady.show(seen, noisy).unwrap();
        }
        let truth = frame(9, 0.0);
        assert!(apart(&calm, &truth, 0) < 0.75 * apart(&frame(9, 0.04), &truth, 0));
    }
}
