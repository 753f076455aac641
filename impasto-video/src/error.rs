//! What can go wrong.

use std::path::PathBuf;

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong with frames and their motion.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two frames of one clip differ in size.
    #[error("the frames have different sizes: {0}×{1} and {2}×{3} pixels")]
    Sizes(usize, usize, usize, usize),
    /// A picture could not be read or written.
    #[error(transparent)]
    Image(#[from] impasto_image::Error),
    /// A file could not be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of motion vectors is damaged.
    #[error("{path} is no .flo file: {reason}")]
    Flo {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
