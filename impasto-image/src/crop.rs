//! Parts of pictures and masks.

use crate::error::{Error, Result};
use crate::mask::Mask;
use crate::picture::Picture;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Rectangle {
    /// The largest square around the middle of a picture of `width`×`height`.
    pub fn centre_square(width: usize, height: usize) -> Self {
        let side = width.min(height);
        Rectangle { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side }
    }

    /// The same with `margin` more pixels on every side, as far as a picture of `width`×`height` goes.
    pub fn grown(self, margin: usize, (width, height): (usize, usize)) -> Self {
        let (left, top) = (self.left.saturating_sub(margin), self.top.saturating_sub(margin));
        let right = self.left.saturating_add(self.width).saturating_add(margin).min(width);
        let bottom = self.top.saturating_add(self.height).saturating_add(margin).min(height);
        Rectangle { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) }
    }

    /// Fails unless the rectangle has pixels and all of them lie in a picture of `width`×`height`.
    fn check(self, width: usize, height: usize) -> Result<()> {
        let ends =
            |start: usize, length: usize, n: usize| start.checked_add(length).is_some_and(|end| end <= n);
        let inside = ends(self.left, self.width, width) && ends(self.top, self.height, height);
        if inside && self.width > 0 && self.height > 0 {
            return Ok(());
        }
        let Rectangle { left, top, width: columns, height: rows } = self;
        let what = format!("no part of {columns}×{rows} pixels at column {left}, row {top}");
        Err(Error::Shape { width, height, what })
    }

    /// The values in the rectangle of rows of `width` pixels of `channels` values each.
    fn cut(self, values: &[f32], width: usize, channels: usize) -> Vec<f32> {
        (self.top..self.top + self.height)
            .flat_map(|y| &values[(y * width + self.left) * channels..][..self.width * channels])
            .copied()
            .collect()
    }
}

impl Picture {
    /// The part of the picture in `part`, alpha included; fails unless it lies in the picture.
    pub fn cropped(&self, part: Rectangle) -> Result<Picture> {
        part.check(self.width(), self.height())?;
        let picture = Picture::new(part.width, part.height, part.cut(self.rgb(), self.width(), 3))?;
        match self.alpha() {
            Some(alpha) => picture.with_alpha(part.cut(alpha, self.width(), 1)),
            None => Ok(picture),
        }
    }

    /// The picture with the pixels of `other` from the corner (`left`, `top`) on; its own alpha stays. What lies beyond the
    /// picture is left out.
    pub fn pasted(mut self, other: &Picture, (left, top): (usize, usize)) -> Picture {
        let (width, height) = (self.width(), self.height());
        let columns = other.width().min(width.saturating_sub(left));
        for y in 0..other.height().min(height.saturating_sub(top)) {
            let row = &other.rgb()[y * other.width() * 3..][..columns * 3];
            self.rgb_mut()[((top + y) * width + left) * 3..][..columns * 3].copy_from_slice(row);
        }
        self
    }
}

impl Mask {
    /// The part of the mask in `part`; fails unless it lies in the mask.
    pub fn cropped(&self, part: Rectangle) -> Result<Mask> {
        part.check(self.width(), self.height())?;
        Mask::new(part.width, part.height, part.cut(self.values(), self.width(), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: usize, height: usize) -> Picture {
        let rgb = (0..width * height * 3).map(|i| i as f32).collect();
        let alpha = (0..width * height).map(|i| i as f32 / 100.0).collect();
        Picture::new(width, height, rgb).and_then(|picture| picture.with_alpha(alpha)).expect("a picture")
    }

    #[test]
    fn parts_are_cut_out_and_put_back() {
        let picture = numbered(5, 4);
        let part = Rectangle { left: 2, top: 1, width: 2, height: 3 };
        let cut = picture.cropped(part).expect("a part");
        assert_eq!((cut.width(), cut.height()), (2, 3));
        assert_eq!(cut.rgb()[..6], picture.rgb()[(5 + 2) * 3..][..6]);
        assert_eq!(cut.alpha().expect("alpha")[4], picture.alpha().expect("alpha")[3 * 5 + 2]);
        assert_eq!(picture.clone().pasted(&cut, (2, 1)), picture);
        let square = picture.cropped(Rectangle::centre_square(5, 4)).expect("a square");
        assert_eq!((square.width(), square.height()), (4, 4));
        assert_eq!(part.grown(1, (5, 4)), Rectangle { left: 1, top: 0, width: 4, height: 4 });
        let mask = Mask::from_alpha(&picture).expect("a mask");
        assert_eq!(Some(mask.cropped(part).expect("a part").values()), cut.alpha());
    }

    #[test]
    fn parts_beyond_the_border_are_errors() {
        let picture = numbered(5, 4);
        for (left, top, width, height) in
            [(0, 0, 6, 1), (5, 0, 1, 1), (0, 3, 1, 2), (0, 0, 0, 1), (usize::MAX, 0, 2, 1)]
        {
            let error = picture.cropped(Rectangle { left, top, width, height }).expect_err("beyond");
            assert!(error.to_string().contains("5×4"), "{error}");
        }
    }
}
