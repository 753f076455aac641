// Means and, where products are not compared, squares: a plane a group. Behind the matrix, or behind factors, come summands.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let c = group.x;
    let own = mean(c);
    var by_mean = 0.0;
    var error = 0.0;
    if p.means != 0u {
        let difference = kept(c) * own - wanted[c];
        error = p.by_first * difference * difference;
        by_mean = 2.0 * p.by_first * difference;
    }
    var summands = p.channels;
    if p.second == 2u {
        summands = p.channels * p.width;
        var sum = 0.0;
        if p.centred != 0u {
            for (var k = lane; k < p.channels; k += 256u) {
                sum += bitcast<f32>(notes[c * p.width + k]) * mean(k);
            }
        }
        by_mean -= p.positions * added(lane, sum);
    } else {
        var factor = 0.0;
        if p.second == 1u {
            var square = arena[p.moments + p.channels + c];
            if p.centred != 0u {
                square -= own * own;
            }
            let difference = kept(c) * square - wanted[p.channels + c];
            error += p.by_second * difference * difference;
            let by_square = 2.0 * p.by_second * difference;
            factor = 2.0 * by_square / p.positions;
            if p.centred != 0u {
                by_mean -= 2.0 * by_square * own;
            }
        }
        if lane == 0u {
            notes[c] = bitcast<u32>(factor);
        }
    }
    if lane == 0u {
        notes[summands + c] = bitcast<u32>(by_mean / p.positions);
        notes[p.parts + c] = bitcast<u32>(error);
    }
}
