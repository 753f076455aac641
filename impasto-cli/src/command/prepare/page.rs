//! The page: before and after, with pictures and numbers inside.

use super::numbers::Numbers;
use super::work::Done;
use crate::input::Input;
use crate::page;
use impasto_image::color::oklab;
use impasto_image::{Picture, fit_long_side, resize};
use serde_json::{Value, json};
use std::path::Path;

/// The page without its content.
const TEMPLATE: &str = include_str!("page.html");

/// Long side of the page's pictures in pixels.
const SIZE: usize = 640;

/// Bins of a histogram.
const BINS: usize = 48;

/// What the bins of lightness, a and b span.
const RANGES: [(f32, f32); 3] = [(0.0, 1.0), (-0.25, 0.25), (-0.25, 0.25)];

/// Writes the page, whole or not at all.
pub fn save(path: &Path, force: bool, input: &Input, done: &Done, numbers: &Numbers) -> anyhow::Result<()> {
    let content = json!({
        "name": input.path.file_name().unwrap_or_default().to_string_lossy(),
        "version": env!("CARGO_PKG_VERSION"),
        "before": side(&input.picture)?,
        "after": side(&done.picture)?,
        "steps": done.steps,
        "changes": numbers.to_json(),
    });
    page::save_page(path, force, TEMPLATE, &content)?;
    Ok(())
}

fn side(picture: &Picture) -> anyhow::Result<Value> {
    let (width, height) = (picture.width(), picture.height());
    let (w, h) = fit_long_side(width, height, SIZE.min(width.max(height)));
    let shown = resize(picture, w, h)?;
    Ok(json!({
        "width": width,
        "height": height,
        "picture": page::uri(&shown)?,
        "histograms": histograms(&shown),
    }))
}

/// Shares of the picture in bins of lightness, a and b.
fn histograms(picture: &Picture) -> Vec<Vec<f64>> {
    let mut bins = vec![vec![0.0; BINS]; 3];
    let mut total = 0.0;
    for (i, lab) in oklab::colors(picture).into_iter().enumerate() {
        let weight = picture.alpha().map_or(1.0, |alpha| f64::from(alpha[i]));
        total += weight;
        for ((bins, value), (low, high)) in bins.iter_mut().zip(lab).zip(RANGES) {
            let place = (value - low) / (high - low) * BINS as f32;
            bins[(place.max(0.0) as usize).min(BINS - 1)] += weight;
        }
    }
    bins.iter_mut().flatten().for_each(|bin| *bin /= f64::max(total, f64::MIN_POSITIVE));
    bins
}
