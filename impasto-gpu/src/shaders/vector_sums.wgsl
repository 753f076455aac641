// Sums over vectors.
struct Params {
    finish: Finish,
    what: u32,
    count: u32,
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    // One sum a group.
    out: u32,
    unused0: u32,
    low: f32,
    high: f32,
    unused1: u32,
    unused2: u32,
}

const PRODUCTS: u32 = 0u;
const ABSOLUTE: u32 = 1u;
// A direction a, a derivative b, a variable c.
const SLOPE: u32 = 2u;
const DIFFERENCES: u32 = 3u;
const CHANGED: u32 = 4u;
// A derivative a, a variable c.
const FREE: u32 = 5u;
const CHANGE: u32 = 6u;

fn term(i: u32, sum: f32) -> f32 {
    let a = arena[p.a + i];
    if p.what == ABSOLUTE {
        return sum + abs(a);
    }
    let b = arena[p.b + i];
    if p.what == PRODUCTS {
        return sum + a * b;
    }
    let c = arena[p.c + i];
    if p.what == SLOPE || p.what == FREE {
        let towards = select(a, -a, p.what == FREE);
        let held = (c <= p.low && towards < 0.0) || (c >= p.high && towards > 0.0);
        return select(sum + a * b, sum, held);
    }
    let change = a - b;
    if p.what == CHANGE {
        return sum + change * c;
    }
    let along = c - arena[p.d + i];
    if p.what == DIFFERENCES {
        return sum + change * along;
    }
    return select(sum + change * change, sum, along == 0.0);
}

fn told(number: u32, sum: f32) {
    arena[p.out + number] = sum;
}
