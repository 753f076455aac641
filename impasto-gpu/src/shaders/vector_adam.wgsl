// A step of Adam.
struct Params {
    finish: Finish,
    count: u32,
    // The variable, the mean gradient, the mean square, the decaying sum of iterates, their mean, the gradient.
    x: u32,
    mean: u32,
    square: u32,
    sum: u32,
    result: u32,
    gradient: u32,
    // First of the scalars: both decays, the step, what corrects the square, the sum's decay, what makes it a mean.
    scalars: u32,
    low: f32,
    high: f32,
    unused0: u32,
    unused1: u32,
}

fn each(i: u32) {
    if i >= p.count {
        return;
    }
    let b1 = arena[p.scalars];
    let b2 = arena[p.scalars + 1u];
    let decay = arena[p.scalars + 4u];
    let g = arena[p.gradient + i];
    let m = b1 * arena[p.mean + i] + (1.0 - b1) * g;
    let v = b2 * arena[p.square + i] + (1.0 - b2) * g * g;
    let size = sqrt(v * arena[p.scalars + 3u]) + 1e-15;
    let x = clamp(arena[p.x + i] - arena[p.scalars + 2u] * m / size, p.low, p.high);
    let sum = decay * arena[p.sum + i] + (1.0 - decay) * x;
    arena[p.mean + i] = m;
    arena[p.square + i] = v;
    arena[p.x + i] = x;
    arena[p.sum + i] = sum;
    arena[p.result + i] = sum * arena[p.scalars + 5u];
}
