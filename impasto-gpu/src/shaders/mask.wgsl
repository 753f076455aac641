// Notes which values a ReLU let pass: those of the rectified map above zero and below the ceiling; 32 an invocation.
struct Params {
    finish: Finish,
    input: u32,
    count: u32,
    // First word of the mask.
    mask: u32,
    unused: u32,
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let word = number(group, groups, lane);
    if 32u * word >= p.count {
        return;
    }
    let values = min(32u, p.count - 32u * word);
    var bits = 0u;
    for (var i = 0u; i < values; i++) {
        let v = arena[p.input + 32u * word + i];
        bits |= select(0u, 1u << i, v > 0.0 && v < p.finish.ceiling);
    }
    notes[p.mask + word] = bits;
}
