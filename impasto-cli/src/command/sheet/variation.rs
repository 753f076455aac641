//! `OPTION=V1,V2,…`: an option of `paint` and the values that a sheet tries for it.

use std::str::FromStr;

/// What may stand between values, the strongest first: the first that occurs separates, and the others are free to
/// occur within values.
const SEPARATORS: [char; 3] = ['|', ';', ','];

/// An option and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variation {
    /// The option's long name, without dashes.
    pub option: String,
    /// One value or more, in the order given.
    pub values: Vec<String>,
}

impl FromStr for Variation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((option, list)) = text.split_once('=') else {
            return Err("write OPTION=V1,V2,…, such as style-weight=1,3,10".into());
        };
        let option = option.trim().trim_start_matches("--");
        if option.is_empty() {
            return Err("the option's name is missing before \"=\"".into());
        }
        let separator = SEPARATORS.into_iter().find(|&separator| list.contains(separator)).unwrap_or(',');
        let mut values: Vec<String> = list.split(separator).map(|value| value.trim().to_owned()).collect();
        // A separator at the end only says which one it is.
        if values.len() > 1 && values.last().is_some_and(String::is_empty) {
            values.pop();
        }
        if values.iter().any(String::is_empty) {
            return Err(format!("a value of {option} is empty"));
        }
        Ok(Variation { option: option.to_owned(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_the_strongest_separator() {
        for (text, option, values) in [
            ("style-weight=1,3, 10", "style-weight", &["1", "3", "10"][..]),
            ("--seed=7", "seed", &["7"]),
            ("style-layers=relu1_1,relu2_1;relu4_1", "style-layers", &["relu1_1,relu2_1", "relu4_1"]),
            ("style-layers=relu1_1,relu2_1;", "style-layers", &["relu1_1,relu2_1"]),
            ("mask=a;b=c,d|e", "mask", &["a;b=c,d", "e"]),
        ] {
            let read: Variation = text.parse().expect(text);
            assert_eq!(
                (read.option.as_str(), &read.values[..]),
                (option, &values.iter().map(|v| v.to_string()).collect::<Vec<_>>()[..])
            );
        }
        for bad in ["", "style-weight", "=1", "seed=", "seed=1,,2", "seed=,"] {
            assert!(bad.parse::<Variation>().is_err(), "{bad:?}");
        }
    }
}
