//! Motion from one frame to another.

mod both_ways;
mod consistency;
mod files;
mod plane;
mod refine;
mod search;

pub use both_ways::Motion;

use crate::{Error, Result};
use impasto_image::Picture;
use multiversion::multiversion;
use plane::{Level, Plane, pyramid};
use rayon::prelude::*;

/// Short side in pixels of the smallest pictures that are compared.
const LEAST: usize = 16;

/// Where every pixel of a picture is in another one: a dense field of vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    width: usize,
    height: usize,
    /// Steps in pixels, to the right and down, row by row.
    vectors: Vec<[f32; 2]>,
}

impl Flow {
    /// A field of `width * height` vectors, row by row, in pixels to the right and down.
    ///
    /// # Panics
    /// If their number is another.
    pub fn new(width: usize, height: usize, vectors: Vec<[f32; 2]>) -> Self {
        assert_eq!(vectors.len(), width * height, "a vector for every pixel");
        Flow { width, height, vectors }
    }

    /// Nothing moves.
    pub(crate) fn still(width: usize, height: usize) -> Self {
        Flow::new(width, height, vec![[0.0; 2]; width * height])
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The vectors, row by row.
    pub fn vectors(&self) -> &[[f32; 2]] {
        &self.vectors
    }

    /// The vector at a place between pixels; beyond the border that of the nearest pixel.
    #[inline(always)]
    fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = (x.clamp(0.0, (self.width - 1) as f32), y.clamp(0.0, (self.height - 1) as f32));
        let (left, top) = (x as i32 as usize, y as i32 as usize);
        let (across, down) = (x - left as f32, y - top as f32);
        let (right, below) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (upper, lower) = (&self.vectors[top * self.width..], &self.vectors[below * self.width..]);
        let [a, b, c, d] = [upper[left], upper[right], lower[left], lower[right]];
        let mut found = [0.0; 2];
        for i in 0..2 {
            let upper = a[i] + across * (b[i] - a[i]);
            let lower = c[i] + across * (d[i] - c[i]);
            found[i] = upper + down * (lower - upper);
        }
        found
    }

    /// The vector of a pixel in pictures of another size.
    #[inline(always)]
    fn pixel_of(&self, [width, height]: [usize; 2], x: usize, y: usize) -> [f32; 2] {
        let (across, down) = (width as f32 / self.width as f32, height as f32 / self.height as f32);
        let [u, v] = self.at((x as f32 + 0.5) / across - 0.5, (y as f32 + 0.5) / down - 0.5);
        [u * across, v * down]
    }

    /// The same motion in pictures of another size.
    pub fn resized(&self, width: usize, height: usize) -> Flow {
        let mut flow = Flow::still(width, height);
        let rows = flow.vectors.par_chunks_mut(width).enumerate();
        rows.for_each(|(y, row)| resize_row(self, [width, height], y, row));
        flow
    }
}

/// Row `y` of `flow` in pictures of another size.
#[multiversion(targets("x86_64+avx2"))]
fn resize_row(flow: &Flow, [width, height]: [usize; 2], y: usize, row: &mut [[f32; 2]]) {
    let (across, down) = (width as f32 / flow.width as f32, height as f32 / flow.height as f32);
    let y = ((y as f32 + 0.5) / down - 0.5).clamp(0.0, (flow.height - 1) as f32);
    for (x, vector) in row.iter_mut().enumerate() {
        let [u, v] = flow.at((x as f32 + 0.5) / across - 0.5, y);
        *vector = [u * across, v * down];
    }
}

/// A frame prepared for finding motion from and to it.
pub struct Frame {
    width: usize,
    height: usize,
    /// From half the frame's size, or its own if it is small, down to [`LEAST`].
    levels: Vec<Level>,
}

impl Frame {
    /// Prepares `picture`.
    pub fn new(picture: &Picture) -> Self {
        let mut planes = pyramid(Plane::luma(picture), LEAST);
        if planes.len() > 1 {
            planes.remove(0);
        }
        let levels = planes.into_iter().map(Level::new).collect();
        Frame { width: picture.width(), height: picture.height(), levels }
    }
}

/// Where every pixel of `from` is in `to`, coarse to fine: patches are followed by dense inverse search, the field is made
/// smooth variationally, from pictures of about 16 pixels to those of half size; pixels between are interpolated.
///
/// # Errors
/// [`Error::Sizes`] if the frames have different sizes.
pub fn flow(from: &Frame, to: &Frame) -> Result<Flow> {
    let (width, height) = (from.width, from.height);
    if (to.width, to.height) != (width, height) {
        return Err(Error::Sizes(width, height, to.width, to.height));
    }
    let mut flow: Option<Flow> = None;
    for (from, to) in from.levels.iter().zip(&to.levels).rev() {
        let guess = search::Guess::new(flow.as_ref(), from.plane.width, from.plane.height);
        let mut found = search::search(from, &to.plane, &guess);
        refine::refine(from, to, &mut found);
        flow = Some(found);
    }
    let flow = flow.unwrap_or_else(|| Flow::still(width, height));
    Ok(if flow.width == width && flow.height == height { flow } else { flow.resized(width, height) })
}
