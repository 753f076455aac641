//! Clips of a pattern that moves, painted in ways whose numbers are known.

use super::*;
use impasto_image::color::oklab;

const SIZE: usize = 64;

/// Frame `number` of a pattern that moves to the right by a pixel a frame.
fn frame(number: usize) -> Picture {
    let value = |x: usize, y: usize| {
        let (x, y) = (x as f32 - number as f32, y as f32);
        0.5 + 0.2 * (0.31 * x + 0.1 * y).sin() + 0.15 * (0.23 * y - 0.17 * x).cos()
    };
    picture(|at| [value(at % SIZE, at / SIZE); 3])
}

fn picture(color: impl Fn(usize) -> [f32; 3]) -> Picture {
    Picture::new(SIZE, SIZE, (0..SIZE * SIZE).flat_map(color).collect()).unwrap()
}

/// `picture` with every value changed.
fn changed(picture: &Picture, change: impl Fn(usize, f32) -> f32) -> Picture {
    let rgb = picture.rgb().iter().enumerate().map(|(at, value)| change(at, *value)).collect();
    Picture::new(picture.width(), picture.height(), rgb).unwrap()
}

/// The score of `count` frames.
fn score(
    count: usize,
    frame: impl Fn(usize) -> Picture,
    paint: impl Fn(usize, &Picture) -> Picture,
) -> Summary {
    let mut score = Score::new();
    for number in 0..count {
        let frame = frame(number);
        score.next(&frame, &paint(number, &frame)).unwrap();
    }
    score.finish()
}

#[test]
fn what_moves_with_its_frames_is_steady() {
    let negative = |_: usize, frame: &Picture| changed(frame, |_, value| 1.0 - value);
    let summary = score(8, frame, negative);
    assert_eq!((summary.frames, summary.pairs, summary.cuts.len()), (8, 7, 0));
    assert!(summary.reliable > 0.8, "{summary:?}");
    assert!(summary.warping < 0.01 && (summary.warping - summary.warping_source).abs() < 1e-6, "{summary:?}");
    assert!(summary.flicker < 0.002 && summary.drift_color < 0.01, "{summary:?}");
    assert!(summary.drift_sharpness.abs() < 1e-3, "{summary:?}");
    // What stands still while the frames move is not.
    let still = score(8, frame, |_, _| frame(0));
    assert!(still.warping > 5.0 * summary.warping, "{still:?}");
}

#[test]
fn noise_of_its_own_in_every_frame_counts_twice() {
    let noise = |number: usize, at: usize| {
        let mut state = ((number * 1_000_003 + at) as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        0.2 * ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5)
    };
    let summary = score(6, frame, |number, frame| changed(frame, |at, value| value + noise(number, at)));
    // Uniform noise has a variance of width² / 12; between pixels it is a little less.
    let expected = 0.2 * (2.0f64 / 12.0).sqrt();
    assert!((summary.warping / expected - 1.0).abs() < 0.15, "{} is not {expected}", summary.warping);
    assert!(summary.warping_source < 0.01 && summary.flicker < 0.005, "{summary:?}");
}

#[test]
fn flicker_is_the_brightness_that_painting_changes() {
    let step = |number: usize| if number.is_multiple_of(2) { 0.0 } else { 0.06 };
    let brighter = |number: usize, frame: &Picture| changed(frame, |_, value| value + step(number));
    let summary = score(6, frame, brighter);
    assert!((summary.flicker - 0.06).abs() < 0.003, "{summary:?}");
    assert!((summary.warping - 0.06).abs() < 0.005, "{summary:?}");
    let lamp = |number| brighter(number, &frame(number));
    let summary = score(6, lamp, |_, frame| frame.clone());
    assert!(summary.flicker < 1e-6 && summary.warping_source > 0.03, "{summary:?}");
}

#[test]
fn smearing_and_fading_are_drifts() {
    let blurred = |number: usize, frame: &Picture| {
        let mut rgb = frame.rgb().to_vec();
        for (at, value) in rgb.iter_mut().enumerate() {
            let row = &frame.rgb()[at - at % (3 * SIZE)..][..3 * SIZE];
            let (x, channel) = (at % (3 * SIZE) / 3, at % 3);
            let around = x.saturating_sub(number)..(x + number + 1).min(SIZE);
            *value = around.clone().map(|x| row[3 * x + channel]).sum::<f32>() / around.len() as f32;
        }
        Picture::new(SIZE, SIZE, rgb).unwrap()
    };
    let summary = score(9, frame, blurred);
    assert!((-0.9..-0.3).contains(&summary.drift_sharpness), "{summary:?}");
    let contrast = |number: usize, frame: &Picture| {
        changed(frame, |_, value| 0.5 + (value - 0.5) * (1.0 + 0.1 * number as f32))
    };
    let summary = score(8, frame, contrast);
    // Contrast 1 and 1.1 at the beginning, 1.6 and 1.7 at the end.
    assert!((summary.drift_sharpness - (1.65 / 1.05 - 1.0)).abs() < 0.01, "{summary:?}");
    let colors = [[0.5, 0.5, 0.5], [0.7, 0.4, 0.3]];
    let summary = score(4, |_| frame(0), |number, _| picture(|_| colors[number / 2]));
    let [from, to] = colors.map(oklab::from_srgb);
    let expected = from.iter().zip(to).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
    assert!((summary.drift_color - expected).abs() < 1e-5, "{summary:?}, not {expected}");
}

#[test]
fn a_cut_is_found_and_left_out() {
    let other = picture(|at| [(at * 31 % 97) as f32 / 97.0; 3]);
    let clip = |number: usize| if number < 4 { frame(number) } else { other.clone() };
    let summary = score(7, clip, |_, frame| frame.clone());
    assert_eq!((summary.cuts, summary.frames, summary.pairs), (vec![4], 7, 5));
    assert!(summary.warping < 0.01, "{}", summary.warping);
}

#[test]
fn frames_are_resampled_and_nothing_is_no_failure() {
    assert_eq!(Score::new().finish(), Summary::default());
    let small = |number: usize, _: &Picture| resize(&frame(number), 48, 48).unwrap();
    let summary = score(3, frame, small);
    assert!(summary.pairs == 2 && summary.warping < 0.01, "{summary:?}");
    let grey = |side: usize| Picture::new(side, side, vec![0.5; 3 * side * side]).unwrap();
    let mut score = Score::new();
    score.next(&grey(32), &grey(32)).unwrap();
    assert!(matches!(score.next(&grey(32), &grey(16)), Err(Error::Sizes(32, 32, 16, 16))));
    score.next(&grey(32), &grey(32)).unwrap();
    let summary = score.finish();
    assert_eq!((summary.frames, summary.pairs, summary.drift_sharpness), (2, 1, 0.0));
}
