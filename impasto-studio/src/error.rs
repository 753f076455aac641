//! What can go wrong while the studio starts or keeps its books.

use std::path::PathBuf;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the data folder cannot be used.
    #[error("{path}: {what}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The queue's database failed.
    #[error("the queue cannot be {what}")]
    Queue {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The data folder belongs to a studio that runs.
    #[error("{0} is in use by another studio")]
    InUse(PathBuf),
    /// The address cannot be bound.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// An address that others reach was asked for without a token.
    #[error("{0} can be reached by others, and no token is given")]
    Open(std::net::IpAddr),
    /// A job is not where it would have to be for what was asked.
    #[error("the job {id} is {state}")]
    State {
        /// The job.
        id: String,
        /// Its state.
        state: &'static str,
    },
    /// There is no such job or picture.
    #[error("there is no {0}")]
    Missing(String),
    /// A client has as many unfinished jobs as it may have.
    #[error("{0} jobs of yours wait already")]
    Full(usize),
    /// A job is no longer held by the worker that tells of it.
    #[error("the job {0} is another worker's by now")]
    Lost(String),
    /// An option makes no sense.
    #[error("{0}")]
    Option(String),
}

impl Error {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::InUse(_) => "use the one that runs, or name another folder with --data".into(),
            Error::Listen { .. } => "choose another --port, or 0 for any that is free".into(),
            Error::Open(_) => "give --token, or stay at 127.0.0.1".into(),
            Error::Full(_) => "wait until one is finished, or cancel one".into(),
            Error::File { .. } => "look at the folder's permissions and at the room on the disk".into(),
            _ => return None,
        })
    }

    /// The error of a failed operation on `path`.
    pub(crate) fn file(path: impl Into<PathBuf>, what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { path, what, source }
    }
}
