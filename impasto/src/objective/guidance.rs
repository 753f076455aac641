//! Guidance: a mask of the picture as weights of a layer's positions.

use impasto_image::Mask;
use impasto_net::{Model, statistics::Positions};

/// Shares of a layer's receptive field by which masks are eroded, the first that leaves enough.
const EROSIONS: [f64; 4] = [1.0, 0.75, 0.5, 0.25];

/// Share of the mask that must be left.
const ENOUGH: f64 = 0.25;

/// Which positions of a layer belong to a mask's part of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those that see nothing else, as far as there are enough.
    #[default]
    Inside,
    /// All that are centred in it, so that what they see across its border counts, too.
    Across,
}

/// The positions of layer number `layer` that lie in the mask's part of a picture of the mask's size, with the squares
/// of their guidance as weights, so that a Gram matrix is normalised by Σ guidance² (Gatys et al. 2017, Controlling
/// Perceptual Factors in Neural Style Transfer).
///
/// A position's guidance is the mask's least value in its receptive field, clipped at the border, so that nothing from
/// beyond the mask counts. Departure: where so little of the mask is as large as the field that less than a quarter
/// would be left, the field's middle decides, which weighs most in it; at last the mask is only resampled.
///
/// With [`Reach::Across`] the mask is only resampled.
///
/// # Errors
/// If memory for the mask at the layer's size cannot be had.
pub fn guidance(
    model: &Model,
    layer: usize,
    mask: &Mask,
    reach: Reach,
) -> Result<Positions, impasto_image::Error> {
    let network = model.network();
    // First and one past the last pixel of every position's field, as if the picture went on.
    let fields = |n: usize| -> Vec<(f64, f64)> {
        (0..network.positions_along(layer, n))
            .map(|at| network.receptive_field(layer, (at, at), (n, n)).rows)
            .map(|field| (field.start as f64, field.end as f64))
            .collect()
    };
    let (rows, columns) = (fields(mask.height()), fields(mask.width()));
    let resampled = mask.resized(columns.len(), rows.len())?;
    if reach == Reach::Across {
        return Ok(Positions::new(&squares(resampled.values())));
    }
    let needed = ENOUGH * resampled.values().iter().map(|v| f64::from(v * v)).sum::<f64>();
    for share in EROSIONS {
        let eroded =
            eroded(mask, &narrowed(&rows, share, mask.height()), &narrowed(&columns, share, mask.width()));
        let positions = Positions::new(&squares(&eroded));
        if positions.total() >= needed {
            return Ok(positions);
        }
    }
    Ok(Positions::new(&squares(resampled.values())))
}

/// The middle `share` of fields, clipped at a border after `n` pixels; at least a pixel.
fn narrowed(fields: &[(f64, f64)], share: f64, n: usize) -> Vec<(usize, usize)> {
    fields
        .iter()
        .map(|(start, end)| {
            let (middle, half) = ((start + end) / 2.0, (end - start) / 2.0 * share);
            let start = ((middle - half).round().max(0.0) as usize).min(n - 1);
            let end = ((middle + half).round().max(0.0) as usize).clamp(start + 1, n);
            (start, end)
        })
        .collect()
}

/// The least value of the mask in every rectangle of `rows` × `columns`.
fn eroded(mask: &Mask, rows: &[(usize, usize)], columns: &[(usize, usize)]) -> Vec<f32> {
    let least = |values: &mut dyn Iterator<Item = f32>| values.fold(1.0, f32::min);
    // The least of a rectangle is the least of its rows' least.
    let of_rows: Vec<f32> = mask
        .values()
        .chunks_exact(mask.width())
        .flat_map(|row| columns.iter().map(|&(start, end)| least(&mut row[start..end].iter().copied())))
        .collect();
    let wide = columns.len();
    rows.iter()
        .flat_map(|&(top, bottom)| (0..wide).map(move |column| (top, bottom, column)))
        .map(|(top, bottom, column)| least(&mut (top..bottom).map(|row| of_rows[row * wide + column])))
        .collect()
}

fn squares(values: &[f32]) -> Vec<f32> {
    values.iter().map(|v| v * v).collect()
}
