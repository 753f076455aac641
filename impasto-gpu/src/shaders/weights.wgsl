// A convolution's filters, in the arrangement of its kernel, and what lies behind them.
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;

// By what a position's results are multiplied.
fn factor(position: u32) -> f32 {
    if p.factors == NONE {
        return 1.0;
    }
    return weights[p.factors + position / 4u][position % 4u];
}
