//! Palettes from files.

use super::{Palette, css};
use crate::decode::sniff::{HEAD, Sniffed, sniff};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::open::decode;
use std::fs::File;
use std::io::Read;
use std::num::ParseIntError;
use std::path::Path;

/// Most bytes of a text with a palette: long names on every line, and comments.
const MOST_TEXT: u64 = 1 << 20;

/// Opens a palette; the content decides what it is, not the extension.
pub(super) fn open(path: &Path, limits: &Limits) -> Result<Palette> {
    let failed = |e| Error::reading(path, e);
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(failed)?;
    file.by_ref().take(HEAD as u64).read_to_end(&mut bytes).map_err(failed)?;
    let origin = path.display().to_string();
    let wrong = |reason: String| Error::Palette { origin: origin.clone(), reason };
    let looks_like = match sniff(&bytes) {
        _ if bytes.is_empty() => return Err(Error::Empty { path: path.to_owned() }),
        Sniffed::Picture(_) => {
            file.take(limits.max_file_bytes).read_to_end(&mut bytes).map_err(failed)?;
            return Palette::of(&decode(&bytes, path, limits)?.picture).map_err(|error| match error {
                Error::Palette { reason, .. } => wrong(reason),
                error => error,
            });
        }
        Sniffed::Unsupported(what) => {
            return Err(Error::Unsupported { path: path.to_owned(), what: what.to_owned() });
        }
        Sniffed::Other(looks_like) => looks_like,
    };
    file.take(MOST_TEXT).read_to_end(&mut bytes).map_err(failed)?;
    let Ok(text) = str::from_utf8(&bytes) else {
        return Err(wrong(format!("it looks like {looks_like}, neither a picture nor a text")));
    };
    if bytes.len() as u64 > MOST_TEXT {
        return Err(wrong(format!("it is longer than {MOST_TEXT} bytes")));
    }
    Palette::new(lines(text).map_err(wrong)?, &origin)
}

/// The colours of a text, one a line; in a GIMP palette below its head.
fn lines(text: &str) -> std::result::Result<Vec<[u8; 3]>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let gimp = text.lines().next().is_some_and(|line| line.trim() == "GIMP Palette");
    let mut colors = Vec::new();
    for (i, line) in text.lines().enumerate().skip(usize::from(gimp)) {
        let line = line.trim();
        let head =
            gimp && (line.starts_with("Name:") || line.starts_with("Columns:") || line.starts_with('#'));
        let comment = line == "#" || ["//", ";", "# "].iter().any(|mark| line.starts_with(mark));
        if line.is_empty() || head || comment {
            continue;
        }
        let color = match numbers(line) {
            Some(Ok(color)) => Ok(color),
            None if !gimp => {
                let first = line.split_whitespace().next().unwrap_or(line);
                css(line).or_else(|error| css(first).or(Err(error)))
            }
            _ => Err(format!("{line:?} does not begin with three numbers from 0 to 255")),
        };
        colors.push(color.map_err(|reason| format!("line {}: {reason}", i + 1))?);
    }
    Ok(colors)
}

/// The three numbers at the beginning of a line, with blanks or commas between them, if there are three; an error unless
/// all are whole and from 0 to 255.
fn numbers(line: &str) -> Option<std::result::Result<[u8; 3], ParseIntError>> {
    let mut parts = line.split([' ', '\t', ',']).filter(|part| !part.is_empty());
    let parts = [parts.next()?, parts.next()?, parts.next()?];
    if parts.iter().any(|part| part.parse::<f64>().is_err()) {
        return None;
    }
    let read = |[r, g, b]: [&str; 3]| Ok([r.parse()?, g.parse()?, b.parse()?]);
    Some(read(parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::testing::painting;
    use crate::save::{SaveOptions, save};

    fn opened(content: &[u8]) -> Result<Palette> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), content).expect("content");
        Palette::open(file.path())
    }

    #[test]
    fn texts_and_gimp_palettes_are_read() {
        for text in [
            "#1b3a5f\nnavy\n\n255 250 240\n",
            "\u{feff}// mine\r\n# three\r\n1b3a5f\r\nnavy the second\r\n255, 250, 240 floral white\r\n",
            "GIMP Palette\nName: mine\nColumns: 3\n#\n 27  58  95\tone\n  0   0 128\n255 250 240 Untitled\n",
            "rgb(27 58 95)\n#000080 blue\n; last\nfloralwhite",
        ] {
            let palette = opened(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(palette.to_string(), "#1b3a5f,#000080,#fffaf0", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_palette_is_told() {
        let many: String = (0..300).map(|i| format!("{} {} 7\n", i / 256, i % 256)).collect();
        for (content, reason) in [
            (&b"navy\n#12345\n"[..], "line 2: \"#12345\" is no colour"),
            (b"256 0 0", "line 1"),
            (b"GIMP Palette\nName: x\nred\n", "line 3: \"red\" does not begin with three numbers"),
            (b"# nothing\n", "no colours"),
            (b"\xff\xfe\x00n\x00a", "neither a picture nor a text"),
            (b"", "empty"),
            (many.as_bytes(), "300 colours, more than 256"),
        ] {
            let error = opened(content).expect_err(reason);
            assert!(error.to_string().contains(reason) && error.hint().is_some(), "{error}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Palette::open(folder.path()).expect_err("a folder").to_string().contains("folder"));
        assert!(Palette::open(folder.path().join("none")).is_err());
    }

    #[test]
    fn pictures_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        save(&path, &painting(60, 50), &SaveOptions::default()).expect("a picture");
        assert_eq!(Palette::open(&path).expect("a palette").colors().len(), super::super::FROM_PICTURE);
        let clear = painting(4, 4).with_alpha(vec![0.0; 16]).expect("alpha");
        let path = folder.path().join("b.png");
        save(&path, &clear, &SaveOptions::default()).expect("a picture");
        let error = Palette::open(&path).expect_err("no colours").to_string();
        assert!(error.contains("b.png: it has no colours"), "{error}");
    }
}
