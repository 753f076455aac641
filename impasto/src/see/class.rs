//! Classes by number or name.

use crate::Error;
use impasto_net::Model;

/// The number of the class that `text` means: a number from 0, a whole name in any case, or a part of just one name.
///
/// # Errors
/// [`Error::NotAClassifier`]; [`Error::NoClass`] with the names that come into question.
pub fn class_number(model: &Model, text: &str) -> Result<usize, Error> {
    let Some(names) = model.classes() else {
        return Err(Error::NotAClassifier { network: model.name().into() });
    };
    let number = text.parse::<usize>().ok();
    if let Some(number) = number.filter(|&number| number < names.len()) {
        return Ok(number);
    }
    let wanted = text.to_lowercase();
    if let Some(found) = names.iter().position(|name| name.to_lowercase() == wanted) {
        return Ok(found);
    }
    let parts: Vec<usize> = (0..names.len()).filter(|&i| names[i].to_lowercase().contains(&wanted)).collect();
    match parts[..] {
        [one] if !wanted.is_empty() => Ok(one),
        _ => {
            let some = parts.iter().take(8).map(|&i| names[i].clone()).collect();
            Err(Error::NoClass { text: text.into(), count: names.len(), similar: some })
        }
    }
}
