//! `video`: a clip, painted so that its frames hold together.

use super::range::within;
use super::{Desk, Keeps, Refused, Verb};
use crate::job::Lane;
use serde::Deserialize;

/// Longest clip in seconds that times may name.
const LONGEST: f64 = 1e6;

/// Settings of `video`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    clip: String,
    style: String,
    method: Option<Method>,
    strength: Option<f64>,
    stability: Option<f64>,
    color: Option<String>,
    size: Option<u32>,
    /// Seconds.
    from: Option<f64>,
    /// Seconds.
    to: Option<f64>,
    /// Frames to show, instead of painting the clip.
    preview: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Fast,
    Slow,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        let palette = self.color.as_deref().and_then(|color| color.strip_prefix("palette:"));
        [Some(self.clip.as_str()), Some(self.style.as_str()), palette].into_iter().flatten().collect()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let clip = desk.clip("clip", &self.clip)?;
        let slow = self.method == Some(Method::Slow);
        let style = match slow {
            true => desk.picture("style", &self.style, false)?,
            false => desk.style("style", &self.style)?,
        };
        // What needs no ffmpeg on its way in needs none on its way out.
        let result = if clip.ends_with(".gif") { "result.gif" } else { "result.mp4" };
        desk.words(&["video", &clip, "--style", &style, "-o", result]);
        desk.flag("--method", slow.then_some("slow"));
        let least = if slow { 0.001 } else { 0.0 };
        desk.flag("--strength", within("strength", self.strength, least..=1.0)?);
        desk.flag("--stability", within("stability", self.stability, 0.0..=1.0)?);
        desk.size(self.size, true)?;
        desk.flag("--from", within("from", self.from, 0.0..=LONGEST)?);
        desk.flag("--to", within("to", self.to, 0.0..=LONGEST)?);
        desk.color(self.color.as_deref())?;
        match within("preview", self.preview, 1..=24)? {
            Some(frames) => {
                desk.flag("--preview", Some(frames));
                desk.lane(if slow { Lane::Long } else { Lane::Quick });
            }
            None => desk.keeps(Keeps::Folder("--resume".into())),
        }
        Ok(())
    }
}
