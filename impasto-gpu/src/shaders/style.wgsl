// Channel statistics against targets: the error, and how its derivative by the map depends on the map, in the place of the masks.
struct Params {
    finish: Finish,
    // Means, mean squares, mean products.
    moments: u32,
    channels: u32,
    // Values to a row of the matrix.
    width: u32,
    positions: f32,
    // 0 for none, 1 for squares, 2 for products; 1 if about the mean; 1 if means are compared.
    second: u32,
    centred: u32,
    means: u32,
    // Factors of the means' error and of the second moments'.
    by_first: f32,
    by_second: f32,
    // Where the error's parts go.
    parts: u32,
    unused0: u32,
    unused1: u32,
}

// Of the means; of the second moments; 1 for every plane that counts.
@group(0) @binding(1) var<storage, read> wanted: array<f32>;

fn entries() -> u32 {
    if p.second == 2u {
        return p.channels * p.channels;
    }
    return p.channels;
}

fn kept(c: u32) -> f32 {
    return wanted[p.channels + entries() + c];
}

fn mean(c: u32) -> f32 {
    return arena[p.moments + c];
}
