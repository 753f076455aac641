// Convolution as a product of matrices: positions × (kernel places, inputs) by (kernel places, inputs) × outputs. A group
// computes a tile of positions by outputs.

// The filters are [kernel places, inputs][outputs / 4], the bias behind them.

var<workgroup> corners: array<vec2<i32>, ROWS>;

fn weight(k: u32, depth: u32, panel: u32, panels: u32) -> vec4<f32> {
    if k < depth && panel < panels {
        return weights[k * panels + panel];
    }
    return vec4<f32>();
}

fn bias(panel: u32, panels: u32) -> vec4<f32> {
    if p.bias != NONE && panel < panels {
        return weights[p.bias + panel];
    }
    return vec4<f32>();
}

fn put(position: u32, output: u32, v: vec4<f32>) {
    if position >= p.positions {
        return;
    }
    let all = factor(position) * v;
    for (var i = 0u; i < 4u; i++) {
        if output + i < p.outputs {
            store(position, output + i, all[i]);
        }
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.z * groups.x + group.x) * ROWS;
    let panel = group.y * WIDE;
    let panels = (p.outputs + 3u) / 4u;
    let depth = p.kernel * p.kernel * p.inputs;
    for (var i = lane; i < ROWS; i += 64u) {
        corners[i] = corner(min(first + i, p.positions - 1u));
    }
    workgroupBarrier();

    let row = lane % 16u;
    let own = block(lane);
    for (var start = 0u; start < depth; start += 16u) {
        let k = start + row;
        let place = k / p.inputs;
        let c = k - place * p.inputs;
        let ky = i32(place / p.kernel);
        let kx = i32(place % p.kernel);
        for (var i = lane / 16u; i < TALL; i += 4u) {
            var values = vec4<f32>();
            if k < depth {
                let c0 = corners[4u * i];
                let c1 = corners[4u * i + 1u];
                let c2 = corners[4u * i + 2u];
                let c3 = corners[4u * i + 3u];
                values = vec4<f32>(
                    seen(c0.x + ky, c0.y + kx, c),
                    seen(c1.x + ky, c1.y + kx, c),
                    seen(c2.x + ky, c2.y + kx, c),
                    seen(c3.x + ky, c3.y + kx, c),
                );
            }
            left[row * TALL + i] = values;
        }
        for (var i = lane; i < 16u * WIDE; i += 64u) {
            right[i] = weight(start + i / WIDE, depth, panel + i % WIDE, panels);
        }
        workgroupBarrier();
        multiply(own);
        workgroupBarrier();
    }
    let l = panel + own.y;
    let r = l + WIDE / 2u;
    put_all(first + 4u * own.x, 4u * l, bias(l, panels), bias(r, panels));
}
