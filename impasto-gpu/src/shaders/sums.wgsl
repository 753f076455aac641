// Sums over blocks of positions, plane by plane: of a, and of the products of a and b, each relative to a value a plane.
struct Params {
    finish: Finish,
    a: u32,
    b: u32,
    // First of a's and b's reference values, or none for 0.
    a_centre: u32,
    b_centre: u32,
    positions: u32,
    channels: u32,
    // Positions to a block.
    block: u32,
    // Where sums go: [block][sums of a, sums of products][planes].
    out: u32,
    // 1 if positions count by weights.
    weighted: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

// One a position.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn each(number: u32) {
    let block = number / p.channels;
    let c = number - block * p.channels;
    let start = block * p.block;
    if start >= p.positions {
        return;
    }
    var a_centre = 0.0;
    var b_centre = 0.0;
    if p.a_centre != NONE {
        a_centre = arena[p.a_centre + c];
    }
    if p.b_centre != NONE {
        b_centre = arena[p.b_centre + c];
    }
    let end = min(start + p.block, p.positions);
    var sum = 0.0;
    var product = 0.0;
    for (var position = start; position < end; position++) {
        let a = arena[p.a + position * p.channels + c] - a_centre;
        let b = arena[p.b + position * p.channels + c] - b_centre;
        var weighted = a;
        if p.weighted != 0u {
            weighted *= weights[position];
        }
        sum += weighted;
        product = fma(weighted, b, product);
    }
    arena[p.out + (2u * block) * p.channels + c] = sum;
    arena[p.out + (2u * block + 1u) * p.channels + c] = product;
}
