//! The store as a folder: keys are paths in it.

use super::{Content, Store, key};
use crate::error::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::fs;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
use tokio::task::spawn_blocking;

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A folder of files.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Files on their way are here, on the same file system.
    temporary: PathBuf,
    next: AtomicU64,
}

impl Folder {
    /// The store in `root`, which is made if it is missing; what an earlier run left unfinished is removed.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Folder> {
        let root = root.into();
        let temporary = root.join("unfinished");
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(Error::file(&temporary, "cannot be removed"))?;
        }
        fs::create_dir_all(&temporary).map_err(Error::file(&temporary, "cannot be made"))?;
        Ok(Folder { root, temporary, next: AtomicU64::new(0) })
    }

    /// Where a key is. Keys are made by [`key`] alone; that none leads elsewhere is checked all the same.
    fn path(&self, name: &str) -> Result<PathBuf> {
        let parts: Vec<&str> = name.trim_end_matches('/').split('/').collect();
        if parts.iter().all(|part| key::is_plain(part)) {
            return Ok(parts.into_iter().fold(self.root.clone(), |path, part| path.join(part)));
        }
        Err(Error::Missing(format!("file {name:?}")))
    }

    fn unfinished(&self) -> PathBuf {
        self.temporary.join(self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

/// Gives a complete file its name, for good.
fn settle(unfinished: &Path, path: &Path) -> Result<()> {
    let failed = || Error::file(path, "cannot be written");
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed())?;
    fs::File::open(unfinished).and_then(|file| file.sync_all()).map_err(failed())?;
    fs::rename(unfinished, path).map_err(failed())?;
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed())?;
    Ok(())
}

/// Does something with files where that keeps nobody waiting.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| {
        let source = std::io::Error::other(error);
        Err(Error::File { path: PathBuf::new(), what: "cannot be worked with", source })
    })
}

#[async_trait]
impl Store for Folder {
    async fn take(&self, key: &str, from: &Path) -> Result<u64> {
        let (path, unfinished, from) = (self.path(key)?, self.unfinished(), from.to_owned());
        apart(move || {
            let failed = || Error::file(&from, "cannot be read");
            let length = fs::metadata(&from).map_err(failed())?.len();
            // A link is as good as a move, and leaves the file to whoever still looks at it.
            if fs::hard_link(&from, &unfinished).is_err() {
                fs::copy(&from, &unfinished).map_err(failed())?;
            }
            settle(&unfinished, &path)?;
            Ok(length)
        })
        .await
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let (path, unfinished) = (self.path(key)?, self.unfinished());
        apart(move || {
            let written = fs::File::create(&unfinished).and_then(|mut file| file.write_all(&bytes));
            written.map_err(Error::file(&path, "cannot be written"))?;
            settle(&unfinished, &path)
        })
        .await
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Content>> {
        let path = self.path(key)?;
        let failed = || Error::file(&path, "cannot be read");
        let mut file = match tokio::fs::File::open(&path).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed())?,
        };
        let length = file.metadata().await.map_err(failed())?.len();
        let range = range.unwrap_or(0..length);
        let (start, end) = (range.start.min(length), range.end.min(length));
        if start > 0 {
            file.seek(SeekFrom::Start(start)).await.map_err(failed())?;
        }
        let pieces = stream::try_unfold((file, end.saturating_sub(start)), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            let read = file.read(&mut piece).await?;
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            piece.truncate(read);
            Ok(Some((Bytes::from(piece), (file, left - read as u64))))
        });
        Ok(Some(Content { length, stream: pieces.boxed() }))
    }

    async fn fetch(&self, key: &str, to: &Path) -> Result<()> {
        let (path, to) = (self.path(key)?, to.to_owned());
        apart(move || {
            if fs::hard_link(&path, &to).is_ok() {
                return Ok(());
            }
            fs::copy(&path, &to).map_err(Error::file(&path, "cannot be copied"))?;
            Ok(())
        })
        .await
    }

    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        let from = self.path(from)?;
        self.take(to, &from).await?;
        Ok(())
    }

    async fn remove(&self, prefix: &str) -> Result<()> {
        let path = self.path(prefix)?;
        apart(move || match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::file(&path, "cannot be removed")(error))
            }
            _ => Ok(()),
        })
        .await
    }

    async fn used(&self) -> Result<u64> {
        let root = self.root.clone();
        apart(move || sum(&root).map_err(Error::file(&root, "cannot be read"))).await
    }
}

/// Bytes of all files in a folder; what vanishes meanwhile does not count.
fn sum(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(data) if data.is_dir() => bytes += sum(&entry.path()).unwrap_or(0),
            Ok(data) => bytes += data.len(),
            Err(_) => {}
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(store: &Folder, key: &str, range: Option<Range<u64>>) -> Vec<u8> {
        let content = store.get(key, range).await.expect("a store").expect("a file");
        content.stream.map(|piece| piece.expect("bytes").to_vec()).concat().await
    }

    #[tokio::test]
    async fn what_is_put_can_be_had_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Folder::open(folder.path().join("files")).expect("a store");
        store.put("jobs/a/one", Bytes::from_static(b"0123456789")).await.expect("put");
        store.copy("jobs/a/one", "jobs/b/two").await.expect("copy");
        store.put("jobs/a/one", Bytes::from_static(b"new")).await.expect("put again");
        assert_eq!(all(&store, "jobs/a/one", None).await, b"new");
        assert_eq!(all(&store, "jobs/b/two", Some(3..5)).await, b"34");
        assert_eq!(all(&store, "jobs/b/two", Some(8..50)).await, b"89");
        assert_eq!(store.used().await.expect("bytes"), 13);
        let out = folder.path().join("out");
        store.fetch("jobs/b/two", &out).await.expect("fetch");
        assert_eq!(fs::read(&out).expect("bytes"), b"0123456789");
        store.remove("jobs/b/").await.expect("remove");
        assert!(store.get("jobs/b/two", None).await.expect("a store").is_none());
        for bad in ["../x", "jobs/../../x", "jobs//x", "/etc/passwd", ""] {
            assert!(store.get(bad, None).await.is_err(), "{bad}");
        }
    }
}
