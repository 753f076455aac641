// Winograd's F(4×4, 3×3) at the points 0, ±2/3, ±3/2, ∞ (Lavin & Gray 2015; these points after Barabasz et al. 2018: half the
// error of 0, ±1, ±2, ∞). Transforms work on the rows of six by six values; `turned` exchanges rows and columns, so that twice
// the same is both directions.
const A: f32 = 2.0 / 3.0;
const B: f32 = 3.0 / 2.0;
const A2: f32 = 4.0 / 9.0;
const B2: f32 = 9.0 / 4.0;
// A² + B²; their product is one.
const SUM: f32 = 97.0 / 36.0;
// 1 / (2·A²·(A² − B²)) and 1 / (2·B²·(B² − A²)).
const NA: f32 = -81.0 / 130.0;
const NB: f32 = 8.0 / 65.0;

// A row is two halves of three.
alias Row = mat2x3<f32>;
alias Rows = array<mat2x3<f32>, 6>;

fn turned(r: Rows) -> Rows {
    var t: Rows;
    t[0] = Row(r[0][0].x, r[1][0].x, r[2][0].x, r[3][0].x, r[4][0].x, r[5][0].x);
    t[1] = Row(r[0][0].y, r[1][0].y, r[2][0].y, r[3][0].y, r[4][0].y, r[5][0].y);
    t[2] = Row(r[0][0].z, r[1][0].z, r[2][0].z, r[3][0].z, r[4][0].z, r[5][0].z);
    t[3] = Row(r[0][1].x, r[1][1].x, r[2][1].x, r[3][1].x, r[4][1].x, r[5][1].x);
    t[4] = Row(r[0][1].y, r[1][1].y, r[2][1].y, r[3][1].y, r[4][1].y, r[5][1].y);
    t[5] = Row(r[0][1].z, r[1][1].z, r[2][1].z, r[3][1].z, r[4][1].z, r[5][1].z);
    return t;
}

fn of_input(d: Rows) -> Rows {
    let even = d[4] - B2 * d[2];
    let odd = A * (d[3] - B2 * d[1]);
    let even2 = d[4] - A2 * d[2];
    let odd2 = B * (d[3] - A2 * d[1]);
    var v: Rows;
    v[0] = d[0] + d[4] - SUM * d[2];
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = even2 + odd2;
    v[4] = even2 - odd2;
    v[5] = d[1] + d[5] - SUM * d[3];
    return v;
}

// From three rows.
fn of_filter(g: Rows) -> Rows {
    let ends = NA * (g[0] + A2 * g[2]);
    let ends2 = NB * (g[0] + B2 * g[2]);
    let middle = NA * A * g[1];
    let middle2 = NB * B * g[1];
    var u: Rows;
    u[0] = g[0];
    u[1] = ends + middle;
    u[2] = ends - middle;
    u[3] = ends2 + middle2;
    u[4] = ends2 - middle2;
    u[5] = g[2];
    return u;
}

// To four rows.
fn of_output(m: Rows) -> Rows {
    let even = m[1] + m[2];
    let odd = m[1] - m[2];
    let even2 = m[3] + m[4];
    let odd2 = m[3] - m[4];
    var y: Rows;
    y[0] = m[0] + even + even2;
    y[1] = A * odd + B * odd2;
    y[2] = A2 * even + B2 * even2;
    y[3] = A2 * A * odd + B2 * B * odd2 + m[5];
    return y;
}
