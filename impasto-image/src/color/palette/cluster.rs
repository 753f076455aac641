//! Colours that stand for a picture's: k-means in Oklab.

use super::super::oklab::{self, Lab};
use super::Palette;
use crate::picture::Picture;
use std::collections::BTreeMap;

/// Rounds of assigning and averaging; they end earlier when nothing changes.
const ROUNDS: usize = 60;

/// Steps of lightness and of chroma that colours are gathered in first: cells so small that their mean stands for them.
const STEPS: f32 = 64.0;

/// A colour that stands for others.
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Cluster {
    /// Their mean.
    pub(in crate::color) color: Lab,
    /// Their weight.
    pub(in crate::color) weight: f64,
}

/// At most `count` colours (at least 1) that stand for those of a picture; none if it is transparent throughout.
///
/// k-means from starts that lie far apart, as k-means++ draws them (Arthur & Vassilvitskii 2007), but taking the largest
/// product of weight and squared distance instead of drawing.
pub(in crate::color) fn cluster(picture: &Picture, count: usize) -> Vec<Cluster> {
    let cells = cells(picture);
    let Some(heaviest) = cells.iter().copied().max_by(|x, y| x.weight.total_cmp(&y.weight)) else {
        return Vec::new();
    };
    let mut centres = vec![heaviest.color];
    let mut distances = vec![f32::INFINITY; cells.len()];
    while centres.len() < count.min(cells.len()) {
        let last = centres[centres.len() - 1];
        let mut best = (0.0, None);
        for (cell, distance) in cells.iter().zip(&mut distances) {
            *distance = distance.min(oklab::distance2(cell.color, last));
            let worth = cell.weight * f64::from(*distance);
            if worth > best.0 {
                best = (worth, Some(cell.color));
            }
        }
        match best.1 {
            Some(color) => centres.push(color),
            None => break,
        }
    }
    let mut clusters = Vec::new();
    for _ in 0..ROUNDS {
        let mut sums = vec![Sum::default(); centres.len()];
        for cell in &cells {
            sums[Palette::nearest(cell.color, &centres)].add(cell.color, cell.weight);
        }
        clusters = sums.iter().filter_map(Sum::mean).collect();
        let moved: Vec<Lab> = clusters.iter().map(|cluster| cluster.color).collect();
        if moved == centres {
            break;
        }
        centres = moved;
    }
    clusters
}

/// A picture's colours in small cells, in a fixed order.
pub(in crate::color) fn cells(picture: &Picture) -> Vec<Cluster> {
    let mut cells: BTreeMap<[i32; 3], Sum> = BTreeMap::new();
    for (i, lab) in oklab::colors(picture).into_iter().enumerate() {
        let weight = picture.alpha().map_or(1.0, |alpha| f64::from(alpha[i]));
        if weight > 0.0 {
            cells.entry(lab.map(|v| (v * STEPS).floor() as i32)).or_default().add(lab, weight);
        }
    }
    cells.values().filter_map(Sum::mean).collect()
}

/// A weighted sum of colours.
#[derive(Clone, Default)]
struct Sum {
    color: [f64; 3],
    weight: f64,
}

impl Sum {
    fn add(&mut self, color: Lab, weight: f64) {
        self.color.iter_mut().zip(color).for_each(|(sum, v)| *sum += weight * f64::from(v));
        self.weight += weight;
    }

    fn mean(&self) -> Option<Cluster> {
        let color = self.color.map(|sum| (sum / self.weight) as f32);
        (self.weight > 0.0).then_some(Cluster { color, weight: self.weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_groups_are_found() {
        let groups = [[0.1, 0.2, 0.3], [0.9, 0.8, 0.1], [0.6, 0.1, 0.6], [0.5, 0.5, 0.5]];
        let rgb = (0..4000).flat_map(|i| {
            let off = (i % 7) as f32 * 0.004 - 0.012;
            groups[(i * i + i / 3) % 4].map(|v| v + off)
        });
        let picture = Picture::new(80, 50, rgb.collect()).expect("a picture");
        let found: Vec<Lab> = cluster(&picture, 4).iter().map(|cluster| cluster.color).collect();
        assert_eq!(found.len(), 4);
        for group in groups {
            let lab = oklab::from_srgb(group);
            let nearest = found[Palette::nearest(lab, &found)];
            assert!(oklab::distance2(lab, nearest).sqrt() < 0.01, "{group:?} {nearest:?}");
        }
    }
}
