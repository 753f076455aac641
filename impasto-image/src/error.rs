//! What can go wrong with a picture file, in words a user can act on.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong between a file and its pixels.
///
/// `Display` says what failed, with which value, in which file; [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing exists at the path.
    #[error("{}: no such file", path.display())]
    NotFound {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// A folder stands where a file was expected.
    #[error("{}: is a folder, not a file", path.display())]
    IsDirectory {
        /// The path of the folder.
        path: PathBuf,
    },
    /// The operating system denied access.
    #[error("{}: permission denied", path.display())]
    PermissionDenied {
        /// The path that may not be read or written.
        path: PathBuf,
    },
    /// Reading failed for another reason.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file being read.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file has no content.
    #[error("{}: is empty (0 bytes)", path.display())]
    Empty {
        /// The empty file.
        path: PathBuf,
    },
    /// The file's first bytes are not those of a picture.
    #[error("{}: is not a picture (it looks like {looks_like})", path.display())]
    NotAPicture {
        /// The file.
        path: PathBuf,
        /// What the content looks like instead.
        looks_like: &'static str,
    },
    /// A picture, but of a format or variant this crate does not read.
    #[error("{}: {what} is not supported", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format or variant.
        what: String,
    },
    /// The file is truncated or otherwise broken.
    #[error("{}: is truncated or damaged ({format}: {reason})", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The format's name.
        format: &'static str,
        /// What the decoder stumbled over.
        reason: String,
    },
    /// The picture's declared size is above the [limits](crate::Limits).
    #[error("{}: declares {width}×{height} pixels, more than the limit of {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Declared width in pixels.
        width: u64,
        /// Declared height in pixels.
        height: u64,
        /// The limit in words.
        limit: String,
    },
    /// The file itself holds more bytes than the [limits](crate::Limits) allow.
    #[error("{}: is larger than the limit of {limit} bytes", path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The output's extension names no format that can be written.
    #[error("{}: cannot tell the picture format from the extension {}", path.display(), describe_extension(path))]
    UnknownExtension {
        /// The output path.
        path: PathBuf,
    },
    /// The output exists and may not be replaced.
    #[error("{}: already exists", path.display())]
    Exists {
        /// The output path.
        path: PathBuf,
    },
    /// The folder the output should go to does not exist or is not a folder.
    #[error("{}: its folder {} does not exist", path.display(), folder.display())]
    NoFolder {
        /// The output path.
        path: PathBuf,
        /// The missing folder.
        folder: PathBuf,
    },
    /// The output is a device, a pipe or a socket.
    #[error("{}: is not a regular file", path.display())]
    NotAFile {
        /// The output path.
        path: PathBuf,
    },
    /// Writing failed; nothing was left behind.
    #[error("{}: cannot be written", path.display())]
    Write {
        /// The output path.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The chosen format cannot hold what should be written.
    #[error("{}: {format} cannot hold {what}", path.display())]
    CannotHold {
        /// The output path.
        path: PathBuf,
        /// The format's name.
        format: &'static str,
        /// What does not fit.
        what: String,
    },
    /// A JPEG quality outside 1–100.
    #[error("{}: JPEG quality {quality} is outside 1–100", path.display())]
    Quality {
        /// The output path.
        path: PathBuf,
        /// The quality asked for.
        quality: u8,
    },
    /// A palette cannot be read.
    #[error("palette {origin}: {reason}")]
    Palette {
        /// The file, or the text itself.
        origin: String,
        /// What is wrong with it, with the value.
        reason: String,
    },
    /// Sizes and buffer lengths do not agree, or a side is zero.
    #[error("a picture of {width}×{height} pixels cannot have {what}")]
    Shape {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// What does not agree.
        what: String,
    },
}

impl Error {
    /// What the user can do about it, as one sentence without a final full stop.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotFound { .. } => "check the spelling of the path".into(),
            Self::IsDirectory { .. } => "name a file inside the folder".into(),
            Self::PermissionDenied { .. } => {
                "check who owns the file and its folder, and their permissions".into()
            }
            Self::Empty { .. } | Self::Damaged { .. } => "get the file again from where it came from".into(),
            Self::NotAPicture { .. } => format!("give one of: {}", crate::open::READABLE),
            Self::Unsupported { .. } => "convert it to PNG, TIFF or JPEG with another program".into(),
            Self::TooLarge { .. } => {
                "make the picture smaller with another program, or raise the limit if the file is trustworthy"
                    .into()
            }
            Self::FileTooLarge { .. } => "raise the limit if the file is trustworthy".into(),
            Self::UnknownExtension { .. } => format!("end the name in one of: {}", crate::save::WRITABLE),
            Self::Exists { .. } => "choose another name, or allow overwriting".into(),
            Self::NoFolder { folder, .. } => format!("create the folder {} first", folder.display()),
            Self::NotAFile { .. } => "name an ordinary file".into(),
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space, or write to another disk".into()
                }
                io::ErrorKind::ReadOnlyFilesystem => "write to another folder".into(),
                _ => return None,
            },
            Self::CannotHold { .. } => "choose PNG or TIFF".into(),
            Self::Quality { .. } => "give a quality from 1 to 100; 95 is the default".into(),
            Self::Palette { .. } => format!(
                "give a picture, a GIMP palette, or a text with one colour a line such as #1b3a5f, navy or 27 58 95; at most {} colours",
                crate::color::palette::MOST
            ),
            Self::Read { .. } | Self::Shape { .. } => return None,
        };
        Some(hint)
    }

    /// Sorts an input/output error met while reading `path`.
    pub(crate) fn reading(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { path },
            _ => Self::Read { path, source },
        }
    }

    /// Sorts an input/output error met while writing `path`.
    pub(crate) fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::Write { path, source },
        }
    }
}

fn describe_extension(path: &Path) -> String {
    match path.extension() {
        Some(extension) => format!("“.{}”", extension.to_string_lossy()),
        None => "(there is none)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_by_the_system_are_sorted() {
        let path = Path::new("folder/a.png");
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        for error in [Error::reading(path, denied()), Error::writing(path, denied())] {
            assert_eq!(error.to_string(), "folder/a.png: permission denied");
            assert!(error.hint().is_some());
        }
        let full = Error::writing(path, io::ErrorKind::StorageFull.into());
        assert_eq!(full.to_string(), "folder/a.png: cannot be written");
        assert!(full.hint().is_some_and(|hint| hint.contains("space")));
        assert!(std::error::Error::source(&full).is_some());
        assert!(matches!(Error::reading(path, io::ErrorKind::NotFound.into()), Error::NotFound { .. }));
        assert!(matches!(
            Error::reading(path, io::ErrorKind::IsADirectory.into()),
            Error::IsDirectory { .. }
        ));
        assert!(matches!(Error::reading(path, io::ErrorKind::TimedOut.into()), Error::Read { .. }));
    }
}
