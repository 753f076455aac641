// Stores some planes of a map as a map: copies, sums, ReLUs, parts of concatenations, and constants.
struct Params {
    finish: Finish,
    // First value, or none for zeros; distance between positions.
    input: u32,
    stride: u32,
    // Values stored; what they are multiplied with.
    count: u32,
    factor: f32,
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let value = number(group, groups, lane);
    if value >= p.count {
        return;
    }
    let position = value / p.finish.channels;
    let c = value - position * p.finish.channels;
    var v = 0.0;
    if p.input != NONE {
        v = p.factor * arena[p.input + position * p.stride + c];
    }
    store(position, c, v);
}
