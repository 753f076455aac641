//! Bounds on what a studio's clients can make it do.

use clap::Args;
use impasto_studio::Limits;
use std::time::Duration;

/// Flags of all limits.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Most bytes of an upload, such as 500M or 2G
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "1G")]
    max_upload: u64,

    /// Most pixels of a picture, in millions
    #[arg(long, value_name = "MEGAPIXELS", default_value_t = (Limits::default().pixels / 1_000_000) as u32,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_pixels: u32,

    /// Longest side in pixels that a job may ask for
    #[arg(long, value_name = "PIXELS", default_value_t = Limits::default().side,
          value_parser = clap::value_parser!(u32).range(64..=65_535))]
    max_size: u32,

    /// Most iterations that a job may ask for
    #[arg(long, value_name = "N", default_value_t = Limits::default().iterations,
          value_parser = clap::value_parser!(u32).range(1..))]
    max_iterations: u32,

    /// Longest time in seconds that an upload may take
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().upload_time.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    upload_time: u64,

    /// Fewest bytes a second at which an upload may come
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "10k")]
    upload_rate: u64,

    /// Uploads a minute that a client may send
    #[arg(long, value_name = "N", default_value_t = Limits::default().uploads,
          value_parser = clap::value_parser!(u32).range(1..))]
    uploads: u32,

    /// Connections at a time
    #[arg(long, value_name = "N", default_value_t = Limits::default().connections as u32,
          value_parser = clap::value_parser!(u32).range(2..=100_000))]
    connections: u32,

    /// Jobs that a client may have waiting, running and paused
    #[arg(long, value_name = "N", default_value_t = Limits::default().jobs as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    jobs: u32,

    /// Longest time in seconds that a job may run
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().job_time.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    job_time: u64,

    /// Most bytes of all files; the oldest results and unused pictures go first
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "20G")]
    quota: u64,
}

impl LimitArguments {
    /// The limits.
    pub fn resolve(&self) -> Limits {
        Limits {
            upload: self.max_upload,
            pixels: u64::from(self.max_pixels) * 1_000_000,
            upload_time: Duration::from_secs(self.upload_time),
            upload_rate: self.upload_rate,
            uploads: self.uploads,
            connections: self.connections as usize,
            jobs: self.jobs as usize,
            job_time: Duration::from_secs(self.job_time),
            quota: self.quota,
            side: self.max_size,
            iterations: self.max_iterations,
        }
    }
}

/// A number of bytes: a whole number, with k, M, G or T for powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let (number, power) = match text.trim().char_indices().last() {
        Some((at, letter)) if letter.is_ascii_alphabetic() => {
            let power = "kmgt".find(letter.to_ascii_lowercase());
            (&text.trim()[..at], power.map(|power| power as u32 + 1).ok_or("it must end in k, M, G or T")?)
        }
        _ => (text.trim(), 0),
    };
    let number: u64 = number.parse().map_err(|_| "it is not a whole number of bytes")?;
    number.checked_mul(1024_u64.pow(power)).ok_or_else(|| "it is too large".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArguments,
    }

    #[test]
    fn bytes_are_read() {
        for (text, value) in [("0", 0), ("10k", 10 << 10), ("3M", 3 << 20), ("2G", 2 << 30), ("1T", 1 << 40)]
        {
            assert_eq!(bytes(text), Ok(value), "{text}");
        }
        for bad in ["", "k", "1.5G", "-1", "1X", "99999999999T", "Gé"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let line = Line::try_parse_from(["x"]).expect("defaults");
        assert_eq!(format!("{:?}", line.limits.resolve()), format!("{:?}", Limits::default()));
    }
}
