// Notes which values a ReLU let pass: those of the rectified map above zero and below the ceiling; 32 an invocation.
struct Params {
    finish: Finish,
    input: u32,
    count: u32,
    // First word of the mask.
    mask: u32,
    unused: u32,
}

fn each(word: u32) {
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
