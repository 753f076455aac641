// The logistic curve that keeps values within a range, and the way back.
struct Params {
    finish: Finish,
    input: u32,
    // The cotangent of the result, or none on the way there.
    cotangent: u32,
    count: u32,
    channels: u32,
    low: f32,
    span: f32,
    unused0: u32,
    unused1: u32,
}

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.channels;
    // Beyond, the curve is 0 or 1 to the last digit.
    let x = clamp(arena[p.input + value], -80.0, 80.0);
    let y = 1.0 / (1.0 + exp(-x));
    if p.cotangent == NONE {
        store(position, value - position * p.channels, p.low + p.span * y);
    } else {
        let slope = p.span * y * (1.0 - y);
        store(position, value - position * p.channels, slope * arena[p.cotangent + value]);
    }
}
