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
    /// A file could not be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program that clips need is missing.
    #[error("clips are read and written by the program {name}, which is not installed")]
    NoProgram {
        /// The program.
        name: String,
    },
    /// A program could not be run.
    #[error("{name} cannot be run: {source}")]
    Program {
        /// The program.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// ffmpeg could not read or write a file.
    #[error("{path}: {reason}")]
    Ffmpeg {
        /// The file.
        path: PathBuf,
        /// What ffmpeg says.
        reason: String,
    },
    /// A clip cannot be used.
    #[error("{path}: {reason}")]
    Clip {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
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

impl Error {
    /// What the user can do about it, a sentence without a final full stop.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::NoProgram { .. } => Some(
                "install it (Debian, Ubuntu: `apt install ffmpeg`; macOS: `brew install ffmpeg`; Windows: `winget install \
                 ffmpeg`), or give a folder of pictures, a .gif or a .y4m file"
                    .into(),
            ),
            Error::Ffmpeg { .. } => {
                Some("play it with `ffplay` to see whether the file is complete, and a clip at all".into())
            }
            Error::Image(error) => error.hint(),
            _ => None,
        }
    }
}
