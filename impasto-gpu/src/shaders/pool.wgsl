// Spatial pooling; every invocation computes four values that follow each other and notes where their maxima were, the
// first place, counted row by row, where several are equal.
struct Params {
    finish: Finish,
    // The map read, its columns; columns of the map stored; its values.
    input: u32,
    width: u32,
    out_width: u32,
    count: u32,
    channels: u32,
    window: u32,
    stride: u32,
    // 1 for means.
    average: u32,
    // First word of the places, or none.
    switches: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

fn each(word: u32) {
    if 4u * word >= p.count {
        return;
    }
    var places = 0u;
    for (var i = 0u; i < 4u; i++) {
        let value = 4u * word + i;
        if value >= p.count {
            break;
        }
        let position = value / p.channels;
        let c = value - position * p.channels;
        let y = position / p.out_width;
        let x = position - y * p.out_width;
        let at = p.input + (y * p.stride * p.width + x * p.stride) * p.channels + c;
        var largest = arena[at];
        var sum = 0.0;
        var place = 0u;
        for (var row = 0u; row < p.window; row++) {
            for (var column = 0u; column < p.window; column++) {
                let v = arena[at + (row * p.width + column) * p.channels];
                sum += v;
                if v > largest {
                    largest = v;
                    place = row * p.window + column;
                }
            }
        }
        places |= place << (8u * i);
        if p.average == 1u {
            largest = sum / f32(p.window * p.window);
        }
        store(position, c, largest);
    }
    if p.switches != NONE {
        notes[p.switches + word] = places;
    }
}
