// Sums of squared differences to a target, 4096 values a group.
struct Params {
    finish: Finish,
    input: u32,
    count: u32,
    // One sum a group.
    out: u32,
    unused: u32,
}

@group(0) @binding(1) var<storage, read> target_map: array<f32>;

var<workgroup> parts: array<f32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = group.y * groups.x + group.x;
    var part = 0.0;
    for (var i = 0u; i < 16u; i++) {
        let value = number * 4096u + i * 256u + lane;
        if value < p.count {
            let d = arena[p.input + value] - target_map[value];
            part = fma(d, d, part);
        }
    }
    parts[lane] = part;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if lane < half {
            parts[lane] += parts[lane + half];
        }
        workgroupBarrier();
    }
    if lane == 0u && number * 4096u < p.count {
        arena[p.out + number] = parts[0];
    }
}
