// Reads a map as a convolution sees it.

// The map's row or column, of `n`, that the convolution sees at `e`; -1 for zero. On the way back through a stride, the
// cotangent is seen with zeros between its values.
fn along(e: i32, n: i32) -> i32 {
    if p.dilate > 1u {
        let d = i32(p.dilate);
        if e < 0 || e % d != 0 || e / d >= n {
            return -1;
        }
        return e / d;
    }
    let i = fold(e, n << p.enlarge, p.padding);
    if i < 0 {
        return -1;
    }
    return i >> p.enlarge;
}

// The value of channel `c` that the convolution sees at row `y` and column `x`.
fn seen(y: i32, x: i32, c: u32) -> f32 {
    let row = along(y, i32(p.height));
    let column = along(x, i32(p.width));
    if row < 0 || column < 0 {
        return 0.0;
    }
    return arena[p.input + (u32(row) * p.width + u32(column)) * p.inputs + c];
}

// Upper left corner of the window at a position of the output.
fn corner(position: u32) -> vec2<i32> {
    let y = position / p.out_width;
    let x = position - y * p.out_width;
    return vec2<i32>(vec2<u32>(y, x) * p.stride) - vec2<i32>(i32(p.before));
}
