//! Files that are read.

use crate::report;
use anyhow::Context;
use impasto::Network;
use impasto_image::{Limits, Picture, open};
use impasto_net::NetError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A picture that was asked for, opened.
#[derive(Debug)]
pub struct Input {
    /// The path as it was given.
    pub path: PathBuf,
    /// The picture.
    pub picture: Picture,
    /// Bits a sample in the file, at least 8.
    pub bits: u8,
    /// Digest of the file; none for pipes, which cannot be read twice.
    pub sha256: Option<String>,
}

impl Input {
    /// Opens a picture, telling of what had to be worked around.
    pub fn open(path: &Path) -> anyhow::Result<Input> {
        let opened = open(path, &Limits::default())?;
        for warning in &opened.warnings {
            report::warn(format_args!("{}: {warning}", path.display()));
        }
        let sha256 = sha256_of(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Input { path: path.to_owned(), picture: opened.picture, bits: opened.bits, sha256 })
    }

    /// The file, without the picture.
    pub fn file(&self) -> FileRecord {
        FileRecord { path: self.path.clone(), sha256: self.sha256.clone() }
    }
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path as it was given.
    pub path: PathBuf,
    /// SHA-256 in hexadecimal digits; none for pipes.
    pub sha256: Option<String>,
}

/// SHA-256 of a file in hexadecimal digits; none if it is no regular file.
pub fn sha256_of(path: &Path) -> io::Result<Option<String>> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut digits = String::new();
    for byte in hasher.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(Some(digits))
}

/// Digest of a network's file, if it is a user's own.
pub fn digest(network: &Network) -> anyhow::Result<Option<String>> {
    let Network::File(path) = network else { return Ok(None) };
    let failed = |source| impasto::Error::from(NetError::Read { path: path.clone(), source });
    Ok(sha256_of(path).map_err(failed)?)
}
