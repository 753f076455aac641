//! Where a cotangent already holds something.

/// Where the destination is added.
#[derive(Clone, Copy)]
pub enum Accumulate {
    /// Nowhere: it is overwritten.
    Nowhere,
    /// At every position.
    Everywhere,
    /// Near the edges.
    Within(Border),
}

/// The positions of a map near its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Columns of the map.
    pub width: u32,
    /// Rows of the map that do not belong to the border.
    pub rows: (u32, u32),
    /// Columns of the map that do not belong to the border.
    pub columns: (u32, u32),
}

impl Border {
    /// The columns of a row that do not belong to the border.
    pub fn inner_columns(&self, row: usize) -> std::ops::Range<usize> {
        match (self.rows.0..self.rows.1).contains(&(row as u32)) {
            true => self.columns.0 as usize..self.columns.1 as usize,
            false => self.width as usize..self.width as usize,
        }
    }

    /// Whether a position belongs to the border.
    #[inline(always)]
    pub fn contains(&self, position: usize) -> bool {
        let (row, column) = (position as u32 / self.width, position as u32 % self.width);
        row < self.rows.0 || row >= self.rows.1 || column < self.columns.0 || column >= self.columns.1
    }
}

impl Accumulate {
    /// Whether it is added at a position.
    #[inline(always)]
    pub fn at(&self, position: usize) -> bool {
        match self {
            Accumulate::Nowhere => false,
            Accumulate::Everywhere => true,
            Accumulate::Within(border) => border.contains(position),
        }
    }
}
