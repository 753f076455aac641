//! Functions of symmetric 3×3 matrices, by Jacobi's eigenvalue method.

/// A 3×3 matrix, row by row.
pub(super) type Matrix = [[f64; 3]; 3];

/// The product of two matrices.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

/// The matrix with the same eigenvectors and `f` of the eigenvalues.
pub(super) fn apply(matrix: &Matrix, f: impl Fn(f64) -> f64) -> Matrix {
    let (values, vectors) = eigen(matrix);
    let values = values.map(f);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| (0..3).map(|k| vectors[i][k] * values[k] * vectors[j][k]).sum())
    })
}

/// Eigenvalues, and eigenvectors as columns. Rotations that each make one off-diagonal pair zero; a handful of rounds
/// through all pairs reaches the last bit.
fn eigen(matrix: &Matrix) -> ([f64; 3], Matrix) {
    let mut m = *matrix;
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for (p, q) in [(0, 1), (0, 2), (1, 2)].into_iter().cycle().take(3 * 16) {
        if m[p][q] == 0.0 {
            continue;
        }
        let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
        let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
        let c = 1.0 / t.hypot(1.0);
        let s = t * c;
        for row in m.iter_mut().chain(&mut vectors) {
            (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
        }
        let (above, below) = (m[p], m[q]);
        m[p] = std::array::from_fn(|k| c * above[k] - s * below[k]);
        m[q] = std::array::from_fn(|k| s * above[k] + c * below[k]);
    }
    ([m[0][0], m[1][1], m[2][2]], vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn square_roots_are_square_roots() {
        for matrix in [
            [[4.0, 1.0, -0.5], [1.0, 3.0, 0.2], [-0.5, 0.2, 0.3]],
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]],
            [[0.0; 3]; 3],
        ] {
            let root = apply(&matrix, |v| v.max(0.0).sqrt());
            let back = product(&root, &root);
            for i in 0..3 {
                assert!((0..3).all(|j| (back[i][j] - matrix[i][j]).abs() < 1e-12), "{matrix:?} {back:?}");
            }
        }
    }
}
