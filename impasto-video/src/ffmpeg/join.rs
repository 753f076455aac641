//! Encoded parts one after the other, with everything but the picture from the original.

use super::{Container, Running, program, url};
use crate::clip::Clip;
use crate::{Error, Result};
use std::path::Path;

/// What is joined.
pub struct Join<'a> {
    /// The folder that holds the parts.
    pub folder: &'a Path,
    /// The parts' names, without quotes or line breaks, and the frames each holds.
    pub parts: &'a [(String, std::ops::Range<usize>)],
    /// The clip's timing.
    pub clip: &'a Clip,
    /// The file that sound, subtitles, chapters and remarks are taken from; none for a clip without.
    pub original: Option<&'a Path>,
    /// What kind of file to write.
    pub container: Container,
}

/// Joins to the file `path`, which is replaced. Sound is copied bit by bit; if the container does not take it, it is
/// encoded anew, which the answer tells.
///
/// # Errors
/// [`Error::NoProgram`]; [`Error::Program`]; [`Error::Ffmpeg`].
pub fn join(join: &Join<'_>, path: &Path) -> Result<bool> {
    let list = tempfile::Builder::new()
        .prefix("parts-")
        .suffix(".ffconcat")
        .tempfile_in(join.folder)
        .and_then(|file| std::fs::write(file.path(), script(join)).map(|()| file))
        .map_err(|source| Error::File { path: join.folder.to_owned(), source })?;
    match run(join, list.path(), path, true) {
        Err(Error::Ffmpeg { .. }) if join.original.is_some() && join.clip.has("audio") => {
            run(join, list.path(), path, false).map(|()| true)
        }
        copied => copied.map(|()| false),
    }
}

/// The list of parts for ffmpeg's concat demuxer. Lengths are differences of rounded times, so that errors do not add up.
fn script(join: &Join<'_>) -> String {
    let clip = join.clip;
    let start = join.parts.first().map_or(0, |(_, range)| clip.times[range.start]);
    let microseconds = |tick: i64| (clip.nanoseconds(tick - start) + 500).div_euclid(1000);
    let mut text = String::from("ffconcat version 1.0\n");
    for (name, range) in join.parts {
        let length = microseconds(clip.end_of(range.end - 1)) - microseconds(clip.times[range.start]);
        text += &format!("file '{name}'\nduration {}.{:06}\n", length / 1_000_000, length % 1_000_000);
    }
    text
}

fn run(join: &Join<'_>, list: &Path, path: &Path, copy_sound: bool) -> Result<()> {
    let clip = join.clip;
    let (Some((_, first)), Some((_, last))) = (join.parts.first(), join.parts.last()) else {
        return Err(Error::Clip { path: path.to_owned(), reason: "no frame of it is done".into() });
    };
    let (start, end) = (clip.times[first.start], clip.end_of(last.end - 1));
    let mut command = program("ffmpeg");
    command.args(["-v", "error", "-y"]);
    let whole = first.start == 0 && last.end == clip.frames();
    // Where the picture begins within the file's own time.
    let offset = clip.seconds(start) - clip.origin;
    if join.original.is_some() && first.start == 0 && offset > 0.0 {
        command.args(["-itsoffset", &format!("{offset:.9}")]);
    }
    command.args(["-f", "concat", "-safe", "0", "-i"]).arg(url(list));
    if let Some(original) = join.original {
        if first.start > 0 {
            command.args(["-ss", &format!("{offset:.6}")]);
        }
        if !whole {
            let begin = if first.start > 0 { offset } else { 0.0 };
            let length = clip.seconds(end) - clip.origin - begin;
            command.args(["-t", &format!("{length:.6}")]);
        }
        command.arg("-i").arg(url(original));
    }
    command.args(["-map", "0:v:0", "-c:v", "copy"]);
    // Only the frames' own times tell how long each stays, and nothing but this how long the last one does.
    let (above, below) = (i64::from(clip.tick[0]), i64::from(clip.tick[1]));
    let last_length = (end - clip.times[last.end - 1]) * above;
    command.args([
        "-bsf:v",
        &format!(
            "setts=duration=if(eq(NEXT_PTS\\,NOPTS)\\,round({last_length}/({below}*TB))\\,NEXT_PTS-PTS)"
        ),
    ]);
    if join.original.is_some() {
        command.args(["-map", "1:a?", "-map_metadata", "1", "-map_chapters", "1"]);
        if copy_sound {
            command.args(["-c:a", "copy"]);
        }
        let subtitles = clip.streams.iter().filter(|stream| stream.kind == "subtitle");
        let mut kept = 0;
        for (number, stream) in subtitles.enumerate() {
            if let Some(codec) = subtitle_codec(join.container, &stream.codec) {
                command.args(["-map", &format!("1:s:{number}"), &format!("-c:s:{kept}"), codec]);
                kept += 1;
            }
        }
        if join.container == Container::Matroska && clip.has("attachment") {
            command.args(["-map", "1:t?", "-c:t", "copy"]);
        }
    }
    match join.container {
        Container::Mp4 => {
            command.args(["-video_track_timescale", &clip.tick[1].to_string()]);
            // A file that plays while it loads.
            let kind =
                if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("mov")) { "mov" } else { "mp4" };
            command.args(["-movflags", "+faststart", "-f", kind]);
        }
        Container::Matroska => drop(command.args(["-f", "matroska"])),
        Container::WebM => drop(command.args(["-f", "webm"])),
    }
    command.args(["-fflags", "+bitexact"]).arg(url(path));
    Running::start(command)?.finish(path)
}

/// How subtitles of a codec come into a container; none if they cannot.
fn subtitle_codec(container: Container, codec: &str) -> Option<&'static str> {
    let text = matches!(codec, "subrip" | "srt" | "ass" | "ssa" | "webvtt" | "mov_text" | "text");
    match (container, codec) {
        (Container::Mp4, "mov_text") | (Container::WebM, "webvtt") => Some("copy"),
        (Container::Matroska, "mov_text") => Some("srt"),
        (Container::Matroska, _) => Some("copy"),
        (Container::Mp4, _) if text => Some("mov_text"),
        (Container::WebM, _) if text => Some("webvtt"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_parts_add_up() {
        let clip = Clip::steady(2, 2, 100, [30000, 1001]);
        let parts: Vec<_> = (0..100).map(|n| (format!("{n}.mp4"), n..n + 1)).collect();
        let folder = Path::new(".");
        let join = Join { folder, parts: &parts, clip: &clip, original: None, container: Container::Mp4 };
        let script = script(&join);
        let lengths = script.lines().filter_map(|line| line.strip_prefix("duration "));
        let sum: f64 = lengths.map(|length| length.parse::<f64>().unwrap()).sum();
        assert!((sum - clip.duration()).abs() < 1e-6, "{sum}");
    }
}
