//! Styles in parts of a picture, planes left out, and pixels that may not move.

use impasto::{
    Error, Network, Painting, Recipe, Region, Request, StylePicture, measure,
    objective::{
        Planes,
        guidance::{Reach, guidance},
    },
    paint,
};
use impasto_image::{Mask, Picture};
use std::ops::ControlFlow;

fn make(width: usize, height: usize, colour: fn(f32, f32) -> [f32; 3]) -> Picture {
    let rgb = (0..width * height).flat_map(|i| colour((i % width) as f32, (i / width) as f32)).collect();
    Picture::new(width, height, rgb).expect("a picture")
}

fn photograph() -> Picture {
    make(96, 64, |x, y| if (x - 48.0).hypot(y - 32.0) < 20.0 { [0.8, 0.5, 0.3] } else { [0.3, 0.4, 0.5] })
}

fn stripes() -> Picture {
    make(64, 64, |x, y| {
        let wave = ((x + y) * 0.7).sin() * 0.4 + 0.5;
        [wave, 0.1, 0.2]
    })
}

fn squares() -> Picture {
    make(64, 64, |x, y| {
        if ((x / 8.0) as i32 + (y / 8.0) as i32) % 2 == 0 { [0.1, 0.8, 0.9] } else { [0.0, 0.1, 0.4] }
    })
}

/// White in the columns before `width · share`.
fn left(width: usize, height: usize, share: f32) -> Mask {
    let values =
        (0..width * height).map(|i| f32::from((i % width) as f32 + 0.5 < width as f32 * share)).collect();
    Mask::new(width, height, values).expect("a mask")
}

fn one(style: &Picture) -> Vec<StylePicture<'_>> {
    vec![StylePicture { picture: style, mask: None, weight: 1.0 }]
}

fn recipe(iterations: usize) -> Recipe {
    let mut recipe = Recipe { iterations, ..Recipe::default() };
    recipe.scales.first = 0;
    recipe.style.layers = impasto::LayerWeight::parse_list("relu1_1,relu2_1,relu3_1").expect("layers");
    recipe
}

fn painted(request: &Request<'_>) -> Painting {
    paint(request, &mut |_| ControlFlow::Continue(())).expect("a painting")
}

/// The style's error of every layer in a region of `picture`.
fn errors(picture: &Picture, region: &Mask, style: &Picture, recipe: &Recipe) -> Vec<f64> {
    let mut recipe = recipe.clone();
    recipe.content.weight = 0.0;
    recipe.tv.weight = 0.0;
    let network = Network::default();
    let regions = vec![Region { mask: Some(region), styles: one(style) }];
    let request = Request { regions, ..Request::new(&recipe, &network) };
    measure::loss(picture, &request).expect("a loss").evaluation.terms.iter().map(|term| term.value).collect()
}

#[test]
fn every_region_takes_its_own_style() {
    let (photograph, stripes, squares) = (photograph(), stripes(), squares());
    let (mut recipe, network) = (recipe(40), Network::default());
    recipe.content.weight = 0.3;
    let (left, right) = (left(96, 64, 0.5), left(96, 64, 0.5).inverted());
    let regions = vec![
        Region { mask: Some(&left), styles: one(&stripes) },
        Region { mask: None, styles: one(&squares) },
    ];
    let request = Request { content: Some(&photograph), regions, ..Request::new(&recipe, &network) };
    let painting = painted(&request);
    let names: Vec<&str> = painting.evaluation.terms.iter().map(|term| term.name.as_str()).collect();
    assert!(names.contains(&"style.1.relu2_1") && names.contains(&"style.2.relu2_1"), "{names:?}");
    for (region, own, other) in [(&left, &stripes, &squares), (&right, &squares, &stripes)] {
        let own = errors(&painting.picture, region, own, &recipe);
        let other = errors(&painting.picture, region, other, &recipe);
        assert!(own.iter().zip(&other).all(|(own, other)| own < other), "{own:?} against {other:?}");
    }
}

#[test]
fn the_gradient_with_regions_is_the_slope() {
    let (photograph, stripes, squares) = (photograph(), stripes(), squares());
    let (recipe, network) = (recipe(1), Network::default());
    let left = left(96, 64, 0.4);
    let both = vec![
        StylePicture { picture: &stripes, mask: Some(&left), weight: 0.7 },
        StylePicture { picture: &squares, mask: None, weight: 0.3 },
    ];
    let regions = vec![Region { mask: Some(&left), styles: both }];
    let request = Request { content: Some(&photograph), regions, ..Request::new(&recipe, &network) };
    let image = uneven(&photograph);
    let at = measure::loss(&image, &request).expect("a loss");
    let slope: f64 = at.gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
    let moved = |step: f64| {
        let rgb = image.rgb().iter().zip(&at.gradient);
        let rgb = rgb.map(|(v, g)| v + (step * f64::from(*g) / slope) as f32).collect();
        let image = Picture::new(96, 64, rgb).expect("a picture");
        measure::loss(&image, &request).expect("a loss").evaluation.total
    };
    let step = 0.004;
    let numeric = (moved(step) - moved(-step)) / (2.0 * step);
    assert!((numeric / slope - 1.0).abs() < 2e-2, "{numeric} instead of {slope}");
}

fn uneven(picture: &Picture) -> Picture {
    let mut picture = picture.clone();
    for (i, pixel) in picture.rgb_mut().chunks_exact_mut(3).enumerate() {
        // No two neighbours alike: ties of a pool have no slope.
        let light = (i as f32 * 0.37).sin() * 0.1 + (i as f32 * 0.011).cos() * 0.1;
        pixel.iter_mut().for_each(|v| *v += light);
    }
    picture
}

#[test]
fn muted_planes_have_no_part_in_the_loss() {
    let (photograph, stripes, network) = (photograph(), stripes(), Network::default());
    let mut recipe = recipe(1);
    let parts = |recipe: &Recipe| {
        let regions = Region::everywhere(&stripes);
        let request = Request { content: Some(&photograph), regions, ..Request::new(recipe, &network) };
        measure::loss_by_plane(&photograph, &request).map(|(_, parts)| parts)
    };
    let all = parts(&recipe).expect("parts");
    assert_eq!((all[1].0.as_str(), all[1].1.len()), ("style.relu2_1", 128));
    recipe.style.mute = Planes::parse_list("relu2_1:3,7-9,relu3_1").expect("planes");
    let muted = parts(&recipe).expect("parts");
    assert_eq!(muted.len(), 2, "a layer without planes is left out");
    assert_eq!(muted[0], all[0]);
    for plane in [3, 7, 8, 9] {
        assert!(all[1].1[plane] > 0.0 && muted[1].1[plane] == 0.0);
    }
    recipe.style.mute.clear();
    recipe.style.solo = Planes::parse_list("relu2_1:3").expect("planes");
    let solo = parts(&recipe).expect("parts");
    assert_eq!(solo.len(), 1);
    assert!(solo[0].1.iter().enumerate().all(|(plane, part)| (*part > 0.0) == (plane == 3)));
    for bad in ["relu2_1:128", "relu4_1:3"] {
        recipe.style.solo = Planes::parse_list(bad).expect("planes");
        let error = parts(&recipe).expect_err(bad);
        assert!(matches!(error, Error::NoUnit { .. } | Error::PlaneList { .. }), "{error}");
    }
}

#[test]
fn pixels_without_strength_stay() {
    let (photograph, stripes, network) = (photograph(), stripes(), Network::default());
    let recipe = recipe(8);
    let mask = left(96, 64, 0.5);
    let regions = Region::everywhere(&stripes);
    let request = Request {
        content: Some(&photograph),
        regions,
        strength_mask: Some(&mask),
        ..Request::new(&recipe, &network)
    };
    let mut last = None;
    let painting = paint(&request, &mut |progress| {
        last = Some(progress.picture().expect("a picture"));
        ControlFlow::Continue(())
    })
    .expect("a painting");
    for picture in [&painting.picture, last.as_ref().expect("progress")] {
        let distance = |columns: std::ops::Range<usize>| -> f32 {
            let pixels = picture.rgb().iter().zip(photograph.rgb()).enumerate();
            pixels.filter(|(i, _)| columns.contains(&(i / 3 % 96))).map(|(_, (a, b))| (a - b).abs()).sum()
        };
        assert_eq!(distance(48..96), 0.0);
        assert!(distance(0..48) > 10.0);
    }
    let black = Mask::new(1, 1, vec![0.0]).expect("a mask");
    let request = Request { strength_mask: Some(&black), ..request };
    let error = paint(&request, &mut |_| ControlFlow::Continue(())).expect_err("black");
    assert!(matches!(error, Error::EmptyMask { .. }));
}

#[test]
fn guidance_is_eroded_by_the_receptive_field() {
    let model = Network::default().load(Default::default()).expect("the network");
    let mask = left(256, 128, 0.5);
    for (layer, side, stride) in [("relu1_1", 3, 1), ("relu2_1", 10, 2), ("relu3_1", 24, 4)] {
        let index = model.network().find(layer).expect("a layer");
        let positions = guidance(&model, index, &mask, Reach::Inside).expect("positions");
        // Fields that end at column 128 or before: those of units up to (128 − side / 2) / stride.
        let columns = positions.total() / (128 / stride) as f64;
        let expected = (128.0 - side as f64 / 2.0) / stride as f64 + 0.5;
        assert!((columns - expected).abs() <= 1.0, "{layer}: {columns} columns, not {expected}");
    }
    // Nothing is as large as this field; something is left all the same.
    let deep = model.network().find("relu5_1").expect("a layer");
    assert!(guidance(&model, deep, &left(64, 64, 0.3), Reach::Inside).expect("positions").total() > 0.0);
}

#[test]
fn transparent_parts_of_a_style_do_not_count() {
    let (photograph, network, recipe) = (photograph(), Network::default(), recipe(1));
    let half: Vec<f32> = (0..64 * 64).map(|i| f32::from(i % 64 < 40)).collect();
    let mask = Mask::new(64, 64, half.clone()).expect("a mask");
    let transparent = stripes().with_alpha(half).expect("alpha");
    let opaque = stripes();
    let loss = |picture, mask| {
        let regions = vec![Region { mask: None, styles: vec![StylePicture { picture, mask, weight: 1.0 }] }];
        let request = Request { content: Some(&photograph), regions, ..Request::new(&recipe, &network) };
        measure::loss(&photograph, &request).expect("a loss").evaluation.total
    };
    assert!((loss(&transparent, None) / loss(&opaque, Some(&mask)) - 1.0).abs() < 1e-3);
    assert!((loss(&transparent, None) / loss(&opaque, None) - 1.0).abs() > 1e-3);
}
