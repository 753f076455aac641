// Products of matrices, a tile of ROWS by COLUMNS values a group of 64: every invocation holds 8 by 8 of them, in two by two
// blocks of four by four that are half the tile's rows and columns apart. Who includes this says how values are `put`.
const TALL: u32 = ROWS / 4u;
const WIDE: u32 = COLUMNS / 4u;

// 16 rows of both factors: [16 rows][TALL] and [16 rows][WIDE].
var<workgroup> left: array<vec4<f32>, 16u * TALL>;
var<workgroup> right: array<vec4<f32>, 16u * WIDE>;

// Rows of the near and the far columns. Indices are constants, so that they are registers.
var<private> a: array<vec4<f32>, 8>;
var<private> b: array<vec4<f32>, 8>;

// Which of the group's blocks an invocation has: down and across.
fn block(lane: u32) -> vec2<u32> {
    return vec2<u32>(lane / (WIDE / 2u), lane % (WIDE / 2u));
}

// Adds the products of what is in shared memory.
fn multiply(block: vec2<u32>) {
    for (var i = 0u; i < 16u; i++) {
        let u = left[i * TALL + block.x];
        let v = left[i * TALL + block.x + TALL / 2u];
        let r = right[i * WIDE + block.y];
        let s = right[i * WIDE + block.y + WIDE / 2u];
        a[0] = fma(vec4<f32>(u.x), r, a[0]); b[0] = fma(vec4<f32>(u.x), s, b[0]);
        a[1] = fma(vec4<f32>(u.y), r, a[1]); b[1] = fma(vec4<f32>(u.y), s, b[1]);
        a[2] = fma(vec4<f32>(u.z), r, a[2]); b[2] = fma(vec4<f32>(u.z), s, b[2]);
        a[3] = fma(vec4<f32>(u.w), r, a[3]); b[3] = fma(vec4<f32>(u.w), s, b[3]);
        a[4] = fma(vec4<f32>(v.x), r, a[4]); b[4] = fma(vec4<f32>(v.x), s, b[4]);
        a[5] = fma(vec4<f32>(v.y), r, a[5]); b[5] = fma(vec4<f32>(v.y), s, b[5]);
        a[6] = fma(vec4<f32>(v.z), r, a[6]); b[6] = fma(vec4<f32>(v.z), s, b[6]);
        a[7] = fma(vec4<f32>(v.w), r, a[7]); b[7] = fma(vec4<f32>(v.w), s, b[7]);
    }
}

// Puts an invocation's values, from this row and column on, with a summand for the near columns and one for the far.
fn put_all(row: u32, column: u32, near: vec4<f32>, far: vec4<f32>) {
    let low = row + ROWS / 2u;
    let away = column + COLUMNS / 2u;
    put(row, column, a[0] + near); put(row, away, b[0] + far);
    put(row + 1u, column, a[1] + near); put(row + 1u, away, b[1] + far);
    put(row + 2u, column, a[2] + near); put(row + 2u, away, b[2] + far);
    put(row + 3u, column, a[3] + near); put(row + 3u, away, b[3] + far);
    put(low, column, a[4] + near); put(low, away, b[4] + far);
    put(low + 1u, column, a[5] + near); put(low + 1u, away, b[5] + far);
    put(low + 2u, column, a[6] + near); put(low + 2u, away, b[6] + far);
    put(low + 3u, column, a[7] + near); put(low + 3u, away, b[7] + far);
}
