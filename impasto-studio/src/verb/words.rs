//! Texts that may become arguments: none can be taken for a flag or a path.

use super::Refused;

/// Longest text.
const LONGEST: usize = 4000;

/// Names of layers, with planes and weights: `relu3_1`, `fire2/squeeze`, `relu3_1:17-20`.
pub fn layers(setting: &str, names: &[String]) -> Result<Option<String>, Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_/:.-".contains(c);
    for name in names {
        check(setting, name, plain)?;
        if name.contains("..") {
            return Err(wrong(setting, name));
        }
    }
    let joined = names.join(",");
    if joined.len() > LONGEST {
        return Err(Refused::new(format_args!("{setting} is too long")).hint("name whole layers"));
    }
    Ok(if names.is_empty() { None } else { Some(joined) })
}

/// A plain name: of a recipe, a network, an axis.
pub fn name<'a>(setting: &str, name: &'a str) -> Result<&'a str, Refused> {
    check(setting, name, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_')?;
    Ok(name)
}

/// Names of things in words, such as classes.
pub fn words<'a>(setting: &str, text: &'a str) -> Result<&'a str, Refused> {
    check(setting, text, |c| c.is_alphanumeric() || " '_-,".contains(c))?;
    Ok(text)
}

/// Colours, separated by commas: `#1b3a5f,navy,rgb(1 2 3)`.
pub fn colors<'a>(setting: &str, text: &'a str) -> Result<&'a str, Refused> {
    let text = text.trim();
    let rest = text.strip_prefix('#').unwrap_or(text);
    check(setting, rest, |c| c.is_ascii_alphanumeric() || "#,() %".contains(c))?;
    Ok(text)
}

/// Whether a text is the id of a picture.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

/// Fails unless `text` begins with a letter or digit and holds only such characters.
fn check(setting: &str, text: &str, fits: impl Fn(char) -> bool) -> Result<(), Refused> {
    let begins = text.starts_with(|c: char| c.is_alphanumeric());
    if begins && text.len() <= LONGEST && text.chars().all(fits) {
        return Ok(());
    }
    Err(wrong(setting, text))
}

fn wrong(setting: &str, text: &str) -> Refused {
    let shown: String = text.chars().take(60).collect();
    Refused::new(format_args!("{setting} cannot be {shown:?}"))
}
