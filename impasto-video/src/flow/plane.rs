//! Grey pictures with a border around them, and their pyramid.

use impasto_image::{LUMA, Picture};
use multiversion::multiversion;
use rayon::prelude::*;

/// Rows and columns around a plane that repeat its edge, so that patches may reach over it.
pub(super) const BORDER: usize = 16;

/// Pixels that are worth a task of their own.
const TASK: usize = 1 << 14;

/// A grey picture, values from 0 to 255.
#[derive(Clone)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Values with the border, row by row.
    data: Vec<f32>,
}

impl Plane {
    /// A plane of whose row y `fill` writes the values.
    fn new(width: usize, height: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Self {
        let stride = width + 2 * BORDER;
        let mut data = vec![0.0; stride * (height + 2 * BORDER)];
        let inner = &mut data[BORDER * stride..][..height * stride];
        inner.par_chunks_exact_mut(stride).enumerate().with_min_len(TASK.div_ceil(width)).for_each(
            |(y, out)| {
                fill(y, &mut out[BORDER..][..width]);
                let (first, last) = (out[BORDER], out[BORDER + width - 1]);
                out[..BORDER].fill(first);
                out[BORDER + width..].fill(last);
            },
        );
        for row in 0..BORDER {
            data.copy_within(BORDER * stride..(BORDER + 1) * stride, row * stride);
            data.copy_within(
                (BORDER + height - 1) * stride..(BORDER + height) * stride,
                (BORDER + height + row) * stride,
            );
        }
        Plane { width, height, data }
    }

    /// Luma (BT.709) of a picture.
    pub(super) fn luma(picture: &Picture) -> Self {
        let width = picture.width();
        Plane::new(width, picture.height(), |y, out| luma(&picture.rgb()[3 * y * width..][..3 * width], out))
    }

    /// Half as wide and high, rounded up: the mean of 4 by 4 pixels weighted 1, 3, 3, 1 along each axis.
    pub(super) fn halved(&self) -> Self {
        Plane::new(self.width.div_ceil(2), self.height.div_ceil(2), |y, out| {
            let row = |j: isize| &self.row(2 * y as isize + j)[BORDER - 1..];
            halve([row(-1), row(0), row(1), row(2)], out);
        })
    }

    /// Row `y`, from −[`BORDER`] to `height` + [`BORDER`] − 1, with its borders: column x is at x + [`BORDER`].
    pub(super) fn row(&self, y: isize) -> &[f32] {
        let stride = self.width + 2 * BORDER;
        &self.data[(y + BORDER as isize) as usize * stride..][..stride]
    }

    /// A place between pixels; beyond the border the nearest pixel.
    #[inline(always)]
    pub(super) fn place(&self, x: f32, y: f32) -> Place {
        let x = x.clamp(-1.0, self.width as f32);
        let y = y.clamp(-1.0, self.height as f32);
        let (left, top) = (x.floor(), y.floor());
        let (column, row) = (left as i32 + BORDER as i32, top as i32 + BORDER as i32);
        let stride = self.width + 2 * BORDER;
        Place { at: row as usize * stride + column as usize, stride, across: x - left, down: y - top }
    }

    /// The values from column `x` of row `y` on to the end, row by row, and how many a row has; either may be negative as far
    /// as the border reaches.
    #[inline(always)]
    pub(super) fn from(&self, x: i32, y: i32) -> (&[f32], usize) {
        let stride = self.width + 2 * BORDER;
        let at = (y + BORDER as i32) as usize * stride + (x + BORDER as i32) as usize;
        (&self.data[at..], stride)
    }

    /// Derivatives along x and y, by central differences.
    fn derivatives(&self) -> [Plane; 2] {
        let across = Plane::new(self.width, self.height, |y, out| {
            let row = self.row(y as isize);
            slope(&row[BORDER - 1..], &row[BORDER + 1..], out);
        });
        let down = Plane::new(self.width, self.height, |y, out| {
            let y = y as isize;
            slope(&self.row(y - 1)[BORDER..], &self.row(y + 1)[BORDER..], out);
        });
        [across, down]
    }
}

/// A place between four pixels of planes of one size.
#[derive(Clone, Copy)]
pub(super) struct Place {
    at: usize,
    stride: usize,
    across: f32,
    down: f32,
}

impl Place {
    /// The value of `plane` there.
    #[inline(always)]
    pub(super) fn of(&self, plane: &Plane) -> f32 {
        let values = &plane.data[self.at..self.at + self.stride + 2];
        let upper = values[0] + self.across * (values[1] - values[0]);
        let (left, right) = (values[self.stride], values[self.stride + 1]);
        upper + self.down * (left + self.across * (right - left) - upper)
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn luma(rgb: &[f32], out: &mut [f32]) {
    for (out, [r, g, b]) in out.iter_mut().zip(rgb.as_chunks::<3>().0) {
        *out = 255.0 * (LUMA[0] * r + LUMA[1] * g + LUMA[2] * b);
    }
}

/// The mean of four rows, each from the column before the first on, for every other column.
#[multiversion(targets("x86_64+avx2"))]
fn halve(rows: [&[f32]; 4], out: &mut [f32]) {
    let [a, b, c, d] = rows.map(|row| &row[..2 * out.len() + 2]);
    for (x, out) in out.iter_mut().enumerate() {
        let column = |x: usize| 0.125 * (a[x] + d[x]) + 0.375 * (b[x] + c[x]);
        let x = 2 * x;
        *out = 0.125 * (column(x) + column(x + 3)) + 0.375 * (column(x + 1) + column(x + 2));
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn slope(before: &[f32], after: &[f32], out: &mut [f32]) {
    for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
        *out = 0.5 * (after - before);
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
