// Tiles of six by six values that convolutions see, four apart, transformed: [point][tile][inputs].

fn row(y: i32, x: i32, c: u32) -> Row {
    return Row(
        seen(y, x, c),
        seen(y, x + 1, c),
        seen(y, x + 2, c),
        seen(y, x + 3, c),
        seen(y, x + 4, c),
        seen(y, x + 5, c),
    );
}

fn each(value: u32) {
    if value >= p.tiles * p.inputs {
        return;
    }
    let tile = value / p.inputs;
    let c = value - tile * p.inputs;
    let number = p.first + tile;
    let before = i32(p.before);
    let y = 4 * i32(number / p.across) - before;
    let x = 4 * i32(number % p.across) - before;
    var d: Rows;
    d[0] = row(y, x, c);
    d[1] = row(y + 1, x, c);
    d[2] = row(y + 2, x, c);
    d[3] = row(y + 3, x, c);
    d[4] = row(y + 4, x, c);
    d[5] = row(y + 5, x, c);
    let v = of_input(turned(of_input(d)));
    let plane = p.tiles * p.inputs;
    for (var k = 0u; k < 6u; k++) {
        for (var l = 0u; l < 6u; l++) {
            arena[p.transformed + (6u * k + l) * plane + value] = v[k][l / 3u][l % 3u];
        }
    }
}
