//! Folders that one process uses at a time.

use crate::error::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::path::Path;

/// Makes a folder if it is missing, and locks it for as long as the file lives; fails if another process has it.
pub fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).map_err(Error::file(folder, "cannot be made"))?;
    let path = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(Error::file(&path, "cannot be opened"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::file(&path, "cannot be locked")(error)),
    }
}
