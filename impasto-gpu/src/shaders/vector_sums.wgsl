// Sums over vectors.
struct Params {
    finish: Finish,
    what: u32,
    count: u32,
    a: u32,
    b: u32,
    c: u32,
    // One sum a group.
    out: u32,
    low: f32,
    high: f32,
}

const PRODUCTS: u32 = 0u;
const ABSOLUTE: u32 = 1u;

fn term(i: u32, sum: f32) -> f32 {
    let a = arena[p.a + i];
    if p.what == ABSOLUTE {
        return sum + abs(a);
    }
    if p.what != PRODUCTS {
        // A direction a, a derivative b, a variable c.
        let x = arena[p.c + i];
        if (x <= p.low && a < 0.0) || (x >= p.high && a > 0.0) {
            return sum;
        }
    }
    return sum + a * arena[p.b + i];
}

fn told(number: u32, sum: f32) {
    arena[p.out + number] = sum;
}
