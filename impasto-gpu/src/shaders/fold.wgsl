// From the cotangent of a padded, enlarged map to that of the map: adds up what stands for one value.
struct Params {
    finish: Finish,
    // The padded cotangent; the map's size; rows and columns added before and after.
    input: u32,
    height: u32,
    width: u32,
    channels: u32,
    before: u32,
    after: u32,
    padding: u32,
    enlarge: u32,
}

// The padded map's row or column number `j` of those that may stand for `i`: all that were added, then `i` itself; -1 if
// it does not.
fn candidate(j: u32, i: i32, n: i32) -> i32 {
    let before = i32(p.before);
    if j == p.before + p.after {
        return i + before;
    }
    var e = i32(j) - before;
    if e >= 0 {
        e += n;
    }
    if fold(e, n, p.padding) != i {
        return -1;
    }
    return e + before;
}

fn each(value: u32) {
    if value >= p.height * p.width * p.channels {
        return;
    }
    let position = value / p.channels;
    let c = value - position * p.channels;
    let y = position / p.width;
    let x = position - y * p.width;
    let size = vec2<i32>(i32(p.height << p.enlarge), i32(p.width << p.enlarge));
    let padded = u32(size.y) + p.before + p.after;
    let candidates = p.before + p.after + 1u;
    var sum = 0.0;
    for (var part = 0u; part < (1u << (2u * p.enlarge)); part++) {
        let row = i32((y << p.enlarge) + part / 2u);
        let column = i32((x << p.enlarge) + part % 2u);
        for (var j = 0u; j < candidates; j++) {
            let r = candidate(j, row, size.x);
            if r < 0 {
                continue;
            }
            for (var i = 0u; i < candidates; i++) {
                let q = candidate(i, column, size.y);
                if q >= 0 {
                    sum += arena[p.input + (u32(r) * padded + u32(q)) * p.channels + c];
                }
            }
        }
    }
    store(position, c, sum);
}
