// The shape of a tile of products, where there are few columns.
const ROWS: u32 = 128u;
const COLUMNS: u32 = 32u;
