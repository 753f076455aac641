//! Pages that hold everything: pictures as data URIs, content as JSON inside a template, and a script that all begin with.

use crate::output::write_result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use impasto_image::{OutputFormat, Picture, SaveOptions, save};
use serde_json::Value;
use std::io::Cursor;
use std::path::Path;

/// Where the content belongs in a template, and behind it the beginning of its script.
const CONTENT: &str = "{{content}}";
const SCRIPT: &str = "{{script}}";
/// Reads the content and makes nodes and numbers.
const BEGINNING: &str = include_str!("page.js");
/// Long side up to which a picture is stored without loss: it will be enlarged.
const SMALL: usize = 64;
/// JPEG quality of the others.
const QUALITY: u8 = 85;

/// A picture as a data URI.
pub fn uri(picture: &Picture) -> anyhow::Result<String> {
    let small = picture.width().max(picture.height()) <= SMALL;
    let (format, kind) = if small { (OutputFormat::Png, "png") } else { (OutputFormat::Jpeg, "jpeg") };
    let mut bytes = Cursor::new(Vec::new());
    save::encode(&mut bytes, picture, format, &SaveOptions { quality: QUALITY, ..SaveOptions::default() })?;
    Ok(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes.into_inner())))
}

/// Writes `template` with `content`, whole or not at all; returns its length in bytes.
pub fn save_page(path: &Path, force: bool, template: &str, content: &Value) -> anyhow::Result<usize> {
    // Inside a script nothing may look like its end.
    let content = content.to_string().replace('<', "\\u003c");
    let (before, rest) = template.split_once(CONTENT).unwrap_or((template, ""));
    let (between, after) = rest.split_once(SCRIPT).unwrap_or((rest, ""));
    let parts = [before, &content, between, BEGINNING, after];
    let page = parts.concat();
    write_result(path, force, page.as_bytes())?;
    Ok(page.len())
}
