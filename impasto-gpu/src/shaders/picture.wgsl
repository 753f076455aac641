// From RGB in [0, 1] to a network's convention, or from a cotangent in that back, pixel by pixel in place.
struct Params {
    finish: Finish,
    // In the network's order.
    scale: vec4<f32>,
    mean: vec4<f32>,
    at: u32,
    pixels: u32,
    // 1 if the network's order is blue, green, red.
    bgr: u32,
    back: u32,
}

fn each(pixel: u32) {
    if pixel >= p.pixels {
        return;
    }
    let at = p.at + 3u * pixel;
    var v = vec3<f32>(arena[at], arena[at + 1u], arena[at + 2u]);
    if p.back == 1u {
        v *= p.scale.xyz;
    }
    if p.bgr == 1u {
        v = v.zyx;
    }
    if p.back == 0u {
        v = (v - p.mean.xyz) * p.scale.xyz;
    }
    arena[at] = v.x;
    arena[at + 1u] = v.y;
    arena[at + 2u] = v.z;
}
