//! The gallery: what the program has learnt, and paintings to begin with.

use super::Failure;
use super::look::{look, store};
use crate::error::Result;
use crate::options::Limits;
use crate::queue::Queue;
use crate::server::App;
use crate::store::Store;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A painting, or a style that a network has learnt from one.
#[derive(Clone, Debug, Serialize)]
pub struct Style {
    /// What settings call it, where a network knows it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The painting's id, if it is there.
    pub picture: Option<String>,
    /// Whether a network knows it.
    pub network: bool,
}

/// A painting that is part of the program.
struct Painting {
    name: &'static str,
    title: &'static str,
    bytes: &'static [u8],
}

/// The paintings, see `gallery/SOURCES.md`.
const PAINTINGS: [Painting; 4] = [
    Painting {
        name: "cafe-terrace",
        title: "Van Gogh, Café Terrace at Night, 1888",
        bytes: include_bytes!("../../gallery/cafe-terrace.jpg"),
    },
    Painting {
        name: "church-at-auvers",
        title: "Van Gogh, The Church at Auvers, 1890",
        bytes: include_bytes!("../../gallery/church-at-auvers.jpg"),
    },
    Painting {
        name: "langlois-bridge",
        title: "Van Gogh, The Langlois Bridge at Arles, 1888",
        bytes: include_bytes!("../../gallery/langlois-bridge.jpg"),
    },
    Painting {
        name: "painter-on-the-road",
        title: "Van Gogh, The Painter on the Road to Tarascon, 1888",
        bytes: include_bytes!("../../gallery/painter-on-the-road.jpg"),
    },
];

/// Puts the paintings into the store, and tells of them and of the styles `known` by networks.
///
/// # Errors
/// Those of the queue and the store.
pub async fn hang(
    known: &[String],
    queue: &dyn Queue,
    files: &dyn Store,
    temporary: &Path,
    limits: &Limits,
) -> Result<Vec<Style>> {
    let mut styles = Vec::new();
    for Painting { name, title, bytes } in PAINTINGS {
        let network = known.iter().any(|known| known == name);
        let picture = put(name, bytes, queue, files, temporary, limits).await?;
        styles.push(Style { name: name.into(), title: title.into(), picture: Some(picture), network });
    }
    for name in known.iter().filter(|known| PAINTINGS.iter().all(|painting| painting.name != **known)) {
        styles.push(Style { name: name.clone(), title: name.clone(), picture: None, network: true });
    }
    Ok(styles)
}

/// Puts one painting into the store, unless it is there; its id.
async fn put(
    name: &str,
    bytes: &'static [u8],
    queue: &dyn Queue,
    files: &dyn Store,
    temporary: &Path,
    limits: &Limits,
) -> Result<String> {
    let id = super::look::id(bytes);
    if queue.pictures(&[&id]).await?.is_empty() {
        let failed = || crate::Error::file(temporary, "cannot be written");
        let mut file = tempfile::NamedTempFile::new_in(temporary).map_err(failed())?;
        file.write_all(bytes).map_err(failed())?;
        let wrong = |failure: Failure| crate::Error::Option(format!("the gallery's {name}: {failure:?}"));
        let looked =
            look(file.into_temp_path(), id.clone(), format!("{name}.jpg"), *limits).map_err(wrong)?;
        store(looked, true, queue, files).await?;
    }
    Ok(id)
}

/// All styles and paintings.
pub async fn styles(State(app): State<Arc<App>>) -> Json<Vec<Style>> {
    Json(app.gallery.clone())
}
