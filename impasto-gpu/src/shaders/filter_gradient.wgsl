// Derivatives by a convolution's weights, added up over a slice of positions: products of what the convolution sees, (kernel
// places, inputs) × positions, with the cotangent of its result, positions × outputs. A group computes a tile of them.

// The cotangent is at `transformed`; sums go to `products`, [slice][kernel places, inputs][outputs]. A slice has `tiles`
// positions.

// Where the slice's sums begin, and how many rows they have.
var<private> sums: u32;
var<private> depth: u32;

fn put(row: u32, output: u32, v: vec4<f32>) {
    if row >= depth {
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        if output + i < p.outputs {
            arena[sums + row * p.outputs + output + i] = v[i];
        }
    }
}

fn value(corner: vec2<i32>, row: u32) -> f32 {
    if row >= depth {
        return 0.0;
    }
    let place = row / p.inputs;
    let c = row - place * p.inputs;
    return seen(corner.x + i32(place / p.kernel), corner.y + i32(place % p.kernel), c);
}

fn cotangent(position: u32, output: u32) -> f32 {
    if output >= p.outputs {
        return 0.0;
    }
    return arena[p.transformed + position * p.outputs + output];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    depth = p.kernel * p.kernel * p.inputs;
    sums = p.products + group.z * depth * p.outputs;
    let first = group.x * ROWS;
    let column = group.y * COLUMNS;
    let start = group.z * p.tiles;
    let end = min(start + p.tiles, p.positions);
    let own = block(lane);
    for (var step = start; step < end; step += 16u) {
        for (var i = lane; i < 16u * TALL; i += 64u) {
            let position = step + i / TALL;
            let row = first + 4u * (i % TALL);
            var values = vec4<f32>();
            if position < end {
                let at = corner(position);
                values = vec4<f32>(value(at, row), value(at, row + 1u), value(at, row + 2u), value(at, row + 3u));
            }
            left[i] = values;
        }
        for (var i = lane; i < 16u * WIDE; i += 64u) {
            let position = step + i / WIDE;
            let output = column + 4u * (i % WIDE);
            var values = vec4<f32>();
            if position < end {
                values = vec4<f32>(
                    cotangent(position, output),
                    cotangent(position, output + 1u),
                    cotangent(position, output + 2u),
                    cotangent(position, output + 3u),
                );
            }
            right[i] = values;
        }
        workgroupBarrier();
        multiply(own);
        workgroupBarrier();
    }
    put_all(first + 4u * own.x, column + 4u * own.y, vec4<f32>(), vec4<f32>());
}
