// The way back through pooling: every value takes what the windows it is in send back.
struct Params {
    finish: Finish,
    // The pooled map's cotangent, its size; columns of the map pooled, its values.
    input: u32,
    out_height: u32,
    out_width: u32,
    width: u32,
    count: u32,
    channels: u32,
    window: u32,
    stride: u32,
    average: u32,
    switches: u32,
    unused0: u32,
    unused1: u32,
}

// First window that contains row or column `i`.
fn first(i: u32) -> u32 {
    if i + p.stride < p.window {
        return 0u;
    }
    return (i + p.stride - p.window) / p.stride;
}

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.channels;
    let c = value - position * p.channels;
    let y = position / p.width;
    let x = position - y * p.width;
    let rows = min(y / p.stride + 1u, p.out_height);
    let columns = min(x / p.stride + 1u, p.out_width);
    var sum = 0.0;
    for (var row = first(y); row < rows; row++) {
        for (var column = first(x); column < columns; column++) {
            let pooled = (row * p.out_width + column) * p.channels + c;
            let g = arena[p.input + pooled];
            if p.average == 1u {
                sum += g / f32(p.window * p.window);
            } else {
                let place = (y - row * p.stride) * p.window + x - column * p.stride;
                if ((notes[p.switches + pooled / 4u] >> (8u * (pooled % 4u))) & 255u) == place {
                    sum += g;
                }
            }
        }
    }
    store(position, c, sum);
}
