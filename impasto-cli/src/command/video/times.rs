//! Times and rates on the command line.

/// Reads seconds, `minutes:seconds` or `hours:minutes:seconds`.
pub fn time(text: &str) -> Result<f64, String> {
    let wrong = || format!("{text:?} is no time; write seconds, or 1:23.4");
    let mut seconds = 0.0;
    for part in text.split(':') {
        let value: f64 = part.parse().map_err(|_| wrong())?;
        if !(value.is_finite() && value >= 0.0) {
            return Err(wrong());
        }
        seconds = 60.0 * seconds + value;
    }
    if text.matches(':').count() > 2 { Err(wrong()) } else { Ok(seconds) }
}

/// Reads a number of frames a second, such as 25, 23.976 or 30000/1001.
pub fn rate(text: &str) -> Result<[u32; 2], String> {
    let wrong = || format!("{text:?} is no rate; write such as 25, 29.97 or 30000/1001");
    let pair = match text.split_once('/') {
        Some((above, below)) => [above.parse().map_err(|_| wrong())?, below.parse().map_err(|_| wrong())?],
        None => {
            let value: f64 = text.parse().map_err(|_| wrong())?;
            [(value * 1000.0).round() as u32, 1000]
        }
    };
    let allowed = pair[1] > 0 && (0.01..=1000.0).contains(&(f64::from(pair[0]) / f64::from(pair[1])));
    if allowed { Ok(pair) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_read() {
        assert_eq!(time("83.5"), Ok(83.5));
        assert_eq!(time("1:23.5"), Ok(83.5));
        assert_eq!(time("1:00:00"), Ok(3600.0));
        assert!(["-1", "x", "1:2:3:4", "nan"].iter().all(|text| time(text).is_err()));
        assert_eq!(rate("30000/1001"), Ok([30000, 1001]));
        assert_eq!(rate("23.976"), Ok([23976, 1000]));
        assert!(["0", "1/0", "-3", "1e9"].iter().all(|text| rate(text).is_err()));
    }
}
