// Convolution of every plane with a kernel of its own; every invocation computes a value.

// [kernel places][planes], the bias behind them.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn each(value: u32) {
    if value >= p.positions * p.outputs {
        return;
    }
    let position = value / p.outputs;
    let c = value - position * p.outputs;
    let first = corner(position);
    var sum = 0.0;
    for (var ky = 0u; ky < p.kernel; ky++) {
        for (var kx = 0u; kx < p.kernel; kx++) {
            let seen = seen(first.x + i32(ky), first.y + i32(kx), c);
            sum = fma(seen, weights[(ky * p.kernel + kx) * p.inputs + c], sum);
        }
    }
    if p.bias != NONE {
        sum += weights[p.bias + c];
    }
    store(position, c, sum);
}
