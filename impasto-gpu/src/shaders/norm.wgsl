// Instance norm and the way back, once the statistics are known.
struct Params {
    finish: Finish,
    input: u32,
    // The cotangent of the result, or none on the way there.
    cotangent: u32,
    statistics: u32,
    // On the way back: means of the cotangent, and of its products with the normed map times the reciprocal deviation.
    back: u32,
    count: u32,
    channels: u32,
    unused0: u32,
    unused1: u32,
}

// Factors, then what is added.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.channels;
    let c = value - position * p.channels;
    let centred = (arena[p.input + value] - arena[p.statistics + c]) - arena[p.statistics + p.channels + c];
    let factor = arena[p.statistics + 2u * p.channels + c] * weights[c];
    if p.cotangent == NONE {
        store(position, c, fma(centred, factor, weights[p.channels + c]));
    } else {
        let g = arena[p.cotangent + value] - arena[p.back + c];
        store(position, c, factor * (g - centred * arena[p.back + p.channels + c]));
    }
}
