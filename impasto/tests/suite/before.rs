//! Paintings that hold on to the one of the frame before.

use impasto::{
    Error, Network, Painting, Recipe, Region, Request, Size, measure, paint,
    paint::{Before, ColorSource, Coloring},
};
use impasto_image::{Mask, Picture, color::grey};
use std::ops::ControlFlow;

const SIZE: (usize, usize) = (60, 48);

fn picture(colour: impl Fn(f32, f32) -> [f32; 3]) -> Picture {
    let rgb = (0..SIZE.0 * SIZE.1).flat_map(|i| colour((i % SIZE.0) as f32, (i / SIZE.0) as f32)).collect();
    Picture::new(SIZE.0, SIZE.1, rgb).expect("a picture")
}

/// A photograph, a painting, and what another frame may have looked like.
fn pictures() -> [Picture; 3] {
    [
        picture(|x, y| {
            let inside = (x - 30.0).hypot(y - 24.0) < 14.0;
            if inside { [0.9, 0.3, 0.2] } else { [0.2, 0.4, 0.5 + y / 150.0] }
        }),
        picture(|x, y| {
            let wave = ((x + y) * 0.7).sin() * 0.4 + 0.5;
            [wave, 1.0 - wave, 0.3]
        }),
        picture(|x, y| [0.3 + 0.2 * (x * 0.4).sin(), 0.5, 0.6 - 0.2 * (y * 0.3).cos()]),
    ]
}

fn recipe(scales: usize) -> Recipe {
    let mut recipe = Recipe { iterations: 20, ..Recipe::default() };
    recipe.scales.first = 40;
    recipe.scales.count = Some(scales);
    recipe
}

fn request<'a>(pictures: &'a [Picture; 3], recipe: &'a Recipe, network: &'a Network) -> Request<'a> {
    Request {
        content: Some(&pictures[0]),
        regions: Region::everywhere(&pictures[1]),
        ..Request::new(recipe, network)
    }
}

fn trust(value: impl Fn(usize) -> f32) -> Mask {
    Mask::new(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(value).collect()).expect("a mask")
}

fn painted(request: &Request<'_>) -> Painting {
    paint(request, &mut |_| ControlFlow::Continue(())).expect("a painting")
}

/// Root of the mean squared difference over some columns.
fn distance(a: &Picture, b: &Picture, columns: std::ops::Range<usize>) -> f64 {
    let inside = |i: &usize| columns.contains(&(i / 3 % SIZE.0));
    let squares: Vec<f64> =
        (0..a.rgb().len()).filter(inside).map(|i| f64::from(a.rgb()[i] - b.rgb()[i]).powi(2)).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

#[test]
fn a_painting_stays_at_the_one_before_where_that_is_trusted() {
    let (pictures, network) = (pictures(), Network::default());
    for scales in [1, 2] {
        let recipe = recipe(scales);
        let request = request(&pictures, &recipe, &network);
        let alone = painted(&request).picture;
        let half = SIZE.0 / 2;
        let trust = trust(|i| if i % SIZE.0 < half { 1.0 } else { 0.0 });
        let before = Before { picture: &pictures[2], trust: &trust, weight: 1e4 };
        let held = painted(&Request { before: Some(before), ..request.clone() });
        let (there, here) = (0..half, half..SIZE.0);
        assert!(distance(&alone, &pictures[2], there.clone()) > 0.1);
        let kept = distance(&held.picture, &pictures[2], there);
        assert!(kept < 0.004, "{scales}: {kept} from the painting before");
        assert!(distance(&held.picture, &pictures[2], here) > 0.1, "{scales}: held without trust");
        let term = held.evaluation.terms.last().expect("terms");
        let expected = 1e4 * 255.0 * 255.0 * kept * kept / 2.0;
        assert!(term.name == "temporal" && (term.value / expected - 1.0).abs() < 1e-3, "{term:?}");
    }
}

#[test]
fn without_trust_or_weight_nothing_changes() {
    let (pictures, network, recipe) = (pictures(), Network::default(), recipe(2));
    let request = request(&pictures, &recipe, &network);
    let alone = painted(&request);
    let (none, all) = (trust(|_| 0.0), trust(|_| 1.0));
    for (trust, weight) in [(&none, 5.0), (&all, 0.0)] {
        let before = Before { picture: &pictures[2], trust, weight };
        let painting = painted(&Request { before: Some(before), ..request.clone() });
        assert_eq!(painting.picture, alone.picture);
        assert_eq!(painting.evaluation.total, alone.evaluation.total);
    }
}

#[test]
fn a_painting_in_grey_holds_on_to_the_greys_of_the_one_before() {
    let (pictures, network, recipe) = (pictures(), Network::default(), recipe(1));
    let all = trust(|_| 1.0);
    let before = Before { picture: &pictures[2], trust: &all, weight: 1e4 };
    let color = Coloring { from: ColorSource::Luminance, strength: 1.0 };
    let request = Request { before: Some(before), color: &color, ..request(&pictures, &recipe, &network) };
    let held = grey(&painted(&request).picture, 1.0);
    assert!(distance(&held, &grey(&pictures[2], 1.0), 0..SIZE.0) < 0.01);
}

#[test]
fn other_sizes_are_refused_when_painting_and_resampled_when_measuring() {
    let (pictures, network, recipe) = (pictures(), Network::default(), recipe(1));
    let (all, small) = (trust(|_| 1.0), Mask::new(8, 6, vec![1.0; 48]).expect("a mask"));
    let before = Before { picture: &pictures[2], trust: &all, weight: 1.0 };
    let with = |before| Request { before: Some(before), ..request(&pictures, &recipe, &network) };
    let refused = |request: &Request<'_>| {
        let error = paint(request, &mut |_| ControlFlow::Continue(())).expect_err("an error");
        assert!(matches!(error, Error::OtherSize { .. }) && error.hint().is_some(), "{error}");
        error.to_string()
    };
    let text = refused(&Request { size: Size::LongSide(50), ..with(before) });
    assert_eq!(text, "the painting before has 60×48 pixels instead of 50×40");
    let text = refused(&with(Before { trust: &small, ..before }));
    assert_eq!(text, "the trust in the painting before has 8×6 pixels instead of 60×48");
    let request = Request { size: Size::LongSide(50), ..with(before) };
    let loss = measure::loss(&pictures[2], &request).expect("a loss");
    assert_eq!(loss.evaluation.terms.last().map(|term| term.name.as_str()), Some("temporal"));
}
