// Adds up the slices of products of planes and divides by the number of positions.
struct Params {
    finish: Finish,
    // [slice][planes][planes], of which only pairs of blocks of 64 on and above the diagonal are there.
    input: u32,
    slices: u32,
    channels: u32,
    positions: u32,
    out: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

fn each(value: u32) {
    let size = p.channels * p.channels;
    if value >= size {
        return;
    }
    let row = value / p.channels;
    let column = value - row * p.channels;
    let at = p.input + min(row, column) * p.channels + max(row, column);
    var sum = 0.0;
    for (var slice = 0u; slice < p.slices; slice++) {
        sum += arena[at + slice * size];
    }
    arena[p.out + value] = sum / f32(p.positions);
}
