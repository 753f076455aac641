// Products of transformed tiles and filters, a matrix product for each of 36 points: [point][tile][outputs].

// The filters are [point][inputs][outputs / 4].

// Where the point's products begin.
var<private> products: u32;

fn put(tile: u32, output: u32, v: vec4<f32>) {
    if tile >= p.tiles {
        return;
    }
    let at = products + tile * p.outputs + output;
    for (var i = 0u; i < 4u; i++) {
        if output + i < p.outputs {
            arena[at + i] = v[i];
        }
    }
}

fn value(at: u32, tile: u32) -> f32 {
    if tile < p.tiles {
        return arena[at + tile * p.inputs];
    }
    return 0.0;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = group.x * ROWS;
    let panel = group.y * WIDE;
    let panels = (p.outputs + 3u) / 4u;
    let tiles = p.transformed + group.z * p.tiles * p.inputs;
    let filters = group.z * p.inputs * panels;
    let row = lane % 16u;
    let own = block(lane);
    for (var start = 0u; start < p.inputs; start += 16u) {
        let k = start + row;
        for (var i = lane / 16u; i < TALL; i += 4u) {
            var values = vec4<f32>();
            if k < p.inputs {
                let tile = first + 4u * i;
                let at = tiles + k;
                values = vec4<f32>(value(at, tile), value(at, tile + 1u), value(at, tile + 2u), value(at, tile + 3u));
            }
            left[row * TALL + i] = values;
        }
        for (var i = lane; i < 16u * WIDE; i += 64u) {
            let j = start + i / WIDE;
            let q = panel + i % WIDE;
            var values = vec4<f32>();
            if j < p.inputs && q < panels {
                values = weights[filters + j * panels + q];
            }
            right[i] = values;
        }
        workgroupBarrier();
        multiply(own);
        workgroupBarrier();
    }
    products = p.products + group.z * p.tiles * p.outputs;
    put_all(first + 4u * own.x, 4u * (panel + own.y), vec4<f32>(), vec4<f32>());
}
