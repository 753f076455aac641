//! The store in a bucket of Amazon S3, or of anything that speaks like it.

use super::{Content, Store, key};
use crate::error::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Place;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};
use std::future::ready;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Files beyond this length are sent in pieces of it.
const PIECE: usize = 8 << 20;

/// Pieces on their way at a time.
const PIECES: usize = 2;

/// How long a bucket that does not answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bucket, or what of it is under a prefix.
#[derive(Debug)]
pub struct S3 {
    bucket: AmazonS3,
    prefix: Place,
}

impl S3 {
    /// The store at `url`, `s3://bucket` or `s3://bucket/prefix`. Keys, region and endpoint come from the usual variables:
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`; on Amazon's machines from their role.
    ///
    /// # Errors
    /// [`Error::Option`] if `url` or the variables cannot be understood.
    pub fn open(url: &str) -> Result<S3> {
        Self::with(url, AmazonS3Builder::from_env())
    }

    fn with(url: &str, builder: AmazonS3Builder) -> Result<S3> {
        let wrong = |why: &str| Error::Option(format!("the store {url:?} cannot be understood: {why}"));
        let path = url.strip_prefix("s3://").ok_or_else(|| wrong("it does not begin with s3://"))?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(wrong("it names no bucket"));
        }
        let prefix = Place::parse(prefix.trim_end_matches('/')).map_err(|error| wrong(&error.to_string()))?;
        // What is reached without TLS was named so.
        let plain = builder.get_config_value(&object_store::aws::AmazonS3ConfigKey::Endpoint);
        let plain = plain.is_some_and(|endpoint| endpoint.starts_with("http://"));
        let builder = if plain { builder.with_allow_http(true) } else { builder };
        // Its own providers would be asked for first otherwise.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bucket = builder
            .with_bucket_name(bucket)
            .with_retry(RetryConfig { retry_timeout: PATIENCE, ..RetryConfig::default() })
            // Not everything that speaks like Amazon's knows how to delete several at once.
            .with_disable_bulk_delete(true)
            .build()
            .map_err(|error| wrong(&error.to_string()))?;
        Ok(S3 { bucket, prefix })
    }

    /// Where a key, or all that begins with a prefix of keys, is.
    fn place(&self, name: &str) -> Result<Place> {
        let parts = key::parts(name)?;
        Ok(self.prefix.parts().chain(parts.into_iter().map(Into::into)).collect())
    }
}

fn failed(what: &'static str) -> impl Fn(object_store::Error) -> Error + Copy {
    move |source| Error::Store { what, source: source.into() }
}

#[async_trait]
impl Store for S3 {
    async fn take(&self, key: &str, from: &Path) -> Result<u64> {
        let place = self.place(key)?;
        let unreadable = || Error::file(from, "cannot be read");
        let mut file = File::open(from).await.map_err(unreadable())?;
        let length = file.metadata().await.map_err(unreadable())?.len();
        let failed = failed("written");
        if length <= PIECE as u64 {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).await.map_err(unreadable())?;
            self.bucket.put(&place, bytes.into()).await.map_err(failed)?;
            return Ok(length);
        }
        let upload = self.bucket.put_multipart(&place).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE);
        let mut piece = vec![0; PIECE];
        loop {
            let read = match file.read(&mut piece).await {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => {
                    // What was sent already would be paid for.
                    let _ = upload.abort().await;
                    return Err(unreadable()(error));
                }
            };
            upload.wait_for_capacity(PIECES).await.map_err(failed)?;
            upload.write(&piece[..read]);
        }
        upload.finish().await.map_err(failed)?;
        Ok(length)
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        self.bucket.put(&self.place(key)?, bytes.into()).await.map_err(failed("written"))?;
        Ok(())
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Content>> {
        let (place, failed) = (self.place(key)?, failed("read"));
        let mut options = GetOptions::default();
        if let Some(range) = range {
            // A bucket refuses what lies beyond the end.
            let length = match self.bucket.head(&place).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                found => found.map_err(failed)?.size,
            };
            let (start, end) = (range.start.min(length), range.end.min(length));
            if start >= end {
                return Ok(Some(Content { length, stream: stream::empty().boxed() }));
            }
            options.range = Some(GetRange::Bounded(start..end));
        }
        let found = match self.bucket.get_opts(&place, options).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(failed)?,
        };
        let length = found.meta.size;
        Ok(Some(Content { length, stream: found.into_stream().map_err(std::io::Error::other).boxed() }))
    }

    async fn fetch(&self, key: &str, to: &Path) -> Result<()> {
        let place = self.place(key)?;
        let mut stream = self.bucket.get(&place).await.map_err(failed("read"))?.into_stream();
        let mut file = File::create_new(to).await.map_err(Error::file(to, "cannot be made"))?;
        while let Some(piece) = stream.try_next().await.map_err(failed("read"))? {
            file.write_all(&piece).await.map_err(Error::file(to, "cannot be written"))?;
        }
        file.flush().await.map_err(Error::file(to, "cannot be written"))
    }

    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.bucket.copy(&self.place(from)?, &self.place(to)?).await.map_err(failed("written"))
    }

    async fn remove(&self, prefix: &str) -> Result<()> {
        let listed = self.bucket.list(Some(&self.place(prefix)?)).map_ok(|object| object.location);
        let mut removed = self.bucket.delete_stream(listed.boxed());
        while let Some(one) = removed.next().await {
            match one {
                // Somebody else was faster.
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed("removed from")(error)),
            }
        }
        Ok(())
    }

    async fn used(&self) -> Result<u64> {
        let listed = self.bucket.list(Some(&self.prefix)).map_ok(|object| object.size);
        listed.try_fold(0, |sum, size| ready(Ok(sum + size))).await.map_err(failed("measured"))
    }
}

#[cfg(test)]
mod tests;
