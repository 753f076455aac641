//! How far results are from what they should be.

/// Asserts that the L2 error is at most `allowed` or `tolerance` times the norm of `expected`.
pub fn assert_close(
    found: &[f32],
    expected: &[f64],
    tolerance: f64,
    allowed: f64,
    context: impl Fn() -> String,
) {
    let norm = expected.iter().map(|e| e * e).sum::<f64>().sqrt();
    let error = relative_error(found, expected);
    let close = error <= tolerance.max(allowed / norm) || error * norm <= allowed;
    assert!(close, "{error:.1e}, allowed {tolerance:.0e} or {:.1e}: {}", allowed / norm, context());
}

/// ‖found − expected‖ / ‖expected‖; infinite where something is not finite or should be all zeros and is not.
pub fn relative_error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let difference: f64 = found.iter().zip(expected).map(|(f, e)| (*f as f64 - e).powi(2)).sum();
    let norm: f64 = expected.iter().map(|e| e * e).sum();
    match (difference / norm).sqrt() {
        _ if difference == 0.0 => 0.0,
        error if error.is_finite() => error,
        _ => f64::INFINITY,
    }
}
