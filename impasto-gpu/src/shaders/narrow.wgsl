// Convolution to four outputs or fewer: every invocation computes those of a position.

// [kernel places, inputs], the bias behind them.
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;

fn each(position: u32) {
    if position >= p.positions {
        return;
    }
    let first = corner(position);
    var sum = vec4<f32>();
    var w = 0u;
    for (var ky = 0u; ky < p.kernel; ky++) {
        let row = along(first.x + i32(ky), i32(p.height));
        for (var kx = 0u; kx < p.kernel; kx++) {
            let column = along(first.y + i32(kx), i32(p.width));
            if row >= 0 && column >= 0 {
                let at = p.input + (u32(row) * p.width + u32(column)) * p.inputs;
                for (var c = 0u; c < p.inputs; c++) {
                    sum = fma(vec4<f32>(arena[at + c]), weights[w + c], sum);
                }
            }
            w += p.inputs;
        }
    }
    if p.bias != NONE {
        sum += weights[p.bias];
    }
    if p.factors != NONE {
        sum *= weights[p.factors + position / 4u][position % 4u];
    }
    for (var i = 0u; i < p.outputs; i++) {
        store(position, i, sum[i]);
    }
}
