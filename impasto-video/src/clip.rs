//! What a clip is, apart from its pictures.

use serde::{Deserialize, Serialize};

/// Size, timing and other properties of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Clip {
    /// Columns of a frame as it is seen, after any rotation.
    pub width: usize,
    /// Rows of a frame as it is seen, after any rotation.
    pub height: usize,
    /// Width and height of a pixel, in proportion.
    pub aspect: [u32; 2],
    /// Seconds that a tick lasts, as a fraction.
    pub tick: [u32; 2],
    /// The tick at which each frame appears, ascending; the distances may differ.
    pub times: Vec<i64>,
    /// The tick at which the last frame ends.
    pub end: i64,
    /// Where the file's own time begins, in seconds; sound and picture are placed relative to it.
    pub origin: f64,
    /// What the colours mean.
    pub color: ColorTags,
    /// All streams of the file, in its order.
    pub streams: Vec<Stream>,
}

/// How luma and chroma of a clip stand for colours, by ffmpeg's names; none where the file does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColorTags {
    /// `tv` or `pc`.
    pub range: Option<String>,
    /// The matrix, such as `bt709`.
    pub matrix: Option<String>,
    /// The primaries.
    pub primaries: Option<String>,
    /// The transfer curve.
    pub transfer: Option<String>,
}

/// A stream of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// `video`, `audio`, `subtitle`, `attachment` or another.
    pub kind: String,
    /// ffmpeg's name of its codec.
    pub codec: String,
}

impl Clip {
    /// A clip of `frames` frames at `rate` (numerator, denominator) frames a second, without anything else.
    pub fn steady(width: usize, height: usize, frames: usize, rate: [u32; 2]) -> Clip {
        Clip {
            width,
            height,
            aspect: [1, 1],
            tick: [rate[1], rate[0]],
            times: (0..frames as i64).collect(),
            end: frames as i64,
            origin: 0.0,
            color: ColorTags::default(),
            streams: Vec::new(),
        }
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.times.len()
    }

    /// The tick at which frame `number` ends: the next one's, or the clip's end.
    pub fn end_of(&self, number: usize) -> i64 {
        self.times.get(number + 1).copied().unwrap_or(self.end)
    }

    /// So many ticks in seconds.
    pub fn seconds(&self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.tick[0]) / f64::from(self.tick[1])
    }

    /// So many ticks in nanoseconds, rounded.
    pub fn nanoseconds(&self, ticks: i64) -> i64 {
        let [numerator, denominator] = self.tick.map(i128::from);
        let exact = i128::from(ticks) * numerator * 1_000_000_000;
        ((2 * exact + denominator).div_euclid(2 * denominator)) as i64
    }

    /// Seconds from the first frame's beginning to the last one's end.
    pub fn duration(&self) -> f64 {
        self.seconds(self.end - self.times.first().copied().unwrap_or(self.end))
    }

    /// Frames a second on average.
    pub fn rate(&self) -> f64 {
        self.frames() as f64 / self.duration()
    }

    /// The frames that appear from `from` on and before `to`, in seconds after the first frame.
    pub fn between(&self, from: Option<f64>, to: Option<f64>) -> std::ops::Range<usize> {
        let first = self.times.first().copied().unwrap_or(0);
        // A frame counts from half a tick before it on, so that rounded seconds name it, too.
        let place = |limit: f64| {
            self.times.partition_point(|&time| self.seconds(2 * (time - first) + 1) <= 2.0 * limit)
        };
        let start = from.map_or(0, place);
        start..to.map_or(self.frames(), place).max(start)
    }

    /// Whether there is a stream of this kind.
    pub fn has(&self, kind: &str) -> bool {
        self.streams.iter().any(|stream| stream.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_places_agree() {
        let clip = Clip::steady(4, 2, 30, [30000, 1001]);
        assert_eq!(clip.nanoseconds(1), 33_366_667);
        assert!((clip.duration() - 1.001).abs() < 1e-12 && (clip.rate() - 29.97).abs() < 1e-3);
        assert_eq!(clip.between(None, None), 0..30);
        assert_eq!(clip.between(Some(0.0333), Some(0.0668)), 1..2);
        assert_eq!(clip.between(Some(0.5), Some(0.2)), 15..15);
        assert_eq!(clip.between(Some(9.0), None), 30..30);
    }
}
