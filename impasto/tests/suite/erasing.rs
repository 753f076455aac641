//! Things taken out of pictures, and the change of statistics that shows it.

use impasto::{
    Error, Network, Recipe,
    compare::{Side, compare},
    paint::Erasure,
};
use impasto_image::{Mask, Picture};
use std::ops::ControlFlow;

const WIDTH: usize = 96;
const HEIGHT: usize = 80;

/// Distance from the disc's middle.
fn from_disc(i: usize) -> f32 {
    ((i % WIDTH) as f32 - 50.0).hypot((i / WIDTH) as f32 - 36.0)
}

/// Green and yellow strokes, with a red disc.
fn picture() -> Picture {
    let rgb = (0..WIDTH * HEIGHT).flat_map(|i| {
        let (x, y) = ((i % WIDTH) as f32, (i / WIDTH) as f32);
        let wave = ((0.8 * x + 0.5 * y).sin() + (0.3 * x - 0.9 * y).sin()) * 0.2 + 0.5;
        if from_disc(i) <= 10.0 { [0.9, 0.05, 0.1] } else { [wave, 0.6, 0.15] }
    });
    Picture::new(WIDTH, HEIGHT, rgb.collect()).expect("a picture")
}

fn mask(radius: f32) -> Mask {
    let values = (0..WIDTH * HEIGHT).map(|i| f32::from(from_disc(i) <= radius)).collect();
    Mask::new(WIDTH, HEIGHT, values).expect("a mask")
}

fn erased(picture: &Picture, mask: &Mask, seed: u64) -> Picture {
    let erasure = Erasure::new(mask, (WIDTH, HEIGHT)).expect("an erasure");
    let network = Network::default();
    erasure
        .paint(picture, &network, seed, &mut |progress| {
            if progress.evaluation < 30 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .expect("a painting")
        .picture
}

#[test]
fn a_disc_vanishes_and_all_else_stays() {
    let picture = picture();
    // A soft edge, and alpha that shall stay.
    let mut values = mask(10.0).values().to_vec();
    (0..values.len()).filter(|&i| (10.0..11.0).contains(&from_disc(i))).for_each(|i| values[i] = 0.5);
    let mask = Mask::new(WIDTH, HEIGHT, values).expect("a mask");
    let alpha: Vec<f32> = (0..WIDTH * HEIGHT).map(|i| if i % WIDTH < 8 { 0.0 } else { 1.0 }).collect();
    let picture = picture.with_alpha(alpha).expect("alpha");
    let after = erased(&picture, &mask, 0);
    assert_eq!(after.alpha(), picture.alpha());
    let pixels = after.rgb().as_chunks::<3>().0.iter().zip(picture.rgb().as_chunks::<3>().0).enumerate();
    for (i, (after, before)) in pixels {
        if from_disc(i) > 18.0 {
            assert_eq!(after, before, "pixel {i}");
        } else {
            assert!(after[0] - after[1] < 0.45, "pixel {i} is {after:?}");
        }
    }
    let again = erased(&picture, &mask, 0);
    assert_eq!(again, after);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    assert_eq!(pool.install(|| erased(&picture, &mask, 0)), after);
}

#[test]
fn statistics_come_nearer_to_those_of_the_rest() {
    let (picture, mask) = (picture(), mask(10.0));
    let after = erased(&picture, &mask, 1);
    let layers: Vec<String> = ["relu1_1", "relu2_1", "relu3_1"].map(String::from).to_vec();
    let variant = Recipe::default().variant();
    let background = mask.inverted();
    let change = |after: &Picture| {
        let before = Side { picture: &picture, mask: Some(&background) };
        let after = Side { picture: after, mask: None };
        compare(before, after, &layers, &Network::default(), variant, 0).expect("changes")
    };
    for (with, without) in change(&picture).iter().zip(&change(&after)) {
        let layer = &with.layer;
        assert!(without.gram.cosine > with.gram.cosine, "{layer}: {:?} {:?}", without.gram, with.gram);
        assert!(without.covariance.cosine > with.covariance.cosine, "{layer}");
        assert!(without.means.distance < with.means.distance, "{layer}");
        let planes = with.largest(3);
        assert_eq!(planes.len(), 3);
        assert!((planes[0].after - planes[0].before).abs() >= (planes[1].after - planes[1].before).abs());
    }
    let same = Side { picture: &picture, mask: None };
    let none = compare(same, same, &layers, &Network::default(), variant, 48).expect("no change");
    assert!(none.iter().all(|layer| layer.gram.distance == 0.0 && layer.means.cosine > 1.0 - 1e-12));
}

#[test]
fn nothing_and_everything_cannot_be_erased() {
    let black = Erasure::new(&mask(-1.0), (WIDTH, HEIGHT));
    assert!(matches!(black, Err(Error::EmptyMask { .. })), "{black:?}");
    let white = Erasure::new(&mask(1000.0), (WIDTH, HEIGHT)).expect_err("nothing is left");
    assert!(matches!(white, Error::NothingAround) && white.hint().is_some());
    // A mask of another size is stretched.
    let small = Erasure::new(&mask(10.0), (48, 40)).expect("an erasure");
    assert_eq!((small.hole().width(), small.hole().height()), (48, 40));
}
