//! Compiled shaders, kept on the disk where the interface has that (Vulkan): the next start need not compile them.
//!
//! They are in `impasto` in the user's folder of caches, a file a device. Whatever goes wrong with it costs time only.
#![allow(unsafe_code)]

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};
use wgpu::{AdapterInfo, Device, Features, PipelineCache, PipelineCacheDescriptor};

/// A device's compiled shaders.
pub struct Compiled {
    kept: Option<(PipelineCache, PathBuf)>,
    /// Whether there are some that the file may not have.
    new: AtomicBool,
}

impl Compiled {
    /// Those of a device, with what the file has of them.
    pub fn open(device: &Device, info: &AdapterInfo) -> Compiled {
        Compiled { kept: kept(device, info), new: AtomicBool::new(false) }
    }

    /// Where pipelines are looked up.
    pub fn cache(&self) -> Option<&PipelineCache> {
        self.kept.as_ref().map(|(cache, _)| cache)
    }

    /// Takes note that a shader was asked for.
    pub fn note_new(&self) {
        self.new.store(true, Ordering::Relaxed);
    }

    /// Writes the file if there may be something new.
    pub fn save(&self) {
        if !self.new.swap(false, Ordering::Relaxed) {
            return;
        }
        let Some((cache, path)) = &self.kept else { return };
        let Some(data) = cache.get_data() else { return };
        let sealed = [&seal(&data).to_le_bytes()[..], &data].concat();
        if fs::read(path).is_ok_and(|known| known == sealed) {
            return;
        }
        // Another process may write it, too: each has its own file until it is whole.
        let own = path.with_extension(std::process::id().to_string());
        if fs::write(&own, sealed).and_then(|()| fs::rename(&own, path)).is_err() {
            let _ = fs::remove_file(&own);
        }
    }
}

fn kept(device: &Device, info: &AdapterInfo) -> Option<(PipelineCache, PathBuf)> {
    if !device.features().contains(Features::PIPELINE_CACHE) {
        return None;
    }
    let folder = folder()?;
    fs::create_dir_all(&folder).ok()?;
    let path = folder.join(wgpu::util::pipeline_cache_key(info)?);
    let data = read(&path);
    let descriptor =
        PipelineCacheDescriptor { label: Some("compiled shaders"), data: data.as_deref(), fallback: true };
    // SAFETY: the data is what `get_data` gave, as its seal shows; wgpu checks that it is of this device and driver.
    let cache = unsafe { device.create_pipeline_cache(&descriptor) };
    Some((cache, path))
}

/// What was written to a file, if it is still whole.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut sealed = fs::read(path).ok()?;
    let data = sealed.split_off(sealed.len().min(8));
    (sealed == seal(&data).to_le_bytes()).then_some(data)
}

/// What tells a file that was damaged, or written by another version.
fn seal(data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), data).hash(&mut hasher);
    hasher.finish()
}

/// Impasto's folder in the user's folder of caches.
fn folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else {
        variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))
    };
    Some(caches?.join("impasto"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_are_not_read() {
        let path = std::env::temp_dir().join(format!("impasto-compiled-{}", std::process::id()));
        let data = b"shaders".to_vec();
        let sealed = [&seal(&data).to_le_bytes()[..], &data].concat();
        fs::write(&path, &sealed).unwrap();
        assert_eq!(read(&path), Some(data));
        for damaged in [&sealed[..sealed.len() - 1], &sealed[..3], b""] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(read(&path), None);
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&path), None);
    }
}
