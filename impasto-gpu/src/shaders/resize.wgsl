// Enlargement by two, repeating values or with zeros between them, and the ways back.
struct Params {
    finish: Finish,
    // The map read; columns of the map stored; its values.
    input: u32,
    width: u32,
    count: u32,
    channels: u32,
    what: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

const UPSAMPLE: u32 = 0u;
const SPREAD: u32 = 1u;
const UPSAMPLE_BACK: u32 = 2u;
const SPREAD_BACK: u32 = 3u;

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    let position = value / p.channels;
    let c = value - position * p.channels;
    let y = position / p.width;
    let x = position - y * p.width;
    var v = 0.0;
    if p.what <= SPREAD {
        if p.what == UPSAMPLE || (y % 2u == 0u && x % 2u == 0u) {
            v = arena[p.input + ((y / 2u) * (p.width / 2u) + x / 2u) * p.channels + c];
        }
    } else {
        let line = 2u * p.width * p.channels;
        let at = p.input + 2u * y * line + 2u * x * p.channels + c;
        v = arena[at];
        if p.what == UPSAMPLE_BACK {
            v = (v + arena[at + p.channels]) + (arena[at + line] + arena[at + line + p.channels]);
        }
    }
    store(position, c, v);
}
