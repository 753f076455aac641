// Products of all pairs of planes, added up over a slice of positions. A group computes a tile of planes by
// planes, 16 positions at a time.
struct Params {
    finish: Finish,
    input: u32,
    positions: u32,
    channels: u32,
    // Positions to a slice.
    slice: u32,
    // [slice][planes][planes].
    out: u32,
    // 1 if positions count by weights.
    weighted: u32,
    unused1: u32,
    unused2: u32,
}

// One a position.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn weight(position: u32, end: u32) -> f32 {
    if p.weighted == 0u || position >= end {
        return 1.0;
    }
    return weights[position];
}

// Where the slice's products go.
var<private> products: u32;

fn load(position: u32, end: u32, c: u32) -> vec4<f32> {
    var v = vec4<f32>();
    if position < end {
        let at = p.input + position * p.channels;
        for (var i = 0u; i < 4u; i++) {
            if c + i < p.channels {
                v[i] = arena[at + c + i];
            }
        }
    }
    return v;
}

fn put(row: u32, column: u32, v: vec4<f32>) {
    if row < p.channels {
        for (var i = 0u; i < 4u; i++) {
            if column + i < p.channels {
                arena[products + row * p.channels + column + i] = v[i];
            }
        }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    // The matrix is symmetric: what lies below the diagonal is read off above it.
    if group.y > group.x {
        return;
    }
    let start = group.z * p.slice;
    let end = min(start + p.slice, p.positions);
    let row = lane % 16u;
    let part = lane / 16u;
    let own = block(lane);
    for (var position = start; position < end; position += 16u) {
        for (var i = part; i < 16u; i += 4u) {
            let w = weight(position + i, end);
            left[i * TALL + row] = w * load(position + i, end, group.y * ROWS + 4u * row);
            right[i * WIDE + row] = load(position + i, end, group.x * COLUMNS + 4u * row);
        }
        workgroupBarrier();
        multiply(own);
        workgroupBarrier();
    }
    products = p.out + group.z * p.channels * p.channels;
    put_all(group.y * ROWS + 4u * own.x, group.x * COLUMNS + 4u * own.y, vec4<f32>(), vec4<f32>());
}
