//! Grey pictures with a border around them, and their pyramid.

use impasto_image::{LUMA, Picture};
use rayon::prelude::*;

/// Rows and columns around a plane that repeat its edge, so that patches may reach over it.
pub(super) const BORDER: usize = 16;

/// A grey picture, values from 0 to 255.
#[derive(Clone)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Values with the border, row by row.
    data: Vec<f32>,
}

impl Plane {
    /// A plane whose value at (x, y) is `value(x, y)`.
    pub(super) fn new(width: usize, height: usize, value: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let stride = width + 2 * BORDER;
        let mut data = vec![0.0; stride * (height + 2 * BORDER)];
        data.par_chunks_mut(stride).enumerate().for_each(|(row, out)| {
            let y = row.saturating_sub(BORDER).min(height - 1);
            for (x, out) in out[BORDER..].iter_mut().take(width).enumerate() {
                *out = value(x, y);
            }
            let (first, last) = (out[BORDER], out[BORDER + width - 1]);
            out[..BORDER].fill(first);
            out[BORDER + width..].fill(last);
        });
        Plane { width, height, data }
    }

    /// Luma (BT.709) of a picture.
    pub(super) fn luma(picture: &Picture) -> Self {
        let (width, rgb) = (picture.width(), picture.rgb());
        Plane::new(width, picture.height(), |x, y| {
            let at = 3 * (y * width + x);
            255.0 * (LUMA[0] * rgb[at] + LUMA[1] * rgb[at + 1] + LUMA[2] * rgb[at + 2])
        })
    }

    /// Half as wide and high, rounded up: the mean of 4 by 4 pixels weighted 1, 3, 3, 1 along each axis.
    pub(super) fn halved(&self) -> Self {
        const TAPS: [f32; 4] = [0.125, 0.375, 0.375, 0.125];
        Plane::new(self.width.div_ceil(2), self.height.div_ceil(2), |x, y| {
            let mut sum = 0.0;
            for (j, down) in TAPS.iter().enumerate() {
                let row = &self.row(2 * y as isize + j as isize - 1)[BORDER + 2 * x - 1..];
                sum += down * TAPS.iter().zip(row).map(|(a, b)| a * b).sum::<f32>();
            }
            sum
        })
    }

    /// Row `y`, from −[`BORDER`] to `height` + [`BORDER`] − 1, with its borders: column x is at x + [`BORDER`].
    pub(super) fn row(&self, y: isize) -> &[f32] {
        let stride = self.width + 2 * BORDER;
        &self.data[(y + BORDER as isize) as usize * stride..][..stride]
    }

    /// The value of a pixel.
    pub(super) fn pixel(&self, x: usize, y: usize) -> f32 {
        self.row(y as isize)[BORDER + x]
    }

    /// The value at a place between pixels; beyond the border that of the nearest pixel.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(-1.0, self.width as f32);
        let y = y.clamp(-1.0, self.height as f32);
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let column = (left as isize + BORDER as isize) as usize;
        let (a, b) = (&self.row(top as isize)[column..], &self.row(top as isize + 1)[column..]);
        let upper = a[0] + across * (a[1] - a[0]);
        let lower = b[0] + across * (b[1] - b[0]);
        upper + down * (lower - upper)
    }

    /// Derivatives along x and y, by central differences.
    pub(super) fn derivatives(&self) -> [Plane; 2] {
        let across = Plane::new(self.width, self.height, |x, y| {
            let row = self.row(y as isize);
            0.5 * (row[BORDER + x + 1] - row[BORDER + x - 1])
        });
        let down = Plane::new(self.width, self.height, |x, y| {
            let y = y as isize;
            0.5 * (self.row(y + 1)[BORDER + x] - self.row(y - 1)[BORDER + x])
        });
        [across, down]
    }
}

/// A picture and its halves, the largest first; the smallest has a short side of at least `least` pixels, if the first has.
pub(super) fn pyramid(first: Plane, least: usize) -> Vec<Plane> {
    let mut levels = vec![first];
    while let Some(last) = levels.last() {
        if last.width.min(last.height) < 2 * least {
            break;
        }
        levels.push(last.halved());
    }
    levels
}

/// A grey picture with its derivatives along x and y.
pub(super) struct Level {
    pub(super) plane: Plane,
    pub(super) slopes: [Plane; 2],
}

impl Level {
    /// `plane` with its derivatives.
    pub(super) fn new(plane: Plane) -> Self {
        Level { slopes: plane.derivatives(), plane }
    }
}
