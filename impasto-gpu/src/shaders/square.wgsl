// The shape of a tile of products.
const ROWS: u32 = 64u;
const COLUMNS: u32 = 64u;
