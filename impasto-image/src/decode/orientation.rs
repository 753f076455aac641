//! Turning a picture upright.

use image::metadata::Orientation;
use image::{ImageBuffer, Luma, Pixel, Rgb, imageops};

use crate::error::Result;
use crate::picture::Picture;

/// Whether a picture is turned upright by a quarter.
pub(crate) fn exchanges_sides(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Applies an EXIF orientation, so that the first row is the top of the scene.
pub(crate) fn upright(picture: Picture, orientation: Orientation) -> Result<Picture> {
    if orientation == Orientation::NoTransforms {
        return Ok(picture);
    }
    let (width, height, rgb, alpha) = picture.into_parts();
    let (w, h, rgb) = turn::<Rgb<f32>>(width, height, rgb, orientation);
    let upright = Picture::new(w, h, rgb)?;
    match alpha {
        Some(alpha) => upright.with_alpha(turn::<Luma<f32>>(width, height, alpha, orientation).2),
        None => Ok(upright),
    }
}

fn turn<P: Pixel<Subpixel = f32> + 'static>(
    width: usize,
    height: usize,
    data: Vec<f32>,
    orientation: Orientation,
) -> (usize, usize, Vec<f32>) {
    // Both sides fit: they are bounded by the limits, and the length by the picture's own check.
    let Some(mut buffer) = ImageBuffer::<P, _>::from_raw(width as u32, height as u32, data) else {
        return (width, height, Vec::new());
    };
    match orientation {
        Orientation::NoTransforms => {}
        Orientation::FlipHorizontal => imageops::flip_horizontal_in_place(&mut buffer),
        Orientation::FlipVertical => imageops::flip_vertical_in_place(&mut buffer),
        Orientation::Rotate180 => imageops::rotate180_in_place(&mut buffer),
        Orientation::Rotate90 => buffer = imageops::rotate90(&buffer),
        Orientation::Rotate270 => buffer = imageops::rotate270(&buffer),
        Orientation::Rotate90FlipH => {
            buffer = imageops::rotate90(&buffer);
            imageops::flip_horizontal_in_place(&mut buffer);
        }
        Orientation::Rotate270FlipH => {
            buffer = imageops::rotate270(&buffer);
            imageops::flip_horizontal_in_place(&mut buffer);
        }
    }
    (buffer.width() as usize, buffer.height() as usize, buffer.into_raw())
}
