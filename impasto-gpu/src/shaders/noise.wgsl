// Uniform noise of [0, 1), the same as on the processor (cpu/noise.rs): a hash of a key and a place.
@group(0) @binding(1) var<storage, read> places: array<u32>;

struct Params {
    finish: Finish,
    key: u32,
    count: u32,
    // Planes of noise whose positions have their noise from others; 0 where all have their own.
    planes: u32,
    unused: u32,
}

fn hash(value: u32) -> u32 {
    var x = value;
    x = (x ^ (x >> 16u)) * 0x85ebca6bu;
    x = (x ^ (x >> 13u)) * 0xc2b2ae35u;
    return x ^ (x >> 16u);
}

fn each(value: u32) {
    if value >= p.count {
        return;
    }
    var source = value;
    if p.planes > 0u {
        source = places[value / p.planes] * p.planes + value % p.planes;
    }
    arena[p.finish.at + value] = f32(hash(hash(source ^ p.key) + p.key) >> 8u) / 16777216.0;
}
