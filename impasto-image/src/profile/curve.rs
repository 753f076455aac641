//! The tone curves of ICC profiles, at full precision.

use moxcms::ToneReprCurve;

/// A tone curve: encoded values in [0, 1] to linear light, and back.
///
/// moxcms has curves too, but its tables keep some 14 000 of the 65 536 levels of 16 bits, and its formulas for values out
/// of range go wrong for some exponents.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Curve {
    /// Y = (aX + b)^g + e from X = d up, cX + f below (`parametricCurveType`; ICC.1:2022, 10.18).
    Formula { g: f32, a: f32, b: f32, c: f32, d: f32, e: f32, f: f32 },
    /// Values at equal steps, in rising order (`curveType`; 10.6).
    Table(Vec<f32>),
}

impl Curve {
    /// The curve that a profile states, or nothing if it makes no sense.
    pub(crate) fn new(stated: &ToneReprCurve) -> Option<Self> {
        let gamma = |g| Curve::Formula { g, a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 0.0, f: 0.0 };
        let curve = match stated {
            ToneReprCurve::Lut(table) => match table[..] {
                [] => gamma(1.0),
                [g] => gamma(f32::from(g) / 256.0),
                _ => {
                    // Some scanners' curves fall a little in the shadows; without that they could not be inverted.
                    let mut highest = 0.0;
                    let rising = |&k: &u16| {
                        highest = f32::max(highest, f32::from(k) / 65535.0);
                        highest
                    };
                    Curve::Table(table.iter().map(rising).collect())
                }
            },
            ToneReprCurve::Parametric(numbers) => match numbers[..] {
                [g] => gamma(g),
                [g, a, b] => Curve::Formula { g, a, b, c: 0.0, d: -b / a, e: 0.0, f: 0.0 },
                [g, a, b, c] => Curve::Formula { g, a, b, c: 0.0, d: -b / a, e: c, f: c },
                [g, a, b, c, d] => Curve::Formula { g, a, b, c, d, e: 0.0, f: 0.0 },
                [g, a, b, c, d, e, f] => Curve::Formula { g, a, b, c, d, e, f },
                _ => return None,
            },
        };
        let sensible = match &curve {
            &Curve::Formula { g, a, b, c, d, e, f } => {
                g > 0.0 && a > 0.0 && c >= 0.0 && [g, a, b, c, d, e, f].iter().all(|v| v.is_finite())
            }
            Curve::Table(table) => table.last() > table.first(),
        };
        sensible.then_some(curve)
    }

    /// Linear light of an encoded value.
    pub(crate) fn linear(&self, encoded: f32) -> f32 {
        match self {
            &Curve::Formula { g, a, b, c, d, e, f } => {
                if encoded >= d {
                    (a * encoded + b).max(0.0).powf(g) + e
                } else {
                    c * encoded + f
                }
            }
            Curve::Table(table) => {
                let last = table.len() - 1;
                let at = encoded.clamp(0.0, 1.0) * last as f32;
                let below = (at as usize).min(last - 1);
                table[below] + (table[below + 1] - table[below]) * (at - below as f32)
            }
        }
    }

    /// The encoded value of linear light; values out of the curve's range give its ends.
    pub(crate) fn encoded(&self, linear: f32) -> f32 {
        match self {
            &Curve::Formula { g, a, b, c, d, e, f } => {
                let encoded = if linear >= (a * d + b).max(0.0).powf(g) + e {
                    ((linear - e).max(0.0).powf(1.0 / g) - b) / a
                } else if c > 0.0 {
                    // The pieces of some profiles do not quite meet.
                    ((linear - f) / c).min(d)
                } else {
                    d
                };
                encoded.clamp(0.0, 1.0)
            }
            Curve::Table(table) => {
                let last = table.len() - 1;
                let above = table.partition_point(|&v| v < linear).clamp(1, last);
                let (low, high) = (table[above - 1], table[above]);
                let part = if high > low { (linear - low) / (high - low) } else { 0.0 };
                ((above - 1) as f32 + part.clamp(0.0, 1.0)) / last as f32
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_inverted() {
        let gamma_table = |n: usize| {
            (0..n).map(|k| ((k as f64 / (n - 1) as f64).powf(1.8) * 65535.0).round() as u16).collect()
        };
        for stated in [
            ToneReprCurve::Lut(vec![]),
            ToneReprCurve::Lut(vec![563]),
            ToneReprCurve::Lut(gamma_table(26)),
            ToneReprCurve::Lut(gamma_table(1024)),
            ToneReprCurve::Parametric(vec![1.8]),
            ToneReprCurve::Parametric(vec![2.0, 0.9, 0.1]),
            ToneReprCurve::Parametric(vec![2.0, 0.9, 0.05, 0.02]),
            ToneReprCurve::Parametric(vec![2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045]),
            ToneReprCurve::Parametric(vec![2.4, 0.94, 0.05, 0.06, 0.04, 0.001, 0.00149741]),
        ] {
            let curve = Curve::new(&stated).expect("a curve");
            let mut before = -1.0;
            for k in 0..=65535u16 {
                let value = f32::from(k) / 65535.0;
                let linear = curve.linear(value);
                assert!(linear >= before - 1e-6, "{stated:?} falls at {value}");
                before = linear;
                let back = curve.encoded(linear);
                // A table of 16 bits may be flat near black.
                let tolerance = if linear < 1e-4 { 0.01 } else { 1e-5 };
                assert!((back - value).abs() < tolerance, "{stated:?}: {value} becomes {back}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for stated in [
            ToneReprCurve::Lut(vec![0]),
            ToneReprCurve::Lut(vec![7; 12]),
            ToneReprCurve::Lut(vec![9, 3, 1]),
            ToneReprCurve::Parametric(vec![f32::NAN]),
            ToneReprCurve::Parametric(vec![2.0, 0.0, 0.0]),
            ToneReprCurve::Parametric(vec![]),
        ] {
            assert_eq!(Curve::new(&stated), None, "{stated:?}");
        }
    }
}
