// Parameters of all convolutions.
struct Params {
    finish: Finish,
    // First value of the input, its size.
    input: u32,
    height: u32,
    width: u32,
    inputs: u32,
    // Size of the output.
    out_width: u32,
    positions: u32,
    outputs: u32,
    kernel: u32,
    stride: u32,
    // Rows and columns before the map.
    before: u32,
    padding: u32,
    // 1 if the map is seen enlarged by two.
    enlarge: u32,
    // Distance between the map's values as they are seen.
    dilate: u32,
    // Index of the bias among the weights, or none.
    bias: u32,
    // Of Winograd's algorithm: tiles in a row; the first of these tiles, and how many they are; where they are, transformed,
    // and their products.
    across: u32,
    first: u32,
    tiles: u32,
    transformed: u32,
    products: u32,
    // Where vectors of one factor a position begin among the weights, or none.
    factors: u32,
}
