//! A first look at an upload: its facts, and small versions to show.

use super::Failure;
use super::sniff::{HEAD, sniff};
use crate::error::{Error, Result};
use crate::options::Limits;
use crate::picture::{Kind, Picture};
use crate::queue::Queue;
use crate::server::App;
use crate::store::{Store, key};
use crate::time::Time;
use axum::http::StatusCode;
use impasto_image::{SaveOptions, fit_long_side, flatten, open_small, resize, save};
use impasto_video::Source;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tempfile::TempPath;

/// Long sides of the small versions.
const PREVIEW: usize = 1024;
const THUMBNAIL: usize = 256;

/// JPEG quality of the small versions.
const QUALITY: u8 = 88;

/// An upload that was looked at; its files are temporary.
pub struct Looked {
    picture: Picture,
    original: TempPath,
    preview: TempPath,
    thumbnail: TempPath,
}

/// What is known of an upload.
struct Facts {
    /// Columns and rows.
    size: (usize, usize),
    /// The rest.
    facts: Value,
}

/// The id of bytes.
pub fn id(bytes: &[u8]) -> String {
    id_of(&Sha256::digest(bytes))
}

/// The id of a digest: its first 32 hexadecimal digits.
pub fn id_of(digest: &[u8]) -> String {
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Looks at a file apart from the server's own work, when it is its turn.
///
/// # Errors
/// Those of `look`; 422 if it breaks down over the file.
pub async fn in_turn<T: Send + 'static>(
    app: &App,
    look: impl FnOnce() -> std::result::Result<T, Failure> + Send + 'static,
) -> std::result::Result<T, Failure> {
    let _turn = app.looks.acquire().await;
    tokio::task::spawn_blocking(look).await.unwrap_or_else(|error| {
        crate::log::warn("an upload", &error);
        Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "the file cannot be read"))
    })
}

/// Looks at a file whose id and name are known; takes its time.
///
/// # Errors
/// 415 if it is neither picture nor clip, 413 if it has too many pixels, 422 if it is damaged, 500 otherwise.
pub fn look(
    file: TempPath,
    id: String,
    name: String,
    limits: Limits,
) -> std::result::Result<Looked, Failure> {
    let internal = |error: std::io::Error| Failure::from(Error::file(&file, "cannot be read")(error));
    let mut head = Vec::new();
    File::open(&file).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head)).map_err(internal)?;
    let (kind, format, media) = sniff(&head).map_err(|what| {
        let failure = Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format_args!("{name} is {what}"));
        failure.hint(format_args!("send {}, or a clip", impasto_image::open::READABLE))
    })?;
    let bytes = std::fs::metadata(&file).map_err(internal)?.len();
    let (shown, facts) = match kind {
        Kind::Picture => picture(&file, &name, &limits)?,
        Kind::Clip => clip(&file, &name, format, &limits)?,
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    let Facts { size: (width, height), facts } = facts;
    let preview = shrunk(&shown, PREVIEW)?;
    let thumbnail = shrunk(&preview, THUMBNAIL)?;
    let picture = Picture {
        id,
        kind,
        name,
        format: format.into(),
        media: media.into(),
        width: width as u32,
        height: height as u32,
        bytes,
        facts,
        shipped: false,
        used: Time::now(),
    };
    let (preview, thumbnail) = (written(&preview, folder)?, written(&thumbnail, folder)?);
    Ok(Looked { picture, original: file, preview, thumbnail })
}

/// A picture at the size of a thumbnail, as a temporary JPEG; takes its time.
///
/// # Errors
/// As [`look`].
pub fn small(file: &Path, name: &str, limits: &Limits) -> std::result::Result<TempPath, Failure> {
    let (shown, _) = picture(file, name, limits)?;
    written(&shrunk(&shown, THUMBNAIL)?, file.parent().unwrap_or(Path::new(".")))
}

/// A picture, and what its owner may want to know.
fn picture(
    file: &Path,
    name: &str,
    limits: &Limits,
) -> std::result::Result<(impasto_image::Picture, Facts), Failure> {
    let bounds = impasto_image::Limits { max_pixels: limits.pixels, ..impasto_image::Limits::default() };
    let (opened, (width, height)) =
        open_small(file, &bounds, PREVIEW).map_err(|error| unreadable(&error, file, name))?;
    let warnings: Vec<String> = opened.warnings.iter().map(ToString::to_string).collect();
    let facts = if warnings.is_empty() { json!({}) } else { json!({ "warnings": warnings }) };
    let facts = Facts { size: (width, height), facts };
    // Small versions are JPEG, which has no alpha.
    let picture = match opened.picture.alpha() {
        Some(_) => flatten(&opened.picture, impasto_image::flatten::WHITE),
        None => opened.picture,
    };
    Ok((picture, facts))
}

/// A clip's first frame, and its length.
fn clip(
    file: &Path,
    name: &str,
    format: &str,
    limits: &Limits,
) -> std::result::Result<(impasto_image::Picture, Facts), Failure> {
    // What reads it goes by the extension.
    let path = file.with_extension(format);
    std::fs::hard_link(file, &path)
        .or_else(|_| std::fs::copy(file, &path).map(drop))
        .map_err(|error| Failure::from(Error::file(&path, "cannot be written")(error)))?;
    let path = TempPath::try_from_path(path)
        .map_err(|error| Failure::from(Error::file(file, "cannot be used")(error)))?;
    let failed = |error: impasto_video::Error| match error {
        impasto_video::Error::NoProgram { .. } => Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "clips need the program ffmpeg, which is not installed here",
        )
        .hint("install ffmpeg, or send a picture"),
        _ => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format_args!("{name} cannot be read as a clip"))
            .hint("it may be damaged; try whether other programs play it"),
    };
    let source = Source::open(&path, [25, 1]).map_err(failed)?;
    let found = source.clip();
    if found.width as u64 * found.height as u64 > limits.pixels {
        let limit = format_args!("{} pixels in all", limits.pixels);
        return Err(too_large(name, (found.width, found.height), limit));
    }
    let frame = source.frames(0..1).map_err(failed)?.next();
    let frame = frame
        .ok_or_else(|| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format_args!("{name} is empty")))?;
    let sound = found.streams.iter().any(|stream| stream.kind == "audio");
    let facts = json!({ "frames": found.frames(), "seconds": found.duration(), "sound": sound });
    let facts = Facts { size: (found.width, found.height), facts };
    Ok((frame.map_err(failed)?, facts))
}

/// What a client is told of a picture that cannot be read; paths are none of its concern.
fn unreadable(error: &impasto_image::Error, file: &Path, name: &str) -> Failure {
    use impasto_image::Error as E;
    if let E::TooLarge { width, height, limit, .. } = error {
        return too_large(name, (*width, *height), limit);
    }
    let status = match error {
        E::NotAPicture { .. } | E::Unsupported { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let text = error.to_string().replace(&file.display().to_string(), name);
    let failure = Failure::new(status, text);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn too_large<N: Display>(name: &str, (width, height): (N, N), limit: impl Display) -> Failure {
    let failure =
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format_args!("{name} has {width}×{height} pixels"));
    failure.hint(format_args!("the limit is {limit}"))
}

/// A picture at `side` pixels at most.
fn shrunk(
    picture: &impasto_image::Picture,
    side: usize,
) -> std::result::Result<impasto_image::Picture, Failure> {
    let long = picture.width().max(picture.height()).min(side);
    let (width, height) = fit_long_side(picture.width(), picture.height(), long);
    resize(picture, width, height).map_err(|error| internal(&error))
}

/// A picture as a temporary JPEG.
fn written(picture: &impasto_image::Picture, folder: &Path) -> std::result::Result<TempPath, Failure> {
    let file = tempfile::Builder::new().suffix(".jpg").tempfile_in(folder);
    let path = file
        .map_err(|error| Failure::from(Error::file(folder, "cannot be written")(error)))?
        .into_temp_path();
    let options = SaveOptions { quality: QUALITY, overwrite: true, ..SaveOptions::default() };
    save(&path, picture, &options).map_err(|error| internal(&error))?;
    Ok(path)
}

fn internal(error: &impasto_image::Error) -> Failure {
    crate::log::warn("an upload", error);
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the picture could not be made smaller")
}

/// Puts what was looked at into the store, and then into the books.
pub async fn store(looked: Looked, shipped: bool, queue: &dyn Queue, store: &dyn Store) -> Result<Picture> {
    let Looked { picture, original, preview, thumbnail } = looked;
    store.take(&key::original(&picture.id), &original).await?;
    store.take(&key::preview(&picture.id), &preview).await?;
    store.take(&key::thumbnail(&picture.id), &thumbnail).await?;
    let picture = Picture { shipped, ..picture };
    queue.add_picture(&picture).await?;
    Ok(picture)
}
