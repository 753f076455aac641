//! What fills the columns of a correlation's products.

use super::FEW;

/// What the columns of a filter matrix are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Output planes.
    Dense,
    /// Pairs of a tap of a kernel row and an output plane.
    Turned,
    /// Pairs of any tap and an output plane.
    Whole,
}

impl Form {
    /// The form with the least multiplications: columns come in sixteens.
    pub fn of(kernel: usize, planes: usize) -> Form {
        if planes > FEW || kernel == 1 {
            return Form::Dense;
        }
        let turned = kernel * (kernel * planes).next_multiple_of(16);
        let whole = (kernel * kernel * planes).next_multiple_of(16);
        // Whole products go through memory once a kernel row, so there should be clearly fewer.
        if whole * 5 <= turned * 4 { Form::Whole } else { Form::Turned }
    }
}
