// The derivative by the picture's vector, from the cotangent of the picture and what is made of pixels; the sum of that.
fn term(value: u32, sum: f32) -> f32 {
    let found = variation(value);
    let derivative = arena[p.at + value] / 255.0 + p.weight * found.y;
    notes[p.gradient + value] = bitcast<u32>(freedom(value) * derivative);
    return sum + found.x;
}

fn told(number: u32, sum: f32) {
    notes[p.sums + number] = bitcast<u32>(p.weight * sum);
}
