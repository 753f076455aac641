//! Names that nothing else has.

/// 16 random hexadecimal digits.
pub fn random() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // A system without randomness: the time is unique enough, and ids are no secrets.
        bytes = crate::time::Time::now().0.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
