//! Small pictures for tests.

use super::statistics::Statistics;
use crate::picture::Picture;

fn picture(width: usize, height: usize, f: impl Fn(f32, f32) -> [f32; 3]) -> Picture {
    let rgb = (0..width * height).flat_map(|i| f((i % width) as f32, (i / width) as f32)).collect();
    Picture::new(width, height, rgb).expect("a picture")
}

/// A picture of one colour.
pub(super) fn flat(width: usize, height: usize, rgb: [f32; 3]) -> Picture {
    picture(width, height, |_, _| rgb)
}

/// Waves of blue and orange.
pub(super) fn painting(width: usize, height: usize) -> Picture {
    picture(width, height, |x, y| {
        let wave = (0.9 * x + 0.5 * y).sin();
        [0.5 + 0.3 * wave, 0.45 + 0.1 * (0.3 * y).cos(), 0.5 - 0.25 * wave + 0.1 * (x * y).sin()]
    })
}

/// A gradient with a disc, within colours that leave room around them.
pub(super) fn photo(width: usize, height: usize) -> Picture {
    picture(width, height, |x, y| {
        let (u, v) = (x / width as f32, y / height as f32);
        if (u - 0.4).hypot(v - 0.5) < 0.25 {
            [0.65 - 0.1 * u, 0.5, 0.42 + 0.05 * v]
        } else {
            [0.4 + 0.15 * u, 0.5 + 0.1 * v, 0.55 - 0.1 * u * v]
        }
    })
}

/// The largest difference of two pictures' means and covariances.
pub(super) fn distance(x: &Picture, y: &Picture) -> f64 {
    let [x, y] = [x, y].map(|p| Statistics::of(p).expect("pixels"));
    let means = x.mean.iter().zip(&y.mean);
    let covariances = x.covariance.iter().flatten().zip(y.covariance.iter().flatten());
    means.chain(covariances).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}
