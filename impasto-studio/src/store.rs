//! The store: keys → bytes. A key is made of ids and checked names only, see [`key`].

mod folder;
pub mod key;
#[cfg(feature = "s3")]
mod s3;

pub use folder::Folder;
#[cfg(feature = "s3")]
pub use s3::S3;

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bytes from the store, piece by piece.
pub struct Content {
    /// Length of the whole file.
    pub length: u64,
    /// The part that was asked for.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

/// The store at a place: `s3://bucket/prefix`, or a folder.
///
/// # Errors
/// Those of [`Folder::open`] and `S3::open`; [`Error::Option`](crate::Error::Option) for a bucket if the program was built without the feature `s3`.
pub fn open(place: &str) -> Result<Arc<dyn Store>> {
    if !place.starts_with("s3://") {
        return Ok(Arc::new(Folder::open(place)?));
    }
    #[cfg(feature = "s3")]
    return Ok(Arc::new(S3::open(place)?));
    #[cfg(not(feature = "s3"))]
    Err(crate::Error::Option(format!("this program was built without S3, which {place} needs")))
}

/// Where files are. Puts are atomic: a key has its old bytes, or all of its new ones.
#[async_trait]
pub trait Store: Send + Sync {
    /// Takes over the local file `from`, which may be gone afterwards; its length.
    async fn take(&self, key: &str, from: &Path) -> Result<u64>;

    /// Writes bytes.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<()>;

    /// Reads a file, or the part `range` of it, which is cut to its length; none if there is none.
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Content>>;

    /// Makes the local file `to`, which must not exist and must not be changed; fails if there is no such key.
    async fn fetch(&self, key: &str, to: &Path) -> Result<()>;

    /// Makes `to` the same as `from`.
    async fn copy(&self, from: &str, to: &str) -> Result<()>;

    /// Removes all keys that begin with `prefix`, which ends at a `/`.
    async fn remove(&self, prefix: &str) -> Result<()>;

    /// Bytes of all keys.
    async fn used(&self) -> Result<u64>;
}
