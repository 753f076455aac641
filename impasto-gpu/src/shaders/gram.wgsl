// Products of all pairs of planes, added up over a slice of positions. A group computes 64 by 64 planes, every invocation 8 by
// 8; 16 positions are in shared memory at a time.
struct Params {
    finish: Finish,
    input: u32,
    positions: u32,
    channels: u32,
    // Positions to a slice.
    slice: u32,
    // [slice][planes][planes].
    out: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;

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

fn put(at: u32, row: u32, column: u32, v: vec4<f32>) {
    if row < p.channels {
        for (var i = 0u; i < 4u; i++) {
            if column + i < p.channels {
                arena[at + row * p.channels + column + i] = v[i];
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
    let down = lane / 8u;
    let across = lane % 8u;
    var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
    var a4 = vec4<f32>(); var a5 = vec4<f32>(); var a6 = vec4<f32>(); var a7 = vec4<f32>();
    var b0 = vec4<f32>(); var b1 = vec4<f32>(); var b2 = vec4<f32>(); var b3 = vec4<f32>();
    var b4 = vec4<f32>(); var b5 = vec4<f32>(); var b6 = vec4<f32>(); var b7 = vec4<f32>();
    for (var position = start; position < end; position += 16u) {
        for (var i = part; i < 16u; i += 4u) {
            left[i * 16u + row] = load(position + i, end, group.y * 64u + 4u * row);
            right[i * 16u + row] = load(position + i, end, group.x * 64u + 4u * row);
        }
        workgroupBarrier();
        for (var i = 0u; i < 16u; i++) {
            let u = left[i * 16u + down];
            let v = left[i * 16u + down + 8u];
            let r = right[i * 16u + across];
            let s = right[i * 16u + across + 8u];
            a0 = fma(vec4<f32>(u.x), r, a0); b0 = fma(vec4<f32>(u.x), s, b0);
            a1 = fma(vec4<f32>(u.y), r, a1); b1 = fma(vec4<f32>(u.y), s, b1);
            a2 = fma(vec4<f32>(u.z), r, a2); b2 = fma(vec4<f32>(u.z), s, b2);
            a3 = fma(vec4<f32>(u.w), r, a3); b3 = fma(vec4<f32>(u.w), s, b3);
            a4 = fma(vec4<f32>(v.x), r, a4); b4 = fma(vec4<f32>(v.x), s, b4);
            a5 = fma(vec4<f32>(v.y), r, a5); b5 = fma(vec4<f32>(v.y), s, b5);
            a6 = fma(vec4<f32>(v.z), r, a6); b6 = fma(vec4<f32>(v.z), s, b6);
            a7 = fma(vec4<f32>(v.w), r, a7); b7 = fma(vec4<f32>(v.w), s, b7);
        }
        workgroupBarrier();
    }
    let at = p.out + group.z * p.channels * p.channels;
    let near = group.y * 64u + 4u * down;
    let far = near + 32u;
    let l = group.x * 64u + 4u * across;
    let r = l + 32u;
    put(at, near, l, a0); put(at, near, r, b0);
    put(at, near + 1u, l, a1); put(at, near + 1u, r, b1);
    put(at, near + 2u, l, a2); put(at, near + 2u, r, b2);
    put(at, near + 3u, l, a3); put(at, near + 3u, r, b3);
    put(at, far, l, a4); put(at, far, r, b4);
    put(at, far + 1u, l, a5); put(at, far + 1u, r, b5);
    put(at, far + 2u, l, a6); put(at, far + 2u, r, b6);
    put(at, far + 3u, l, a7); put(at, far + 3u, r, b7);
}
