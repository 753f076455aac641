// Convolution to four outputs or fewer: every invocation computes those of a position.

// The filters are [kernel places, inputs], the bias behind them.

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
    sum *= factor(position);
    for (var i = 0u; i < p.outputs; i++) {
        store(position, i, sum[i]);
    }
}
