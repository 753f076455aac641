// The picture, for the network.
fn each(value: u32) {
    if value < p.count {
        arena[p.at + value] = shown(value) / 255.0;
    }
}
