//! Pictures and masks mirrored and turned by right angles: the same pixels in other places.

use crate::mask::Mask;
use crate::picture::Picture;

/// Where pixels go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Left becomes right.
    FlipHorizontal,
    /// Top becomes bottom.
    FlipVertical,
    /// Clockwise by 90°.
    Quarter,
    /// By 180°.
    Half,
    /// Clockwise by 270°.
    ThreeQuarters,
}

impl Turn {
    /// Width and height of what had `size` before.
    pub fn size(self, (width, height): (usize, usize)) -> (usize, usize) {
        match self {
            Turn::Quarter | Turn::ThreeQuarters => (height, width),
            Turn::FlipHorizontal | Turn::FlipVertical | Turn::Half => (width, height),
        }
    }

    /// The pixels of a picture of `size`, each of `channels` values.
    fn apply(self, values: &[f32], size: (usize, usize), channels: usize) -> Vec<f32> {
        let (width, height) = size;
        let (columns, rows) = self.size(size);
        let mut turned = Vec::with_capacity(values.len());
        for y in 0..rows {
            for x in 0..columns {
                let (x, y) = match self {
                    Turn::FlipHorizontal => (width - 1 - x, y),
                    Turn::FlipVertical => (x, height - 1 - y),
                    Turn::Quarter => (y, height - 1 - x),
                    Turn::Half => (width - 1 - x, height - 1 - y),
                    Turn::ThreeQuarters => (width - 1 - y, x),
                };
                turned.extend_from_slice(&values[(y * width + x) * channels..][..channels]);
            }
        }
        turned
    }
}

impl Picture {
    /// The picture mirrored or turned, alpha included.
    pub fn turned(&self, turn: Turn) -> Picture {
        let size = (self.width(), self.height());
        let (width, height) = turn.size(size);
        let picture = Picture::new(width, height, turn.apply(self.rgb(), size, 3));
        let picture = picture.and_then(|picture| match self.alpha() {
            Some(alpha) => picture.with_alpha(turn.apply(alpha, size, 1)),
            None => Ok(picture),
        });
        // There are as many values as before.
        picture.unwrap_or_else(|_| self.clone())
    }
}

impl Mask {
    /// The mask mirrored or turned.
    pub fn turned(&self, turn: Turn) -> Mask {
        let size = (self.width(), self.height());
        let (width, height) = turn.size(size);
        // There are as many values as before.
        Mask::new(width, height, turn.apply(self.values(), size, 1)).unwrap_or_else(|_| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_go_where_they_belong_and_come_back() {
        let rgb = (0..18).map(|i| i as f32 / 18.0).collect();
        let alpha = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].map(|v| v / 10.0);
        let picture = Picture::new(3, 2, rgb).and_then(|picture| picture.with_alpha(alpha.to_vec()));
        let picture = picture.expect("a picture");
        for (turn, back, order) in [
            (Turn::FlipHorizontal, Turn::FlipHorizontal, [3, 2, 1, 6, 5, 4]),
            (Turn::FlipVertical, Turn::FlipVertical, [4, 5, 6, 1, 2, 3]),
            (Turn::Quarter, Turn::ThreeQuarters, [4, 1, 5, 2, 6, 3]),
            (Turn::Half, Turn::Half, [6, 5, 4, 3, 2, 1]),
            (Turn::ThreeQuarters, Turn::Quarter, [3, 6, 2, 5, 1, 4]),
        ] {
            let turned = picture.turned(turn);
            assert_eq!((turned.width(), turned.height()), turn.size((3, 2)), "{turn:?}");
            assert_eq!(turned.alpha().expect("alpha"), order.map(|i| alpha[i - 1]), "{turn:?}");
            assert_eq!(turned.rgb()[..3], picture.rgb()[(order[0] - 1) * 3..][..3], "{turn:?}");
            assert_eq!(turned.turned(back), picture, "{turn:?}");
            let mask = Mask::from_alpha(&picture).expect("a mask").turned(turn);
            assert_eq!(Some(mask.values()), turned.alpha(), "{turn:?}");
        }
    }
}
