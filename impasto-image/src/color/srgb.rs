//! sRGB's transfer function (IEC 61966-2-1).

/// From encoded to linear light; odd around 0.
pub(crate) fn decode(v: f32) -> f32 {
    let x = v.abs();
    let linear = if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) };
    linear.copysign(v)
}

/// From linear light to encoded.
pub(crate) fn encode(v: f32) -> f32 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}
