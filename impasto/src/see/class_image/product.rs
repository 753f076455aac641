//! Products of matrices.

use rayon::prelude::*;

/// Rows a task computes at a time.
const ROWS: usize = 4;
/// Columns whose sums are kept in registers.
const COLUMNS: usize = 16;

/// A matrix, row by row.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
    /// The values.
    pub values: Vec<f32>,
}

impl Matrix {
    /// A matrix of height · width values.
    pub fn new(height: usize, width: usize, values: Vec<f32>) -> Matrix {
        debug_assert_eq!(values.len(), height * width);
        Matrix { height, width, values }
    }

    /// Rows as columns.
    pub fn transposed(&self) -> Matrix {
        let values =
            (0..self.width).flat_map(|x| self.values.iter().skip(x).step_by(self.width).copied()).collect();
        Matrix::new(self.width, self.height, values)
    }
}

/// `a` · `b`; every sum runs upwards, whatever the number of threads.
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    debug_assert_eq!(a.width, b.height);
    let mut values = vec![0.0f32; a.height * b.width];
    let bands = values.par_chunks_mut(ROWS * b.width).zip(a.values.par_chunks(ROWS * a.width));
    bands.for_each(|(out, rows)| {
        let count = out.len() / b.width;
        for left in (0..b.width).step_by(COLUMNS) {
            let right = (left + COLUMNS).min(b.width);
            let mut sums = [[0.0f32; COLUMNS]; ROWS];
            for k in 0..a.width {
                let line = &b.values[k * b.width..][left..right];
                // Full blocks have a length known to the compiler, which makes vector code of them.
                if let Ok(line) = <&[f32; COLUMNS]>::try_from(line) {
                    for (r, sums) in sums.iter_mut().enumerate().take(count) {
                        let factor = rows[r * a.width + k];
                        sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += factor * v);
                    }
                } else {
                    for (r, sums) in sums.iter_mut().enumerate().take(count) {
                        let factor = rows[r * a.width + k];
                        sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += factor * v);
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate().take(count) {
                out[r * b.width..][left..right].copy_from_slice(&sums[..right - left]);
            }
        }
    });
    Matrix::new(a.height, b.width, values)
}

#[cfg(test)]
mod tests {
    use super::super::testing::noise;
    use super::*;

    #[test]
    fn products_are_those_of_the_definition() {
        let (a, b) = (Matrix::new(7, 5, noise(35, 1)), Matrix::new(5, 19, noise(95, 2)));
        let c = product(&a, &b);
        for (i, value) in c.values.iter().enumerate() {
            let wanted: f32 = (0..5).map(|k| a.values[i / 19 * 5 + k] * b.values[k * 19 + i % 19]).sum();
            assert!((value - wanted).abs() < 1e-5);
        }
    }
}
