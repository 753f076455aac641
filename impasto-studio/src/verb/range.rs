//! Numbers that must lie in a range.

use super::Refused;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// `value`, if it is there and within `range`; NaN is in none.
pub fn within<T: PartialOrd + Display + Copy>(
    name: &str,
    value: Option<T>,
    range: RangeInclusive<T>,
) -> Result<Option<T>, Refused> {
    match value {
        Some(value) if !range.contains(&value) => {
            let (low, high) = (range.start(), range.end());
            Err(Refused::new(format_args!("{name} is {value}"))
                .hint(format_args!("it must be from {low} to {high}")))
        }
        value => Ok(value),
    }
}
