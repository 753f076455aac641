//! A camera that moves into a picture.

use crate::Error;
use crate::see::sheet::crop;
use impasto_image::{Picture, resize};

/// A picture enlarged about its centre by the part `by` of its sides (0.05 for 5 %), cut to its own size.
///
/// What is cut off is a whole number of pixels, the same on opposite sides, so that the centre stays where it is.
///
/// # Errors
/// Those of [`resize()`].
pub fn enlarge(picture: &Picture, by: f64) -> Result<Picture, Error> {
    let (width, height) = (picture.width(), picture.height());
    let margin = |side: usize| (side as f64 * by / 2.0).round() as usize;
    let (left, top) = (margin(width), margin(height));
    let larger = resize(picture, width + 2 * left, height + 2 * top)?;
    crop(larger.rgb(), larger.width(), (top..top + height, left..left + width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_stays() {
        let (width, height) = (41, 21);
        let mut rgb = vec![0.2; 3 * width * height];
        let centre = 3 * (height / 2 * width + width / 2);
        rgb[centre..centre + 3].fill(1.0);
        let picture = Picture::new(width, height, rgb).unwrap();
        let larger = enlarge(&picture, 0.2).unwrap();
        assert_eq!((larger.width(), larger.height()), (width, height));
        let brightest = larger.rgb().iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
        assert_eq!(brightest / 3, centre / 3);
        assert_eq!(enlarge(&picture, 0.0).unwrap(), picture);
    }
}
