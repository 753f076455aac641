//! Strength: the same share of the way from photograph to style, whatever the pictures and the recipe.

use impasto::{Network, Recipe, Region, Request, Size, measure, paint};
use impasto_image::Picture;
use std::ops::ControlFlow;

fn picture(colour: fn(f32, f32) -> [f32; 3]) -> Picture {
    let rgb = (0..64 * 64).flat_map(|i| colour((i % 64) as f32, (i / 64) as f32)).collect();
    Picture::new(64, 64, rgb).expect("a picture")
}

/// Roots of the content and the style error of `image`, relative to those of style and photograph.
fn distances(image: &Picture, photograph: &Picture, style: &Picture, recipe: &Recipe) -> (f64, f64) {
    let network = Network::default();
    let mut recipe = recipe.clone();
    recipe.tv.weight = 0.0;
    let request = Request {
        content: Some(photograph),
        regions: Region::everywhere(style),
        ..Request::new(&recipe, &network)
    };
    let terms = |image| {
        let terms = measure::loss(image, &request).expect("a loss").evaluation.terms;
        let (content, style): (Vec<_>, Vec<_>) = terms.iter().partition(|term| term.name == "content");
        [content, style].map(|terms| terms.iter().map(|term| term.value).sum::<f64>())
    };
    let ([content, style_error], [away, _], [_, whole]) = (terms(image), terms(style), terms(photograph));
    ((content / away).sqrt(), (style_error / whole).sqrt())
}

#[test]
fn strengths_are_places_between_photograph_and_style() {
    let photograph = picture(|x, y| {
        let inside = (x - 32.0).hypot(y - 32.0) < 18.0;
        if inside { [0.8, 0.5 + (x * 0.9).sin() * 0.1, 0.3] } else { [0.3, 0.4, 0.4 + y / 200.0] }
    });
    let style = picture(|x, y| {
        let wave = ((x + 0.6 * y) * 0.8).sin() * 0.4 + 0.5;
        [wave, 1.0 - wave, 0.2 + 0.1 * (y * 1.3).cos()]
    });
    let network = Network::default();
    for preset in ["default", "pastiche"] {
        let mut recipe = Recipe::named(preset).expect("a preset");
        recipe.iterations = 120;
        recipe.scales.count = Some(1);
        let mut last = (0.0, 1.0);
        for strength in [0.3, 0.5, 0.7] {
            recipe.strength = Some(strength);
            let request = Request {
                content: Some(&photograph),
                regions: Region::everywhere(&style),
                size: Size::Own,
                ..Request::new(&recipe, &network)
            };
            let painting = paint(&request, &mut |_| ControlFlow::Continue(())).expect("a painting");
            let (from, to) = distances(&painting.picture, &photograph, &style, &recipe);
            println!(
                "{preset} {strength}: {from:.2} from the photograph, {to:.2} to the style, weight {:.3}",
                painting.content_weight
            );
            assert!(from > last.0 && to < last.1, "{preset}: {strength} is not between");
            assert!((from / (from + to) - strength).abs() < 0.07, "{preset}: {from} and {to} at {strength}");
            last = (from, to);
        }
    }
}
