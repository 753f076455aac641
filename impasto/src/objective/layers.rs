//! Lists of layers with weights, written `NAME[:WEIGHT],…`.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A layer and its weight within a term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LayerWeight {
    /// Name of the layer, such as `relu4_2`.
    pub name: String,
    /// Factor of the layer's error, finite and not negative. Default: 1.
    pub weight: f64,
}

impl LayerWeight {
    /// Reads `NAME` or `NAME:WEIGHT`.
    pub fn parse(text: &str) -> Result<LayerWeight, Error> {
        let fail = |reason: String| Error::LayerList { text: text.trim().into(), reason };
        let (name, weight) = match text.split_once(':') {
            None => (text.trim(), 1.0),
            Some((name, weight)) => {
                let weight = weight.trim();
                let value: f64 =
                    weight.parse().map_err(|_| fail(format!("the weight {weight:?} is not a number")))?;
                if !value.is_finite() || value < 0.0 {
                    return Err(fail(format!("the weight {weight} is not a finite number from 0 up")));
                }
                (name.trim(), value)
            }
        };
        if name.is_empty() {
            return Err(fail("a layer's name is missing".into()));
        }
        if name.contains(char::is_whitespace) {
            return Err(fail(format!("{name:?} holds a space: separate layers by commas")));
        }
        Ok(LayerWeight { name: name.into(), weight })
    }

    /// Reads a list separated by commas; every layer may be named once.
    pub fn parse_list(text: &str) -> Result<Vec<LayerWeight>, Error> {
        let layers: Vec<LayerWeight> = text.split(',').map(LayerWeight::parse).collect::<Result<_, _>>()?;
        LayerWeight::check_unique(&layers)?;
        Ok(layers)
    }

    /// Fails if a layer is named twice.
    pub(crate) fn check_unique(layers: &[LayerWeight]) -> Result<(), Error> {
        for (i, layer) in layers.iter().enumerate() {
            if layers[..i].iter().any(|other| other.name == layer.name) {
                let reason = "the layer is named twice".into();
                return Err(Error::LayerList { text: layer.name.clone(), reason });
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for LayerWeight {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        LayerWeight::parse(&text)
    }
}

impl From<LayerWeight> for String {
    fn from(layer: LayerWeight) -> String {
        layer.to_string()
    }
}

impl fmt::Display for LayerWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if self.weight == 1.0 { Ok(()) } else { write!(f, ":{}", self.weight) }
    }
}

/// The list in the notation it is read from.
pub(crate) fn write_list(layers: &[LayerWeight]) -> String {
    layers.iter().map(LayerWeight::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let layers =
            LayerWeight::parse_list(" relu1_1:0.5, relu2_1 ,fire2/squeeze:1e-3").expect("a good list");
        assert_eq!(write_list(&layers), "relu1_1:0.5, relu2_1, fire2/squeeze:0.001");
        assert_eq!(LayerWeight::parse_list(&write_list(&layers)).expect("its own notation"), layers);
    }

    #[test]
    fn bad_lists_say_what_is_wrong() {
        for (text, words) in [
            ("", "name is missing"),
            ("relu1_1,", "name is missing"),
            ("relu1_1:x", "\"x\" is not a number"),
            ("relu1_1:-1", "-1 is not a finite number"),
            ("relu1_1:nan", "not a finite"),
            ("relu1_1 relu2_1", "separate layers by commas"),
            ("a,b,a:2", "named twice"),
        ] {
            let message = LayerWeight::parse_list(text).expect_err(text).to_string();
            assert!(message.contains(words), "{text:?}: {message}");
        }
    }
}
