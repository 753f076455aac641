//! The painting loop on tiny pictures and the real network.

use impasto::{
    Error, Network, Painting, Progress, Recipe, Region, Request, Size, measure, paint,
    paint::{invert, texture},
};
use impasto_image::Picture;
use std::ops::ControlFlow;

/// A picture of a disc on a gradient, and one of diagonal stripes.
fn pictures() -> (Picture, Picture) {
    let make = |width: usize, height: usize, colour: fn(f32, f32) -> [f32; 3]| {
        let rgb = (0..width * height).flat_map(|i| colour((i % width) as f32, (i / width) as f32)).collect();
        Picture::new(width, height, rgb).expect("a picture")
    };
    let disc = make(72, 56, |x, y| {
        let inside = (x - 36.0).hypot(y - 28.0) < 16.0;
        if inside { [0.9, 0.3, 0.2] } else { [0.2, 0.4, 0.5 + y / 150.0] }
    });
    let stripes = make(50, 60, |x, y| {
        let wave = ((x + y) * 0.7).sin() * 0.4 + 0.5;
        [wave, 1.0 - wave, 0.3]
    });
    (disc, stripes)
}

fn recipe(iterations: usize) -> Recipe {
    let mut recipe = Recipe { iterations, ..Recipe::default() };
    recipe.scales.first = 44;
    recipe
}

fn request<'a>(pictures: &'a (Picture, Picture), recipe: &'a Recipe, network: &'a Network) -> Request<'a> {
    Request {
        content: Some(&pictures.0),
        regions: Region::everywhere(&pictures.1),
        seed: 7,
        ..Request::new(recipe, network)
    }
}

fn painted(request: &Request<'_>) -> Painting {
    paint(request, &mut |_| ControlFlow::Continue(())).expect("a painting")
}

#[test]
fn painting_lowers_the_loss_and_reports_every_evaluation() {
    let (pictures, recipe, network) = (pictures(), recipe(14), Network::default());
    let mut seen: Vec<(usize, usize, f64)> = Vec::new();
    let painting = paint(&request(&pictures, &recipe, &network), &mut |progress: &Progress<'_>| {
        let sum: f64 = progress.terms.iter().map(|term| term.value).sum();
        assert!((sum / progress.loss - 1.0).abs() < 1e-9);
        assert_eq!(progress.picture().expect("a picture").width(), progress.width);
        seen.push((progress.evaluation, progress.width, progress.loss));
        ControlFlow::Continue(())
    })
    .expect("a painting");
    assert_eq!(seen.iter().map(|s| s.0).collect::<Vec<_>>(), (1..=14).collect::<Vec<_>>());
    assert_eq!((seen[0].1, seen[13].1), (44, 72));
    let first_at_full = seen.iter().find(|s| s.1 == 72).expect("the full size").2;
    assert!(painting.evaluation.total < first_at_full);
    assert_eq!((painting.picture.width(), painting.picture.height(), painting.evaluations), (72, 56, 14));
    assert!(painting.picture.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
    let measured = measure::loss(&painting.picture, &request(&pictures, &recipe, &network)).expect("a loss");
    assert_eq!(measured.evaluation, painting.evaluation, "the result's own loss");
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let (pictures, mut recipe, network) = (pictures(), recipe(6), Network::default());
    recipe.init = impasto::recipe::Init::Noise;
    recipe.tv.weight = 0.01;
    let run = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        pool.install(|| painted(&Request { seed, ..request(&pictures, &recipe, &network) }).picture)
    };
    let one = run(1, 7);
    assert!(one == run(3, 7));
    assert!(one != run(1, 8));
}

#[test]
fn a_stop_returns_the_picture_so_far_at_the_size_asked_for() {
    let (pictures, recipe, network) = (pictures(), recipe(14), Network::default());
    let painting = paint(&request(&pictures, &recipe, &network), &mut |progress| {
        if progress.evaluation == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .expect("a painting");
    assert!(painting.interrupted);
    assert_eq!((painting.picture.width(), painting.picture.height(), painting.evaluations), (72, 56, 3));
}

#[test]
fn textures_have_the_size_asked_for_and_inversions_the_content_s() {
    let (pictures, recipe, network) = (pictures(), recipe(4), Network::default());
    let request = request(&pictures, &recipe, &network);
    let mut quiet = |_: &Progress<'_>| ControlFlow::Continue(());
    let made = texture(&request, &mut quiet).expect("a texture");
    assert_eq!((made.picture.width(), made.picture.height()), (50, 60));
    assert!(made.evaluation.terms.iter().all(|term| term.name != "content"));
    let size = Size::Exact { width: 64, height: 48 };
    let made = texture(&Request { size, ..request.clone() }, &mut quiet).expect("a texture");
    assert_eq!((made.picture.width(), made.picture.height()), (64, 48));
    let made = invert(&request, &mut quiet).expect("an inversion");
    assert_eq!((made.picture.width(), made.picture.height()), (72, 56));
    assert_eq!(made.evaluation.terms[0].name, "content");
}

#[test]
fn alpha_of_the_content_is_kept() {
    let (mut pictures, recipe, network) = (pictures(), recipe(1), Network::default());
    let alpha: Vec<f32> = (0..72 * 56).map(|i| (i % 72) as f32 / 71.0).collect();
    pictures.0 = pictures.0.with_alpha(alpha.clone()).expect("alpha");
    assert_eq!(painted(&request(&pictures, &recipe, &network)).picture.alpha(), Some(&alpha[..]));
}

#[test]
fn impossible_requests_are_refused_with_a_reason() {
    let (pictures, recipe, network) = (pictures(), recipe(2), Network::default());
    let request = request(&pictures, &recipe, &network);
    let refused =
        |request: &Request<'_>| paint(request, &mut |_| ControlFlow::Continue(())).expect_err("an error");
    assert!(matches!(
        refused(&Request { regions: Vec::new(), ..request.clone() }),
        Error::MissingPicture { role: "style", .. }
    ));
    let mut nothing = recipe.clone();
    (nothing.content.weight, nothing.style.weight) = (0.0, 0.0);
    assert!(matches!(
        refused(&Request { recipe: &nothing, ..request.clone() }),
        Error::NothingToOptimise { .. }
    ));
    let small = refused(&Request { size: Size::LongSide(9), ..request.clone() });
    assert!(matches!(small, Error::Net(_)) && small.hint().is_some(), "{small}");
    let mut misspelt = recipe.clone();
    misspelt.content.layers = impasto::LayerWeight::parse_list("relu42").expect("a list");
    let error = refused(&Request { recipe: &misspelt, ..request.clone() });
    assert!(error.to_string().contains("relu42") && error.hint().is_some(), "{error}");
}

#[test]
fn features_are_planar_and_classes_are_ranked() {
    let (pictures, network) = (pictures(), Network::default());
    let layers = ["relu1_1".to_string(), "pool2".to_string()];
    let features =
        measure::features(&pictures.0, &layers, &network, Default::default(), 0).expect("features");
    assert_eq!(features[0].shape, [64, 56, 72]);
    assert_eq!(features[1].shape, [128, 14, 18]);
    assert_eq!(features[1].values.len(), 128 * 14 * 18);
    let squeezenet = Network::Named { name: "squeezenet".into(), models: None };
    let classes = measure::classify(&pictures.0, &squeezenet, 5).expect("classes");
    assert_eq!(classes.len(), 5);
    assert!(classes.windows(2).all(|w| w[0].probability >= w[1].probability));
    assert!(matches!(measure::classify(&pictures.0, &network, 5), Err(Error::NotAClassifier { .. })));
}
