// The sum of a sum's groups, times a scalar, taken from another where there is one: a scalar.
struct Params {
    finish: Finish,
    sums: u32,
    count: u32,
    out: u32,
    factor: u32,
    minuend: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
    var sum = 0.0;
    for (var i = lane; i < p.count; i += 256u) {
        sum += arena[p.sums + i];
    }
    var total = added(lane, sum);
    if lane != 0u {
        return;
    }
    if p.factor != NONE {
        total *= arena[p.factor];
    }
    if p.minuend != NONE {
        total = arena[p.minuend] - total;
    }
    arena[p.out] = total;
}
