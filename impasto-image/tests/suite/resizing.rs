//! Resampling: what must stay, what must not bleed, and that threads change nothing.

use impasto_image::{Picture, fit_long_side, resize};
use proptest::prelude::*;

fn noise(width: usize, height: usize) -> Picture {
    // A multiplicative hash gives values without pattern and without a random generator.
    let value = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32;
    Picture::new(width, height, (0..width * height * 3).map(value).collect()).unwrap()
}

#[test]
fn the_same_size_returns_the_same_bits() {
    let mut picture = noise(31, 17);
    picture.rgb_mut()[5] = 1.7;
    let alpha = (0..31 * 17).map(|i| i as f32 / 526.0).collect();
    let picture = picture.with_alpha(alpha).unwrap();
    assert_eq!(resize(&picture, 31, 17).unwrap(), picture);
}

#[test]
fn an_impossible_size_is_an_error() {
    for (width, height) in [(0, 5), (5, 0), (usize::MAX, 1), (usize::MAX, usize::MAX), (1 << 31, 1 << 31)] {
        assert!(resize(&noise(3, 3), width, height).is_err());
    }
}

#[test]
fn black_and_white_mix_in_linear_light() {
    let stripes = (0..64 * 8).flat_map(|i| [(i % 2) as f32; 3]).collect();
    let grey = resize(&Picture::new(64, 8, stripes).unwrap(), 8, 1).unwrap();
    // Half the light is 188 of 255, not 128.
    for &v in &grey.rgb()[6..18] {
        assert!((v * 255.0 - 187.5).abs() < 1.0, "{}", v * 255.0);
    }
}

#[test]
fn hidden_colours_do_not_bleed() {
    // Opaque blue on the left, fully transparent red on the right.
    let rgb = (0..32 * 8).flat_map(|i| if i % 32 < 16 { [0.0, 0.0, 1.0] } else { [1.0, 0.0, 0.0] }).collect();
    let alpha = (0..32 * 8).map(|i| if i % 32 < 16 { 1.0 } else { 0.0 }).collect();
    let picture = Picture::new(32, 8, rgb).unwrap().with_alpha(alpha).unwrap();
    for (width, height) in [(9, 3), (100, 20)] {
        let resized = resize(&picture, width, height).unwrap();
        let alpha = resized.alpha().unwrap();
        for (colour, &a) in resized.rgb().chunks_exact(3).zip(alpha) {
            assert!((0.0..=1.0).contains(&a));
            if a > 0.01 {
                assert!(colour[0] < 0.01 && colour[2] > 0.99, "{colour:?} at alpha {a}");
            }
        }
        // What is hidden stays what it was.
        for (hidden, red) in resized.rgb()[width * 3 - 3..width * 3].iter().zip([1.0, 0.0, 0.0]) {
            assert!((hidden - red).abs() < 1e-5, "{hidden}");
        }
    }
}

#[test]
fn the_thread_count_changes_nothing() {
    let picture =
        noise(301, 203).with_alpha((0..301 * 203).map(|i| (i % 11) as f32 / 10.0).collect()).unwrap();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| [resize(&picture, 97, 64).unwrap(), resize(&picture, 555, 400).unwrap()])
    };
    assert_eq!(with(1), with(4));
}

#[test]
fn long_sides_fit() {
    assert_eq!(fit_long_side(1024, 768, 512), (512, 384));
    assert_eq!(fit_long_side(768, 1024, 512), (384, 512));
    assert_eq!(fit_long_side(3, 2, 5), (5, 3));
    assert_eq!(fit_long_side(10_000, 3, 100), (100, 1));
    assert_eq!(fit_long_side(640, 480, 640), (640, 480));
    assert_eq!(fit_long_side(640, 480, 0), (640, 480));
    assert_eq!(fit_long_side(1, 1, 300), (300, 300));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_colour_stays_that_colour(
        colour in prop::array::uniform3(0.0f32..=1.0),
        from in (1usize..60, 1usize..60),
        to in (1usize..60, 1usize..60),
        alpha in prop::option::of(0.01f32..=1.0),
    ) {
        let rgb = colour.iter().copied().cycle().take(from.0 * from.1 * 3).collect();
        let mut picture = Picture::new(from.0, from.1, rgb).unwrap();
        if let Some(alpha) = alpha {
            picture = picture.with_alpha(vec![alpha; from.0 * from.1]).unwrap();
        }
        let resized = resize(&picture, to.0, to.1).unwrap();
        prop_assert_eq!((resized.width(), resized.height()), to);
        for pixel in resized.rgb().chunks_exact(3) {
            for (a, b) in pixel.iter().zip(&colour) {
                prop_assert!((a - b).abs() < 1e-5, "{} {}", a, b);
            }
        }
        prop_assert_eq!(resized.alpha().is_some(), alpha.is_some());
        for (a, b) in resized.alpha().unwrap_or_default().iter().zip(alpha) {
            prop_assert!((a - b).abs() < 1e-5);
        }
    }

    #[test]
    fn the_fitted_long_side_is_exact(width in 1usize..20_000, height in 1usize..20_000, long in 1usize..5000) {
        let (w, h) = fit_long_side(width, height, long);
        prop_assert_eq!(w.max(h), long);
        prop_assert!(w >= 1 && h >= 1);
        let exact = width.min(height) as f64 * long as f64 / width.max(height) as f64;
        prop_assert!((w.min(h) as f64 - exact.max(1.0)).abs() <= 0.5 + 1e-9);
    }
}

#[test]
fn small_pictures_are_like_the_large_ones() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for name in ["orientation6.png", "grey.jpg", "cmyk.jpg"] {
        let whole =
            impasto_image::open(data.join(name), &impasto_image::Limits::default()).expect(name).picture;
        let side = whole.width().max(whole.height()) / 2;
        let small = impasto_image::open_small(data.join(name), &impasto_image::Limits::default(), side);
        let (small, size) = small.expect(name);
        assert_eq!(size, (whole.width(), whole.height()), "{name}");
        let small = small.picture;
        assert!(small.width().max(small.height()) >= side, "{name}");
        let (width, height) = (small.width(), small.height());
        let expected = impasto_image::resize(&whole, width, height).expect(name);
        let far = small.rgb().iter().zip(expected.rgb()).map(|(a, b)| (a - b).abs()).sum::<f32>();
        assert!(far / (small.rgb().len() as f32) < 0.05, "{name}: {far}");
    }
}
