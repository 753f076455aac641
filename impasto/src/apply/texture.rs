//! Textures of noise, in one pass.

use crate::Error;
use impasto_image::{Picture, Rectangle};
use impasto_net::{Generator, Plan, Purpose};

/// The texture of `generator`, of `width` × `height` pixels; another seed gives another texture of the same kind. Where both
/// sides are multiples of the architecture's and its borders wrap, it continues itself.
///
/// # Errors
/// Those of planning.
pub fn texture(generator: &Generator, width: usize, height: usize, seed: u64) -> Result<Picture, Error> {
    let model = generator.model(&generator.alone(0))?;
    let multiple = generator.architecture().multiple();
    let [columns, rows] = [width, height].map(|n| n.max(1).next_multiple_of(multiple));
    let mut plan = Plan::of_last(&model, rows, columns, Purpose::Forward)?;
    plan.set_seed(seed);
    plan.forward(&vec![0.0; 3 * rows * columns]);
    let rgb = plan.tap(0).data.iter().map(|value| value.clamp(0.0, 1.0)).collect();
    let whole = Picture::new(columns, rows, rgb)?;
    Ok(whole.cropped(Rectangle { left: 0, top: 0, width: width.max(1), height: height.max(1) })?)
}
