// Sums of squared differences to a target.
struct Params {
    finish: Finish,
    input: u32,
    count: u32,
    // One sum a group.
    out: u32,
    unused: u32,
}

@group(0) @binding(1) var<storage, read> target_map: array<f32>;

fn term(value: u32, sum: f32) -> f32 {
    let d = arena[p.input + value] - target_map[value];
    return fma(d, d, sum);
}

fn told(number: u32, sum: f32) {
    arena[p.out + number] = sum;
}
