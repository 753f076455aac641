// The matrix of products, 256 entries a group.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let i = group.x * 256u + lane;
    var error = 0.0;
    if i < p.channels * p.channels {
        let row = i / p.channels;
        let column = i - row * p.channels;
        var value = arena[p.moments + 2u * p.channels + i];
        if p.centred != 0u {
            value -= mean(row) * mean(column);
        }
        let difference = kept(row) * kept(column) * value - wanted[p.channels + i];
        error = p.by_second * difference * difference;
        notes[row * p.width + column] = bitcast<u32>(4.0 * p.by_second * difference / p.positions);
    }
    let sum = added(lane, error);
    if lane == 0u {
        notes[p.parts + group.x] = bitcast<u32>(sum);
    }
}
