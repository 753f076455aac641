// From products to four by four values of the convolution.

fn put(y: u32, x: u32, output: u32, v: f32) {
    let position = y * p.out_width + x;
    if x < p.out_width && position < p.positions {
        store(position, output, v);
    }
}

fn put_row(y: u32, x: u32, output: u32, r: Row) {
    put(y, x, output, r[0].x);
    put(y, x + 1u, output, r[0].y);
    put(y, x + 2u, output, r[0].z);
    put(y, x + 3u, output, r[1].x);
}

fn each(value: u32) {
    if value >= p.tiles * p.outputs {
        return;
    }
    let tile = value / p.outputs;
    let output = value - tile * p.outputs;
    let plane = p.tiles * p.outputs;
    var m: Rows;
    for (var k = 0u; k < 6u; k++) {
        let at = p.products + 6u * k * plane + value;
        m[k] = Row(
            arena[at],
            arena[at + plane],
            arena[at + 2u * plane],
            arena[at + 3u * plane],
            arena[at + 4u * plane],
            arena[at + 5u * plane],
        );
    }
    let y = of_output(turned(of_output(m)));
    var bias = 0.0;
    if p.bias != NONE {
        bias = weights[p.bias + output / 4u][output % 4u];
    }
    let number = p.first + tile;
    let up = 4u * (number / p.across);
    let left = 4u * (number % p.across);
    let all = Row(vec3<f32>(bias), vec3<f32>(bias));
    put_row(up, left, output, y[0] + all);
    put_row(up + 1u, left, output, y[1] + all);
    put_row(up + 2u, left, output, y[2] + all);
    put_row(up + 3u, left, output, y[3] + all);
}
