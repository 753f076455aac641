//! Motion that is known: a photograph shifted, turned and enlarged behind something that moves otherwise.

use impasto_image::{Limits, Picture, open};
use impasto_video::{Flow, Frame, flow};
use std::path::Path;

const SIZE: [usize; 2] = [384, 288];

/// Centre and radius of what lies before the photograph, in the first frame, and how it moves.
const DISC: ([f32; 2], f32) = ([270.0, 150.0], 40.0);
const DISC_MOVES: [f32; 2] = [-9.0, 5.0];

/// How the photograph moves: turned by an angle and enlarged about the middle, then shifted.
struct Motion {
    angle: f32,
    scale: f32,
    shift: [f32; 2],
}

impl Motion {
    /// Where a place of the first frame is in the second.
    fn forth(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let [cx, cy] = SIZE.map(|n| n as f32 / 2.0);
        let (dx, dy) = (self.scale * (x - cx), self.scale * (y - cy));
        [cx + cos * dx - sin * dy + self.shift[0], cy + sin * dx + cos * dy + self.shift[1]]
    }

    /// Where a place of the second frame was in the first.
    fn back(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let [cx, cy] = SIZE.map(|n| n as f32 / 2.0);
        let (dx, dy) = (x - self.shift[0] - cx, y - self.shift[1] - cy);
        [cx + (cos * dx + sin * dy) / self.scale, cy + (-sin * dx + cos * dy) / self.scale]
    }
}

fn photo() -> Picture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/photo.jpg");
    open(&path, &Limits::default()).unwrap().picture
}

/// The colour of `photo` at a place between pixels.
fn sample(photo: &Picture, [x, y]: [f32; 2]) -> [f32; 3] {
    let x = x.clamp(0.0, (photo.width() - 2) as f32);
    let y = y.clamp(0.0, (photo.height() - 2) as f32);
    let (left, top) = (x as usize, y as usize);
    let (across, down) = (x - left as f32, y - top as f32);
    std::array::from_fn(|channel| {
        let at = |dx: usize, dy: usize| photo.rgb()[3 * ((top + dy) * photo.width() + left + dx) + channel];
        let upper = at(0, 0) + across * (at(1, 0) - at(0, 0));
        let lower = at(0, 1) + across * (at(1, 1) - at(0, 1));
        upper + down * (lower - upper)
    })
}

fn on_disc([x, y]: [f32; 2]) -> bool {
    (x - DISC.0[0]).hypot(y - DISC.0[1]) < DISC.1
}

/// Both frames.
fn frames(photo: &Picture, motion: &Motion) -> [Picture; 2] {
    // The photograph reaches beyond the frame.
    let [dx, dy] = [photo.width() as f32 / SIZE[0] as f32, photo.height() as f32 / SIZE[1] as f32];
    let scale = dx.min(dy) * 0.8;
    let margin = 0.1 * scale * SIZE[0] as f32;
    let behind = |[x, y]: [f32; 2]| sample(photo, [margin + scale * x, margin / 2.0 + scale * y]);
    // Another part of it, darker and upside down, is before it.
    let before = |[x, y]: [f32; 2]| {
        sample(photo, [1.2 * x + 30.0, photo.height() as f32 - 1.2 * y]).map(|value| 0.8 * (1.0 - value))
    };
    let frame = |color: &dyn Fn([f32; 2]) -> [f32; 3]| {
        let mut rgb = Vec::new();
        for y in 0..SIZE[1] {
            for x in 0..SIZE[0] {
                // Four samples to a pixel.
                let mut mean = [0.0; 3];
                for (sx, sy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                    let found = color([x as f32 + sx, y as f32 + sy]);
                    mean = std::array::from_fn(|i| mean[i] + 0.25 * found[i]);
                }
                rgb.extend(mean);
            }
        }
        Picture::new(SIZE[0], SIZE[1], rgb).unwrap()
    };
    let first = frame(&|at| if on_disc(at) { before(at) } else { behind(at) });
    let second = frame(&|at| {
        let was = [at[0] - DISC_MOVES[0], at[1] - DISC_MOVES[1]];
        if on_disc(was) { before(was) } else { behind(motion.back(at)) }
    });
    [first, second]
}

/// Where the pixel (x, y) of the first frame went; none if it is hidden in the second or outside of it.
fn truth(motion: &Motion, at: [f32; 2]) -> Option<[f32; 2]> {
    if on_disc(at) {
        return Some(DISC_MOVES);
    }
    let to = motion.forth(at);
    let hidden = on_disc([to[0] - DISC_MOVES[0], to[1] - DISC_MOVES[1]]);
    let inside = (0..2).all(|i| (0.0..=(SIZE[i] - 1) as f32).contains(&to[i]));
    (!hidden && inside).then_some([to[0] - at[0], to[1] - at[1]])
}

/// Mean end-point error over pixels that are called reliable, their share of those that can be seen in both frames, and the
/// share of hidden pixels that are called unreliable.
fn measure(motion: &Motion) -> [f64; 3] {
    let [first, second] = frames(&photo(), motion).map(|picture| Frame::new(&picture));
    let forth: Flow = flow(&first, &second).unwrap();
    let back = flow(&second, &first).unwrap();
    let bad = forth.unreliable(&back);
    let (mut error, mut reliable, mut seen, mut hidden, mut caught) = (0.0, 0, 0, 0, 0);
    for (at, (&[u, v], &bad)) in forth.vectors().iter().zip(&bad).enumerate() {
        match truth(motion, [(at % SIZE[0]) as f32, (at / SIZE[0]) as f32]) {
            Some([x, y]) => {
                seen += 1;
                if !bad {
                    reliable += 1;
                    error += f64::from((u - x).hypot(v - y));
                }
            }
            None => {
                hidden += 1;
                caught += usize::from(bad);
            }
        }
    }
    let found =
        [error / f64::from(reliable), f64::from(reliable) / f64::from(seen), caught as f64 / hidden as f64];
    println!("end-point error {:.3}, reliable {:.3}, hidden found {:.3}", found[0], found[1], found[2]);
    found
}

#[test]
fn finds_known_motion() {
    for (angle, scale, shift) in [
        (0.0, 1.0, [3.4, -2.3]),
        (0.0, 1.0, [14.0, 6.5]),
        (0.05, 1.0, [0.0, 0.0]),
        (0.0, 1.05, [2.0, 1.0]),
        (-0.03, 0.96, [-6.0, 4.0]),
    ] {
        let [error, reliable, hidden] = measure(&Motion { angle, scale, shift });
        assert!(error < 0.5, "end-point error {error}");
        assert!(reliable > 0.9, "{reliable} of the pixels are reliable");
        assert!(hidden > 0.5, "{hidden} of the hidden pixels are found");
    }
}

#[test]
fn a_frame_does_not_move_into_itself() {
    let [first, _] = frames(&photo(), &Motion { angle: 0.0, scale: 1.0, shift: [0.0; 2] });
    let first = Frame::new(&first);
    let still = flow(&first, &first).unwrap();
    assert!(still.vectors().iter().flatten().all(|value| value.abs() < 0.01));
}

#[test]
fn small_and_odd_sizes() {
    for (width, height) in [(1, 1), (3, 2), (17, 9), (33, 64)] {
        let picture = Picture::new(width, height, vec![0.5; 3 * width * height]).unwrap();
        let frame = Frame::new(&picture);
        let still = flow(&frame, &frame).unwrap();
        assert_eq!((still.width(), still.height()), (width, height));
        assert!(still.vectors().iter().flatten().all(|&value| value == 0.0));
    }
}
