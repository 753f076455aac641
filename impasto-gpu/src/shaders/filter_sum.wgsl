// Adds up the slices of derivatives by a convolution's weights and lays them out as the weights: [outputs][inputs][kernel places].
struct Params {
    finish: Finish,
    // [slice][kernel places, inputs][outputs].
    input: u32,
    slices: u32,
    places: u32,
    inputs: u32,
    outputs: u32,
    out: u32,
    unused0: u32,
    unused1: u32,
}

fn each(value: u32) {
    let size = p.places * p.inputs * p.outputs;
    if value >= size {
        return;
    }
    let row = value / p.outputs;
    let output = value - row * p.outputs;
    let place = row / p.inputs;
    let c = row - place * p.inputs;
    var sum = 0.0;
    for (var slice = 0u; slice < p.slices; slice++) {
        sum += arena[p.input + slice * size + value];
    }
    arena[p.out + (output * p.inputs + c) * p.places + place] = sum;
}
