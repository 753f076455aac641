//! The command `impasto`.
fn main() {}
