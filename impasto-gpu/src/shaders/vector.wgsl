// Vectors of optimisers, value by value. Scalars lie in the same buffer, in front of the vectors.
struct Params {
    finish: Finish,
    what: u32,
    count: u32,
    // First values of the result and of what it is made of; the first of those may be the result.
    out: u32,
    a: u32,
    b: u32,
    c: u32,
    // The scalar that is the factor, and its sign.
    factor: u32,
    sign: f32,
    low: f32,
    high: f32,
    unused0: u32,
    unused1: u32,
}

const SCALED: u32 = 0u;
const SUM: u32 = 1u;
const DIFFERENCE: u32 = 2u;
const WHERE: u32 = 3u;
const FREE: u32 = 4u;

fn each(i: u32) {
    if i >= p.count {
        return;
    }
    let a = arena[p.a + i];
    var v = a;
    switch p.what {
        case SCALED: {
            v = a * (p.sign * arena[p.factor]);
        }
        case SUM: {
            v = fma(p.sign * arena[p.factor], arena[p.b + i], a);
        }
        case DIFFERENCE: {
            v = a - arena[p.b + i];
        }
        case WHERE: {
            if arena[p.b + i] == 0.0 {
                v = 0.0;
            }
        }
        default: {
            let x = arena[p.b + i];
            let g = arena[p.c + i];
            if (x <= p.low && (g > 0.0 || a < 0.0)) || (x >= p.high && (g < 0.0 || a > 0.0)) {
                v = 0.0;
            }
        }
    }
    if p.what <= SUM {
        v = clamp(v, p.low, p.high);
    }
    arena[p.out + i] = v;
}
