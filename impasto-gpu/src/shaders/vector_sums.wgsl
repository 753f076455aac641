// Sums over vectors, 4096 values a group.
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

var<workgroup> parts: array<f32, 256>;

fn term(i: u32) -> f32 {
    let a = arena[p.a + i];
    if p.what == ABSOLUTE {
        return abs(a);
    }
    if p.what != PRODUCTS {
        // A direction a, a derivative b, a variable c.
        let x = arena[p.c + i];
        if (x <= p.low && a < 0.0) || (x >= p.high && a > 0.0) {
            return 0.0;
        }
    }
    return a * arena[p.b + i];
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = group.y * groups.x + group.x;
    let first = number * 4096u;
    if first >= p.count {
        return;
    }
    let end = min(first + 4096u, p.count);
    var sum = 0.0;
    for (var i = first + lane; i < end; i += 256u) {
        sum += term(i);
    }
    parts[lane] = sum;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if lane < half {
            parts[lane] += parts[lane + half];
        }
        workgroupBarrier();
    }
    if lane == 0u {
        arena[p.out + number] = parts[0];
    }
}
