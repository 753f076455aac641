//! Frames made ready while those before them are painted.

use crate::{Frame, Frames, Motion, Result};
use impasto_image::{Picture, resize};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Frames that wait; one more is being looked at.
const WAITING: usize = 1;

/// A frame to be painted, with what can be told of it before anything is.
pub struct Looked {
    /// Its number in the clip.
    pub number: usize,
    /// The frame, opaque, at the size to paint.
    pub picture: Picture,
    /// Its motion to the frame before; none for the first, and where it was not asked for.
    pub motion: Option<Motion>,
}

/// Frames that follow each other, read, resampled and compared by a thread of its own.
pub struct Ahead {
    looked: Receiver<Result<Looked>>,
}

impl Ahead {
    /// The frames that `open` gives, which are numbered from `first` on, at the size (width, height); the motion between them is found if `motion` is set. The
    /// first error, of `open` or of a frame, is the last that comes.
    pub fn new(
        open: impl FnOnce() -> Result<Frames> + Send + 'static,
        first: usize,
        size: (usize, usize),
        motion: bool,
    ) -> Ahead {
        let (sender, looked) = sync_channel(WAITING);
        thread::spawn(move || {
            let mut before = None;
            let frames = open().unwrap_or_else(|error| Box::new(std::iter::once(Err(error))));
            for (picture, number) in frames.zip(first..) {
                let found = picture.and_then(|picture| look(number, picture, size, motion, &mut before));
                let failed = found.is_err();
                // Or nobody listens any more.
                if sender.send(found).is_err() || failed {
                    return;
                }
            }
        });
        Ahead { looked }
    }
}

impl Iterator for Ahead {
    type Item = Result<Looked>;

    fn next(&mut self) -> Option<Result<Looked>> {
        self.looked.recv().ok()
    }
}

/// Looks at a frame, which becomes the one `before`.
fn look(
    number: usize,
    picture: Picture,
    (width, height): (usize, usize),
    motion: bool,
    before: &mut Option<Frame>,
) -> Result<Looked> {
    let picture = picture.without_alpha();
    let picture = match (picture.width(), picture.height()) == (width, height) {
        true => picture,
        false => resize(&picture, width, height)?,
    };
    if !motion {
        return Ok(Looked { number, picture, motion: None });
    }
    let frame = Frame::new(&picture);
    let motion = before.as_ref().map(|before| Motion::between(&frame, before)).transpose()?;
    *before = Some(frame);
    Ok(Looked { number, picture, motion })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn gray(value: f32) -> Picture {
        Picture::new(32, 24, vec![value; 3 * 32 * 24]).unwrap()
    }

    #[test]
    fn frames_come_in_order_with_their_motion() {
        let frames = || Ok(Box::new((0..5).map(|number| Ok(gray(number as f32 / 8.0)))) as Frames);
        let looked: Vec<Looked> =
            Ahead::new(frames, 7, (16, 12), true).map(|looked| looked.unwrap()).collect();
        assert_eq!(looked.len(), 5);
        for (at, Looked { number, picture, motion }) in looked.iter().enumerate() {
            assert_eq!(*number, at + 7);
            assert_eq!((picture.width(), picture.height()), (16, 12));
            assert!((picture.rgb()[0] - at as f32 / 8.0).abs() < 1e-3);
            let size = motion.as_ref().map(|motion| (motion.flow.width(), motion.flow.height()));
            assert_eq!(size, (at > 0).then_some((16, 12)));
        }
        assert!(Ahead::new(frames, 0, (32, 24), false).all(|looked| looked.unwrap().motion.is_none()));
    }

    #[test]
    fn errors_end_it_and_nobody_must_listen() {
        let broken = || Error::Clip { path: "clip.mp4".into(), reason: "it is cut off".into() };
        let frames =
            move || Ok(Box::new([Ok(gray(0.5)), Err(broken()), Ok(gray(0.5))].into_iter()) as Frames);
        let looked: Vec<_> = Ahead::new(frames, 0, (32, 24), true).collect();
        assert_eq!(looked.iter().map(|looked| looked.is_ok()).collect::<Vec<_>>(), [true, false]);
        let mut nothing = Ahead::new(move || Err(broken()), 0, (32, 24), true);
        assert!(nothing.next().is_some_and(|looked| looked.is_err()) && nothing.next().is_none());
        // Without an end, or the test would have none.
        let endless = || Ok(Box::new(std::iter::repeat_with(|| Ok(gray(0.5)))) as Frames);
        assert!(Ahead::new(endless, 0, (32, 24), true).next().is_some());
    }
}
