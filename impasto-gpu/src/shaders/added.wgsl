var<workgroup> sums: array<f32, 256>;

// Adds up the values of a group's 256 invocations, in an order of its own; once a kernel.
fn added(lane: u32, value: f32) -> f32 {
    sums[lane] = value;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if lane < half {
            sums[lane] += sums[lane + half];
        }
        workgroupBarrier();
    }
    return sums[0];
}
