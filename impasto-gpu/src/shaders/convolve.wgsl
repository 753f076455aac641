// Convolution as a product of matrices: positions × (kernel places, inputs) by (kernel places, inputs) × outputs. A group
// computes 64 positions by 64 outputs, every invocation 8 by 8; 16 rows of both factors are in shared memory at a time.

// [kernel places, inputs][outputs / 4], the bias behind them.
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;

var<workgroup> corners: array<vec2<i32>, 64>;
// [16 rows][64 positions / 4] and [16 rows][64 outputs / 4].
var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;

fn put(position: u32, output: u32, v: vec4<f32>) {
    if position >= p.positions {
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        if output + i < p.outputs {
            store(position, output + i, v[i]);
        }
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.z * groups.x + group.x) * 64u;
    let panel = group.y * 16u;
    let panels = (p.outputs + 3u) / 4u;
    let depth = p.kernel * p.kernel * p.inputs;
    corners[lane] = corner(min(first + lane, p.positions - 1u));
    workgroupBarrier();

    let row = lane % 16u;
    let part = lane / 16u;
    let down = lane / 8u;
    let across = lane % 8u;
    var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
    var a4 = vec4<f32>(); var a5 = vec4<f32>(); var a6 = vec4<f32>(); var a7 = vec4<f32>();
    var b0 = vec4<f32>(); var b1 = vec4<f32>(); var b2 = vec4<f32>(); var b3 = vec4<f32>();
    var b4 = vec4<f32>(); var b5 = vec4<f32>(); var b6 = vec4<f32>(); var b7 = vec4<f32>();
    for (var start = 0u; start < depth; start += 16u) {
        let k = start + row;
        let place = k / p.inputs;
        let c = k - place * p.inputs;
        let ky = i32(place / p.kernel);
        let kx = i32(place % p.kernel);
        for (var i = part; i < 16u; i += 4u) {
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
            left[row * 16u + i] = values;
        }
        for (var i = part; i < 16u; i += 4u) {
            var values = vec4<f32>();
            if start + i < depth && panel + row < panels {
                values = weights[(start + i) * panels + panel + row];
            }
            right[i * 16u + row] = values;
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
    let l = panel + across;
    let r = l + 8u;
    var bl = vec4<f32>();
    var br = vec4<f32>();
    if p.bias != NONE && l < panels {
        bl = weights[p.bias + l];
    }
    if p.bias != NONE && r < panels {
        br = weights[p.bias + r];
    }
    let near = first + 4u * down;
    let far = near + 32u;
    put(near, 4u * l, a0 + bl); put(near, 4u * r, b0 + br);
    put(near + 1u, 4u * l, a1 + bl); put(near + 1u, 4u * r, b1 + br);
    put(near + 2u, 4u * l, a2 + bl); put(near + 2u, 4u * r, b2 + br);
    put(near + 3u, 4u * l, a3 + bl); put(near + 3u, 4u * r, b3 + br);
    put(far, 4u * l, a4 + bl); put(far, 4u * r, b4 + br);
    put(far + 1u, 4u * l, a5 + bl); put(far + 1u, 4u * r, b5 + br);
    put(far + 2u, 4u * l, a6 + bl); put(far + 2u, 4u * r, b6 + br);
    put(far + 3u, 4u * l, a7 + bl); put(far + 3u, 4u * r, b7 + br);
}
