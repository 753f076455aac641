//! The store: keys → bytes. A key is made of ids and checked names only, see [`key`].

mod folder;
pub mod key;

pub use folder::Folder;

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::ops::Range;
use std::path::Path;

/// Bytes from the store, piece by piece.
pub struct Content {
    /// Length of the whole file.
    pub length: u64,
    /// The part that was asked for.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
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
