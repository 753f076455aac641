//! What changes slowly: sharpness and mean colour from a clip's beginning to its end.

use impasto_image::{LUMA, Picture, color::oklab};
use rayon::prelude::*;

/// A picture in four numbers.
pub(super) struct Look {
    /// Mean length of the luma's gradient, by differences to the right and lower neighbour.
    sharpness: f64,
    /// Mean colour in Oklab.
    color: [f64; 3],
}

impl Look {
    /// Measures a picture.
    pub(super) fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let luma = |c: &[f32; 3]| f64::from(c.iter().zip(LUMA).map(|(v, weight)| v * weight).sum::<f32>());
        let luma: Vec<f64> = picture.rgb().as_chunks().0.par_iter().map(luma).collect();
        let rows = (0..height).into_par_iter().map(|y| {
            let row = |y: usize| &luma[y * width..][..width];
            let (row, below) = (row(y), row((y + 1).min(height - 1)));
            (0..width).map(|x| (row[(x + 1).min(width - 1)] - row[x]).hypot(below[x] - row[x])).sum()
        });
        let rows: Vec<f64> = rows.collect();
        let (mut color, pixels) = ([0.0; 3], (width * height) as f64);
        for lab in oklab::colors(picture) {
            color.iter_mut().zip(lab).for_each(|(sum, value)| *sum += f64::from(value));
        }
        Look { sharpness: rows.iter().sum::<f64>() / pixels, color: color.map(|sum| sum / pixels) }
    }
}

/// What painting did to every frame's look.
#[derive(Default)]
pub(super) struct Drift {
    /// Multiple of the frame's sharpness; none for a frame without any gradient.
    sharpness: Vec<Option<f64>>,
    /// What is added to the mean colour.
    color: Vec<[f64; 3]>,
}

impl Drift {
    /// Takes the next frame's looks.
    pub(super) fn push(&mut self, painted: Look, source: Look) {
        self.sharpness.push((source.sharpness > 0.0).then(|| painted.sharpness / source.sharpness));
        self.color.push(std::array::from_fn(|i| painted.color[i] - source.color[i]));
    }

    /// Frames taken.
    pub(super) fn frames(&self) -> usize {
        self.color.len()
    }

    /// The change of sharpness, as a share, and the distance of colours between the first and the last quarter of the frames,
    /// each at least one; 0 where it has no meaning.
    pub(super) fn ends(&self) -> (f64, f64) {
        let frames = self.frames();
        if frames == 0 {
            return (0.0, 0.0);
        }
        let quarter = (frames / 4).max(1);
        let sharpness = |part: &[Option<f64>]| {
            let known: Vec<f64> = part.iter().flatten().copied().collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        let (first, last) =
            (sharpness(&self.sharpness[..quarter]), sharpness(&self.sharpness[frames - quarter..]));
        let change =
            first.filter(|first| *first > 0.0).zip(last).map_or(0.0, |(first, last)| last / first - 1.0);
        let mean =
            |part: &[[f64; 3]], i: usize| part.iter().map(|color| color[i]).sum::<f64>() / quarter as f64;
        let (first, last) = (&self.color[..quarter], &self.color[frames - quarter..]);
        let color = (0..3).map(|i| (mean(last, i) - mean(first, i)).powi(2)).sum::<f64>().sqrt();
        (change, color)
    }
}
