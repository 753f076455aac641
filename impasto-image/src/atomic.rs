//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Writes `path` through a temporary file in the same folder, which takes the name only once it is complete and on disk.
///
/// An existing file is replaced only if `overwrite` is set, and then keeps its permissions; a new one gets the ordinary
/// ones (0666 less the umask). A symbolic link is followed, and stays. Whatever fails, nothing is left behind, and a
/// file that existed is unchanged; only a process killed meanwhile leaves a hidden `.impasto-….part`. Devices and pipes
/// are refused.
pub fn write_atomically<F>(path: &Path, overwrite: bool, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    let target = destination(path, overwrite)?;
    let temporary = temporary_beside(path, &target)?;
    let failed = |source| Error::writing(path, source);

    let (file, name) = temporary.into_parts();
    let mut buffered = BufWriter::with_capacity(1 << 18, file);
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(failed)?;
    let file = buffered.into_inner().map_err(|e| failed(e.into_error()))?;
    if let Ok(existing) = fs::metadata(&target) {
        file.set_permissions(existing.permissions()).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    drop(file);

    if overwrite {
        name.persist(&target).map_err(|e| failed(e.error))?;
    } else {
        name.persist_noclobber(&target).map_err(|e| failed(e.error))?;
    }
    // The name itself is on disk once its folder is. Some file systems cannot do this; the data are safe by now.
    if let Ok(folder) = File::open(folder_of(&target)) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Whether `path` could be written: to be asked before hours of work.
///
/// The folder must exist and accept a new file, the target must not be a folder or device, and must not exist unless
/// `overwrite` is set.
pub fn check_destination(path: &Path, overwrite: bool) -> Result<()> {
    let target = destination(path, overwrite)?;
    temporary_beside(path, &target).map(drop)
}

/// Follows symbolic links to the file that would be written, and refuses what may not be.
fn destination(path: &Path, overwrite: bool) -> Result<PathBuf> {
    let mut target = path.to_owned();
    // As many hops as Linux allows; a longer chain is a loop.
    for hop in 0.. {
        match fs::read_link(&target) {
            Ok(_) if hop == 40 => {
                let source =
                    io::Error::new(io::ErrorKind::InvalidInput, "the symbolic link points to itself");
                return Err(Error::Write { path: path.to_owned(), source });
            }
            Ok(link) => target = folder_of(&target).join(link),
            Err(_) => break,
        }
    }
    match fs::metadata(&target) {
        Ok(data) if data.is_dir() => Err(Error::IsDirectory { path: path.to_owned() }),
        Ok(data) if !data.is_file() => Err(Error::NotAFile { path: path.to_owned() }),
        Ok(_) if !overwrite => Err(Error::Exists { path: path.to_owned() }),
        Ok(_) => Ok(target),
        Err(e) if e.kind() == io::ErrorKind::NotFound || e.kind() == io::ErrorKind::NotADirectory => {
            let folder = folder_of(&target);
            if target.file_name().is_none() {
                return Err(Error::IsDirectory { path: path.to_owned() });
            }
            if !folder.is_dir() {
                return Err(Error::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
            }
            Ok(target)
        }
        Err(e) => Err(Error::writing(path, e)),
    }
}

fn temporary_beside(path: &Path, target: &Path) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".impasto-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Without this the file would keep a temporary file's 0600 after it has taken its name.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(target)).map_err(|e| Error::writing(path, e))
}

/// The folder a path lies in; the current one for a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
