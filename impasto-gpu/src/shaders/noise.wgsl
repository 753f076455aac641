// Uniform noise of [0, 1), the same as on the processor (cpu/noise.rs): a hash of a key and a place.
struct Params {
    finish: Finish,
    key: u32,
    count: u32,
    unused0: u32,
    unused1: u32,
}

fn hash(value: u32) -> u32 {
    var x = value;
    x = (x ^ (x >> 16u)) * 0x85ebca6bu;
    x = (x ^ (x >> 13u)) * 0xc2b2ae35u;
    return x ^ (x >> 16u);
}

fn each(value: u32) {
    if value < p.count {
        arena[p.finish.at + value] = f32(hash(hash(value ^ p.key) + p.key) >> 8u) / 16777216.0;
    }
}
