// The derivative by the picture's vector, from the cotangent of the picture and what is made of pixels; the sum of that.
var<workgroup> parts: array<f32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = group.y * groups.x + group.x;
    let first = number * 4096u;
    if first >= p.count {
        return;
    }
    let end = min(first + 4096u, p.count);
    var sum = 0.0;
    for (var value = first + lane; value < end; value += 256u) {
        let found = variation(value);
        sum += found.x;
        let derivative = arena[p.at + value] / 255.0 + p.weight * found.y;
        notes[p.gradient + value] = bitcast<u32>(freedom(value) * derivative);
    }
    parts[lane] = sum;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if lane < half {
            parts[lane] += parts[lane + half];
        }
        workgroupBarrier();
    }
    if lane == 0u {
        notes[p.sums + number] = bitcast<u32>(p.weight * parts[0]);
    }
}
