//! Words in a picture.
//!
//! The typeface is DejaVu Sans Condensed, reduced to the Latin, Greek and Cyrillic letters; its licence lies beside it.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use anyhow::Context;

const TYPEFACE: &[u8] = include_bytes!("dejavu-sans-condensed.ttf");

/// Distance of base lines as a factor of the letters' size.
const LEADING: f32 = 1.25;

/// A paper to write on: interleaved RGB values in [0, 1].
pub struct Paper {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The values.
    pub rgb: Vec<f32>,
}

/// A typeface at hand.
pub struct Lettering {
    font: FontRef<'static>,
}

impl Lettering {
    /// The program's typeface.
    pub fn new() -> anyhow::Result<Lettering> {
        Ok(Lettering { font: FontRef::try_from_slice(TYPEFACE).context("cannot read the typeface")? })
    }

    /// Height of `lines` lines of letters of `size` pixels.
    pub fn height(lines: usize, size: f32) -> usize {
        (lines as f32 * size * LEADING).ceil() as usize
    }

    /// Width of a line in pixels.
    pub fn width(&self, text: &str, size: f32) -> usize {
        let font = self.font.as_scaled(self.scale(size));
        text.chars().map(|letter| font.h_advance(font.glyph_id(letter))).sum::<f32>().ceil() as usize
    }

    /// `text` in lines of at most `width` pixels, broken at spaces or, where a word is longer than a line, within it, after a
    /// slash, comma or the like where there is one.
    pub fn wrap(&self, text: &str, size: f32, width: usize) -> Vec<String> {
        let fits = |line: &str| self.width(line, size) <= width;
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&joined) {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut rest = word;
            while !fits(rest) {
                let end = rest.char_indices().map(|(i, c)| i + c.len_utf8());
                let most = end.clone().take_while(|&end| fits(&rest[..end])).last();
                let most = most.or_else(|| end.clone().next()).unwrap_or(rest.len());
                let good = rest[..most].rfind(['/', ',', ';', '-', '_', '=']).map(|at| at + 1);
                let (head, tail) = rest.split_at(good.filter(|&good| 2 * good > most).unwrap_or(most));
                if tail.is_empty() {
                    break;
                }
                lines.push(head.to_owned());
                rest = tail;
            }
            line = rest.to_owned();
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Writes lines below each other from (left, top) down, in a shade from 0 (black) to 1.
    pub fn write(
        &self,
        paper: &mut Paper,
        (left, top): (usize, usize),
        lines: &[String],
        size: f32,
        shade: f32,
    ) {
        let font = self.font.as_scaled(self.scale(size));
        let mut base = top as f32 + (size * LEADING - size) / 2.0 + size * 0.8;
        for line in lines {
            let mut x = left as f32;
            for letter in line.chars() {
                let id = font.glyph_id(letter);
                let glyph = id.with_scale_and_position(self.scale(size), point(x, base.round()));
                x += font.h_advance(id);
                self.ink(paper, glyph, shade);
            }
            base += size * LEADING;
        }
    }

    fn ink(&self, paper: &mut Paper, glyph: Glyph, shade: f32) {
        let Some(outline) = self.font.outline_glyph(glyph) else { return };
        let corner = outline.px_bounds().min;
        outline.draw(|column, row, cover| {
            let (x, y) = (corner.x as i64 + i64::from(column), corner.y as i64 + i64::from(row));
            let inside = (0..paper.width as i64).contains(&x) && (0..paper.height as i64).contains(&y);
            if inside {
                // Thin strokes of small letters would look grey otherwise.
                let cover = (cover.clamp(0.0, 1.0) * 1.25).min(1.0);
                let at = 3 * (y as usize * paper.width + x as usize);
                for value in &mut paper.rgb[at..at + 3] {
                    *value += (shade - *value) * cover;
                }
            }
        });
    }

    /// The scale at which an em is `size` pixels.
    fn scale(&self, size: f32) -> PxScale {
        let units = self.font.units_per_em().unwrap_or(self.font.height_unscaled());
        PxScale::from(size * self.font.height_unscaled() / units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let lettering = Lettering::new().expect("the typeface");
        let text = "impasto paint 'my photo.jpg' --style-layers relu1_1,relu2_1,relu3_1,relu4_1 -o überall/ünter-1-2.png";
        for width in [1, 40, 100, 256, 2000] {
            let lines = lettering.wrap(text, 12.0, width);
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&lines.concat()), squeezed(text));
            if width >= 40 {
                assert!(lines.iter().all(|line| lettering.width(line, 12.0) <= width), "{lines:?}");
            }
        }
        assert!(lettering.wrap("", 12.0, 100).is_empty());
    }

    #[test]
    fn letters_leave_ink_on_the_paper_only() {
        let lettering = Lettering::new().expect("the typeface");
        let mut paper = Paper { width: 40, height: 10, rgb: vec![1.0; 1200] };
        lettering.write(&mut paper, (30, 4), &["Ягß→".into()], 14.0, 0.0);
        assert!(paper.rgb.iter().any(|&value| value < 0.3));
        assert!(paper.rgb.iter().all(|value| (0.0..=1.0).contains(value)));
    }
}
