// What a cotangent begins with: a multiple of the difference to a target, an image by a factor and a summand a plane, or given
// values.
struct Params {
    finish: Finish,
    input: u32,
    count: u32,
    channels: u32,
    what: u32,
    factor: f32,
    // Where one weight a position begins behind factors and summands, or none.
    weights: u32,
    unused1: u32,
    unused2: u32,
}

const VALUES: u32 = 0u;
const DIFFERENCE: u32 = 1u;
const DIAGONAL: u32 = 2u;

// The values; the target; or factors, then summands.
@group(0) @binding(1) var<storage, read> other: array<f32>;

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.channels;
    let c = value - position * p.channels;
    var v = 0.0;
    switch p.what {
        case VALUES: {
            v = other[value];
        }
        case DIFFERENCE: {
            v = p.factor * (arena[p.input + value] - other[value]);
        }
        default: {
            v = fma(arena[p.input + value], other[c], other[p.channels + c]);
            if p.weights != NONE {
                v *= other[p.weights + position];
            }
        }
    }
    store(position, c, v);
}
