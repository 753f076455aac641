// Stores some planes of a map as a map: copies, sums, ReLUs, parts of concatenations, and constants.
struct Params {
    finish: Finish,
    // First value, or none for zeros; distance between positions.
    input: u32,
    stride: u32,
    // Values stored; what they are multiplied with.
    count: u32,
    factor: f32,
}

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.finish.channels;
    let c = value - position * p.finish.channels;
    var v = 0.0;
    if p.input != NONE {
        v = p.factor * arena[p.input + position * p.stride + c];
    }
    store(position, c, v);
}
