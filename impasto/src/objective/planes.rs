//! Which planes of which layers a style consists of, written `LAYER[:PLANE[-PLANE]],…`.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::{fmt, ops::RangeInclusive};

/// Some planes of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Planes {
    /// Name of the layer, such as `relu4_1`.
    pub layer: String,
    /// Numbers of the planes, from 0; none means all.
    pub range: Option<RangeInclusive<usize>>,
}

impl Planes {
    /// Reads `LAYER`, `LAYER:PLANE` or `LAYER:FIRST-LAST`.
    pub fn parse(text: &str) -> Result<Planes, Error> {
        let text = text.trim();
        let fail = |reason: String| Error::PlaneList { text: text.into(), reason };
        let (layer, planes) = match text.split_once(':') {
            None => (text, None),
            Some((layer, planes)) => (layer.trim(), Some(planes.trim())),
        };
        if layer.is_empty() || layer.contains(char::is_whitespace) || layer.parse::<usize>().is_ok() {
            return Err(fail("a layer's name is missing or holds a space".into()));
        }
        let number = |text: &str| {
            text.trim().parse::<usize>().map_err(|_| fail(format!("{text:?} is not the number of a plane")))
        };
        let range = match planes {
            None => None,
            Some(planes) => Some(match planes.split_once('-') {
                None => number(planes).map(|plane| plane..=plane)?,
                Some((first, last)) => number(first)?..=number(last)?,
            }),
        };
        if range.as_ref().is_some_and(RangeInclusive::is_empty) {
            return Err(fail("the last plane is before the first".into()));
        }
        Ok(Planes { layer: layer.into(), range })
    }

    /// Reads a list separated by commas; a plane without a layer belongs to the layer before it.
    pub fn parse_list(text: &str) -> Result<Vec<Planes>, Error> {
        let mut list: Vec<Planes> = Vec::new();
        for item in text.split(',') {
            let starts_with_digit = item.trim_start().starts_with(|c: char| c.is_ascii_digit());
            let planes = match list.last() {
                Some(last) if starts_with_digit => Planes::parse(&format!("{}:{item}", last.layer))?,
                _ => Planes::parse(item)?,
            };
            list.push(planes);
        }
        Ok(list)
    }

    fn contains(&self, layer: &str, plane: usize) -> bool {
        self.layer == layer && self.range.as_ref().is_none_or(|range| range.contains(&plane))
    }
}

impl TryFrom<String> for Planes {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Planes::parse(&text)
    }
}

impl From<Planes> for String {
    fn from(planes: Planes) -> String {
        planes.to_string()
    }
}

impl fmt::Display for Planes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.layer)?;
        match &self.range {
            None => Ok(()),
            Some(range) if range.start() == range.end() => write!(f, ":{}", range.start()),
            Some(range) => write!(f, ":{}-{}", range.start(), range.end()),
        }
    }
}

/// The planes that a style consists of: all, or those that are alone, less those that are muted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Planes left out.
    pub mute: Vec<Planes>,
    /// Planes that alone are kept, over all layers; empty keeps all.
    pub solo: Vec<Planes>,
}

impl Selection {
    /// Whether a plane is kept.
    pub fn keeps(&self, layer: &str, plane: usize) -> bool {
        (self.solo.is_empty() || self.solo.iter().any(|planes| planes.contains(layer, plane)))
            && !self.mute.iter().any(|planes| planes.contains(layer, plane))
    }

    /// Which of a layer's planes are kept, unless all are.
    pub fn of(&self, layer: &str, planes: usize) -> Option<Vec<bool>> {
        let kept: Vec<bool> = (0..planes).map(|plane| self.keeps(layer, plane)).collect();
        kept.contains(&false).then_some(kept)
    }

    /// Fails if a plane is named that a style of these layers (name and number of planes) does not have.
    pub fn check(&self, layers: &[(&str, usize)]) -> Result<(), Error> {
        for planes in self.mute.iter().chain(&self.solo) {
            let Some((_, count)) = layers.iter().find(|(name, _)| *name == planes.layer) else {
                let names: Vec<&str> = layers.iter().map(|(name, _)| *name).collect();
                let reason = format!("the style's layers are {}", names.join(", "));
                return Err(Error::PlaneList { text: planes.to_string(), reason });
            };
            if let Some(&last) = planes.range.as_ref().map(RangeInclusive::end)
                && last >= *count
            {
                let (layer, what, count) = (planes.layer.clone(), "plane", *count);
                return Err(Error::NoUnit { layer, what, value: last, count });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let list = Planes::parse_list("relu1_1:3, relu2_1:4-9,12 , fire2").expect("a good list");
        let text: Vec<String> = list.iter().map(Planes::to_string).collect();
        assert_eq!(text, ["relu1_1:3", "relu2_1:4-9", "relu2_1:12", "fire2"]);
        for bad in ["", ":3", "relu1_1:", "relu1_1:x", "relu1_1:5-3", "relu1_1:-1", "3", "a b:1"] {
            assert!(Planes::parse_list(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn solo_planes_are_alone_over_all_layers() {
        let list = |text| Planes::parse_list(text).expect("a list");
        let selection = Selection { mute: list("a:1"), solo: list("a:0-2,b") };
        let kept = |layer| (0..4).map(|plane| selection.keeps(layer, plane)).collect::<Vec<_>>();
        assert_eq!(kept("a"), [true, false, true, false]);
        assert_eq!(kept("b"), [true; 4]);
        assert_eq!(kept("c"), [false; 4]);
        assert_eq!(Selection::default().of("a", 4), None);
        assert!(selection.check(&[("a", 4), ("b", 1)]).is_ok());
        assert!(matches!(selection.check(&[("a", 2), ("b", 1)]), Err(Error::NoUnit { value: 2, .. })));
        assert!(selection.check(&[("a", 4)]).is_err_and(|e| e.to_string().contains("\"b\"")));
    }
}
