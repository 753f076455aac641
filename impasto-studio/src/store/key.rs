//! Keys of the store.

use crate::error::{Error, Result};

/// The file of a picture as it was uploaded.
pub fn original(id: &str) -> String {
    format!("pictures/{id}/original")
}

/// A picture, or a clip's first frame, at 1024 pixels at most: JPEG.
pub fn preview(id: &str) -> String {
    format!("pictures/{id}/preview.jpg")
}

/// The same at 256 pixels at most.
pub fn thumbnail(id: &str) -> String {
    format!("pictures/{id}/thumbnail.jpg")
}

/// All of a picture.
pub fn picture(id: &str) -> String {
    format!("pictures/{id}/")
}

/// A file of a job.
pub fn file(job: &str, name: &str) -> String {
    format!("jobs/{job}/{name}")
}

/// A file of a job at 256 pixels at most: JPEG.
pub fn small_file(job: &str, name: &str) -> String {
    format!("jobs/{job}/thumbnails/{name}.jpg")
}

/// All of a job.
pub fn job(id: &str) -> String {
    format!("jobs/{id}/")
}

/// The parts of a key, or of what keys begin with. Keys are made here alone; that none leads elsewhere is checked all the same.
pub fn parts(name: &str) -> Result<Vec<&str>> {
    let parts: Vec<&str> = name.trim_end_matches('/').split('/').collect();
    let plain = parts.iter().all(|part| is_plain(part));
    if plain { Ok(parts) } else { Err(Error::Missing(format!("file {name:?}"))) }
}

/// Whether a text can be part of a key: it names no other folder, and nothing hidden.
pub fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= 120 && !name.starts_with('.') && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["result.png", "0050.png", "relu3_1-0012-plane.png"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "..", ".hidden", "a/b", "a\\b", "a\0", "ä", "%2e%2e", &"a".repeat(121)] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
