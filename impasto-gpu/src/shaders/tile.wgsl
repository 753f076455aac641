// Products of matrices, 64 by 64 values a group: every invocation holds 8 by 8 of them, in two by two blocks of four by four that
// are 32 rows and columns apart. Who includes this says how values are `put`.

// 16 rows of both factors: [16 rows][64 / 4].
var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;

// Rows of the near and the far columns. Indices are constants, so that they are registers.
var<private> a: array<vec4<f32>, 8>;
var<private> b: array<vec4<f32>, 8>;

// Adds the products of what is in shared memory; an invocation is number `down` and `across` of its group.
fn multiply(down: u32, across: u32) {
    for (var i = 0u; i < 16u; i++) {
        let u = left[i * 16u + down];
        let v = left[i * 16u + down + 8u];
        let r = right[i * 16u + across];
        let s = right[i * 16u + across + 8u];
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

// Puts all values, from this row and column on, with a summand for the near columns and one for the far.
fn put_all(row: u32, column: u32, near: vec4<f32>, far: vec4<f32>) {
    put(row, column, a[0] + near); put(row, column + 32u, b[0] + far);
    put(row + 1u, column, a[1] + near); put(row + 1u, column + 32u, b[1] + far);
    put(row + 2u, column, a[2] + near); put(row + 2u, column + 32u, b[2] + far);
    put(row + 3u, column, a[3] + near); put(row + 3u, column + 32u, b[3] + far);
    put(row + 32u, column, a[4] + near); put(row + 32u, column + 32u, b[4] + far);
    put(row + 33u, column, a[5] + near); put(row + 33u, column + 32u, b[5] + far);
    put(row + 34u, column, a[6] + near); put(row + 34u, column + 32u, b[6] + far);
    put(row + 35u, column, a[7] + near); put(row + 35u, column + 32u, b[7] + far);
}
