// A picture as an optimiser sees it: RGB values times 255 in a buffer of vectors, which takes the masks' place here.
struct Params {
    finish: Finish,
    // First value of the map, or of the cotangent; how many there are; the picture's size.
    at: u32,
    count: u32,
    width: u32,
    height: u32,
    // First values of the vectors.
    x: u32,
    gradient: u32,
    // 1 if pixels may not go far from the photograph.
    tethered: u32,
    // Total variation: see `variation.wgsl`.
    definition: u32,
    weight: f32,
    per_x: f32,
    per_y: f32,
    per_diagonal: f32,
    // Where sums go among the vectors, 4096 values a group.
    sums: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

// The photograph, in [0, 1]; then the share of the way from it that each pixel may go.
@group(0) @binding(1) var<storage, read> tether: array<f32>;

fn freedom(value: u32) -> f32 {
    if p.tethered == 0u {
        return 1.0;
    }
    return tether[p.count + value / 3u];
}

// A value of the picture, times 255.
fn shown(value: u32) -> f32 {
    let x = bitcast<f32>(notes[p.x + value]);
    if p.tethered == 0u {
        return x;
    }
    let photograph = 255.0 * tether[value];
    return photograph + freedom(value) * (x - photograph);
}
