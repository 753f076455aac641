// Adds up the sums of all blocks, a plane a group, and makes of them what a layer wants.
struct Params {
    finish: Finish,
    // [block][2][planes]; how many blocks; how many positions in all.
    sums: u32,
    blocks: u32,
    positions: u32,
    channels: u32,
    what: u32,
    // Where results go.
    out: u32,
    // An instance norm's statistics: centres, what their means are more, reciprocal deviations.
    statistics: u32,
    epsilon: f32,
    // Where derivatives by a norm's factors, then by its summands, go, or none.
    parameters: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

const MEAN: u32 = 0u;
const MEAN_AND_SQUARE: u32 = 1u;
const NORM: u32 = 2u;
const NORM_BACK: u32 = 3u;
const TOTAL: u32 = 4u;

var<workgroup> parts: array<vec2<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let c = group.x;
    var part = vec2<f32>();
    for (var block = lane; block < p.blocks; block += 64u) {
        let at = p.sums + 2u * block * p.channels + c;
        part += vec2<f32>(arena[at], arena[at + p.channels]);
    }
    parts[lane] = part;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
        if lane < half {
            parts[lane] += parts[lane + half];
        }
        workgroupBarrier();
    }
    if lane != 0u {
        return;
    }
    let n = f32(p.positions);
    let total = parts[0];
    switch p.what {
        case MEAN: {
            arena[p.out + c] = total.x / n;
        }
        case MEAN_AND_SQUARE: {
            arena[p.out + c] = total.x / n;
            arena[p.out + p.channels + c] = total.y / n;
        }
        case NORM: {
            let excess = total.x / n;
            let variance = max(total.y / n - excess * excess, 0.0);
            arena[p.statistics + p.channels + c] = excess;
            arena[p.statistics + 2u * p.channels + c] = 1.0 / sqrt(variance + p.epsilon);
        }
        case TOTAL: {
            arena[p.out + c] = total.x;
        }
        default: {
            let excess = arena[p.statistics + p.channels + c];
            let r = arena[p.statistics + 2u * p.channels + c];
            arena[p.out + c] = total.x / n;
            let correlated = total.y - excess * total.x;
            arena[p.out + p.channels + c] = r * r * (correlated / n);
            if p.parameters != NONE {
                arena[p.parameters + c] = r * correlated;
                arena[p.parameters + p.channels + c] = total.x;
            }
        }
    }
}
