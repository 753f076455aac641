// Filters as Winograd's algorithm multiplies with them: [point][rows][columns], columns padded to vectors of four, the bias
// behind them.
struct Params {
    finish: Finish,
    outputs: u32,
    inputs: u32,
    // 1 for the way back: turned round, with inputs and outputs exchanged.
    back: u32,
    // Values to a row.
    width: u32,
    // 1 if there is a bias.
    bias: u32,
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

// [outputs][inputs][3][3], and the bias.
@group(0) @binding(1) var<storage, read> weights: array<f32>;

fn row(at: u32, number: u32) -> Row {
    if p.back != 0u {
        let last = at + 8u - 3u * number;
        return Row(weights[last], weights[last - 1u], weights[last - 2u], 0.0, 0.0, 0.0);
    }
    let first = at + 3u * number;
    return Row(weights[first], weights[first + 1u], weights[first + 2u], 0.0, 0.0, 0.0);
}

fn each(value: u32) {
    let count = p.outputs * p.inputs;
    let rows = select(p.inputs, p.outputs, p.back != 0u);
    if value < p.outputs && p.bias != 0u {
        arena[36u * rows * p.width + value] = weights[9u * count + value];
    }
    if value >= count {
        return;
    }
    let o = value / p.inputs;
    let i = value - o * p.inputs;
    let at = select(i * p.width + o, o * p.width + i, p.back != 0u);
    var g: Rows;
    g[0] = row(9u * value, 0u);
    g[1] = row(9u * value, 1u);
    g[2] = row(9u * value, 2u);
    let u = of_filter(turned(of_filter(g)));
    let plane = rows * p.width;
    for (var k = 0u; k < 6u; k++) {
        for (var l = 0u; l < 6u; l++) {
            arena[(6u * k + l) * plane + at] = u[k][l / 3u][l % 3u];
        }
    }
}
