//! Parts of pictures as they are typed: `X,Y,W,H` in pixels or per cent.

use impasto_image::Rectangle;
use std::fmt;
use std::str::FromStr;

/// A rectangle that may depend on the picture's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area([Length; 4]);

/// A length along a side.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    Pixels(usize),
    Percent(f64),
}

impl Area {
    /// The pixels of the area in a picture of `width`×`height`; they may lie beyond it.
    pub fn rectangle(&self, (width, height): (usize, usize)) -> Rectangle {
        let [x, y, columns, rows] = self.0;
        let (left, width) = span(x, columns, width);
        let (top, height) = span(y, rows, height);
        Rectangle { left, top, width, height }
    }
}

/// First pixel and number of pixels along a side of `n`. Areas that adjoin in per cent adjoin in pixels.
fn span(start: Length, length: Length, n: usize) -> (usize, usize) {
    let exact = |length: Length| match length {
        Length::Pixels(pixels) => pixels as f64,
        Length::Percent(share) => share / 100.0 * n as f64,
    };
    let first = exact(start).round();
    let last = (exact(start) + exact(length)).round();
    (first as usize, (last - first) as usize)
}

impl FromStr for Area {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lengths = text.split(',').map(|part| length(part.trim())).collect::<Result<Vec<_>, _>>()?;
        let wrong = "it is not of the form X,Y,W,H, such as 0,0,300,200 or 10%,10%,80%,80%";
        Ok(Area(lengths.try_into().map_err(|_| wrong)?))
    }
}

fn length(text: &str) -> Result<Length, String> {
    let wrong = || format!("{text:?} is neither a whole number of pixels nor a percentage");
    match text.strip_suffix('%') {
        Some(share) => match share.trim().parse::<f64>() {
            Ok(share) if (0.0..=100.0).contains(&share) => Ok(Length::Percent(share)),
            Ok(_) => Err(format!("{text:?} is not from 0 to 100 %")),
            Err(_) => Err(wrong()),
        },
        None => text.parse().map(Length::Pixels).map_err(|_| wrong()),
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, length) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match length {
                Length::Pixels(pixels) => write!(f, "{comma}{pixels}")?,
                Length::Percent(share) => write!(f, "{comma}{share}%")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_read() {
        let of = |text: &str| text.parse::<Area>().map(|area| area.rectangle((300, 200)));
        assert_eq!(of("10, 20,30,40"), Ok(Rectangle { left: 10, top: 20, width: 30, height: 40 }));
        assert_eq!(of("50%,0,50%,100%"), Ok(Rectangle { left: 150, top: 0, width: 150, height: 200 }));
        for bad in ["", "1,2,3", "1,2,3,4,5", "a,0,1,1", "-1,0,1,1", "0,0,101%,1", "0,0,NaN%,1", "1.5,0,1,1"]
        {
            assert!(of(bad).is_err(), "{bad:?}");
        }
        let text = "12.5%,0,50%,7";
        assert_eq!(text.parse::<Area>().expect("an area").to_string(), text);
    }
}
