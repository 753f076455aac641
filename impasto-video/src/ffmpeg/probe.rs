//! What a file holds, told by ffprobe.

use super::{output, program, url};
use crate::clip::{Clip, ColorTags, Stream};
use crate::{Error, Result};
use serde::Deserialize;
use std::path::Path;

/// What ffprobe tells of a file.
#[derive(Deserialize)]
struct Probed {
    #[serde(default)]
    streams: Vec<ProbedStream>,
    format: Option<ProbedFormat>,
}

#[derive(Deserialize)]
struct ProbedFormat {
    start_time: Option<String>,
}

#[derive(Deserialize)]
struct ProbedStream {
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<usize>,
    height: Option<usize>,
    sample_aspect_ratio: Option<String>,
    time_base: Option<String>,
    avg_frame_rate: Option<String>,
    start_pts: Option<i64>,
    duration_ts: Option<i64>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl ProbedStream {
    fn is_video(&self) -> bool {
        self.codec_type.as_deref() == Some("video") && self.disposition.attached_pic == 0
    }
}

/// What the file `path` holds: its first video stream, covers left out. Every frame is decoded for its time, so that
/// clips of variable rate and damaged ones are told as they are.
///
/// # Errors
/// [`Error::NoProgram`]; [`Error::Ffmpeg`] if it is no media file; [`Error::Clip`] if it holds no frames.
pub fn probe(path: &Path) -> Result<Clip> {
    // ffprobe's own message for a missing file does not name it well.
    std::fs::metadata(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let wrong = |reason: &str| Error::Clip { path: path.to_owned(), reason: reason.into() };
    let mut command = program("ffprobe");
    command.args(["-v", "error", "-show_streams", "-show_format", "-of", "json", "-i"]).arg(url(path));
    let Probed { streams, format } = serde_json::from_slice(&output(command, path)?)
        .map_err(|error| wrong(&format!("ffprobe's answer cannot be read: {error}")))?;
    let video = streams.iter().find(|stream| stream.is_video());
    let video = video.ok_or_else(|| wrong("it holds no video"))?;
    let (Some(width), Some(height)) = (video.width, video.height) else {
        return Err(wrong("its video has no size"));
    };
    let tick = video.time_base.as_deref().and_then(|text| ratio(text, '/'));
    let tick = tick.ok_or_else(|| wrong("its video has no time base"))?;
    let (times, end) = times(path, video, tick)?;
    if width == 0 || height == 0 || times.is_empty() {
        return Err(wrong("no frame of its video can be decoded"));
    }
    let quarters = video.side_data_list.iter().find_map(|data| data.rotation).unwrap_or(0.0) / 90.0;
    let turned = (quarters.round() as i64) % 2 != 0;
    let known = |tag: &Option<String>| tag.clone().filter(|tag| tag != "unknown" && tag != "reserved");
    let aspect = video.sample_aspect_ratio.as_deref().and_then(|text| ratio(text, ':')).unwrap_or([1, 1]);
    let stream = |stream: &ProbedStream| Stream {
        kind: match stream.disposition.attached_pic {
            0 => stream.codec_type.clone().unwrap_or_default(),
            _ => "cover".into(),
        },
        codec: stream.codec_name.clone().unwrap_or_default(),
    };
    Ok(Clip {
        width: if turned { height } else { width },
        height: if turned { width } else { height },
        aspect: if turned { [aspect[1], aspect[0]] } else { aspect },
        tick,
        times,
        end,
        origin: format.and_then(|format| format.start_time?.parse().ok()).unwrap_or(0.0),
        color: ColorTags {
            range: known(&video.color_range),
            matrix: known(&video.color_space),
            primaries: known(&video.color_primaries),
            transfer: known(&video.color_transfer),
        },
        streams: streams.iter().map(stream).collect(),
    })
}

/// The tick at which every frame appears, and that at which the last one ends.
fn times(path: &Path, video: &ProbedStream, tick: [u32; 2]) -> Result<(Vec<i64>, i64)> {
    let mut command = program("ffprobe");
    command.args(["-v", "error", "-select_streams", "V:0", "-show_entries"]);
    // Its name changed between ffmpeg 5 and 6.
    command.args(["frame=best_effort_timestamp,pkt_duration,duration", "-of", "compact=p=0", "-i"]);
    command.arg(url(path));
    let text = output(command, path)?;
    let (mut times, mut duration) = (Vec::new(), None);
    for line in String::from_utf8_lossy(&text).lines() {
        let value = |name: &str| {
            let found = line.split('|').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            found.and_then(|value| value.parse::<i64>().ok())
        };
        // A frame without a time, or one that repeats a time, cannot be placed.
        if let Some(time) = value("best_effort_timestamp")
            && times.last().is_none_or(|&last| last < time)
        {
            times.push(time);
            duration = value("pkt_duration").or_else(|| value("duration")).filter(|&ticks| ticks > 0);
        }
    }
    let rate = video.avg_frame_rate.as_deref().and_then(|text| ratio(text, '/')).unwrap_or([25, 1]);
    let usual = f64::from(rate[1]) * f64::from(tick[1]) / (f64::from(rate[0]) * f64::from(tick[0]));
    let duration = duration.unwrap_or((usual.round() as i64).max(1));
    let last = times.last().copied().unwrap_or(0);
    // Where the file knows how long it is, that counts: a frame's own duration is in the order of decoding.
    let told = video.start_pts.zip(video.duration_ts).map(|(start, length)| start + length);
    let end = told.filter(|&end| end > last && times.len() > 1).unwrap_or(last + duration);
    Ok((times, end))
}

/// Two positive numbers with a sign between.
fn ratio(text: &str, between: char) -> Option<[u32; 2]> {
    let (a, b) = text.split_once(between)?;
    let pair = [a.parse().ok()?, b.parse().ok()?];
    pair.iter().all(|&part| part > 0).then_some(pair)
}
