//! The folder beside the output in which the parts of a clip are kept until they are joined.

use crate::tensors::{self, Tensor};
use anyhow::Context;
use impasto_image::{Picture, write_atomically};
use impasto_net::weights;
use impasto_video::Kept;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The folder.
#[derive(Clone, Debug)]
pub struct Parts {
    folder: PathBuf,
}

impl Parts {
    /// That of `output`.
    pub fn of(output: &Path) -> Parts {
        let mut name = output.file_name().unwrap_or_default().to_owned();
        name.push(".parts");
        Parts { folder: output.with_file_name(name) }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes it, unless it exists.
    pub fn make(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot make the folder {}", self.folder.display()))
    }

    /// Removes it with all that it holds, if it exists.
    pub fn remove(&self) -> anyhow::Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove the folder {}", self.folder.display()))
            }
            _ => Ok(()),
        }
    }

    /// The name of a part's file.
    pub fn name(part: &Range<usize>, extension: &str) -> String {
        format!("{:08}-{:08}.{extension}", part.start, part.end)
    }

    /// The path of a part's file.
    pub fn path(&self, part: &Range<usize>, extension: &str) -> PathBuf {
        self.folder.join(Parts::name(part, extension))
    }

    /// The path of a frame's picture.
    pub fn picture(&self, frame: usize) -> PathBuf {
        self.folder.join(format!("{frame:08}.png"))
    }

    /// Whether a part is done.
    pub fn is_done(&self, part: &Range<usize>) -> bool {
        self.path(part, "done").exists()
    }

    /// Notes that a part is done: all that belongs to it is in place.
    pub fn done(&self, part: &Range<usize>) -> anyhow::Result<()> {
        Ok(write_atomically(&self.path(part, "done"), true, |_| Ok(()))?)
    }

    /// Keeps what the frame `frame` needs of the one before, without rounding.
    pub fn save_kept(&self, frame: usize, kept: &Kept) -> anyhow::Result<()> {
        let tensors = [("calm", &kept.calm), ("shown", &kept.shown)];
        let shapes = tensors.map(|(_, picture)| [picture.height(), picture.width(), 3]);
        let tensors: Vec<Tensor> = tensors
            .iter()
            .zip(&shapes)
            .map(|(&(name, picture), shape)| Tensor { name, shape, values: picture.rgb() })
            .collect();
        tensors::write(&self.kept_path(frame), true, &tensors, &[])
    }

    /// What was kept for the frame `frame`; none if it is not there.
    pub fn kept(&self, frame: usize) -> anyhow::Result<Option<Kept>> {
        let path = self.kept_path(frame);
        if !path.exists() {
            return Ok(None);
        }
        let file = weights::open(&path)?;
        let picture = |name: &str| {
            let array = file.get(name).filter(|array| array.shape.len() == 3);
            let array = array.with_context(|| format!("{} holds no picture {name}", path.display()))?;
            anyhow::Ok(Picture::new(array.shape[1], array.shape[0], array.data.clone())?)
        };
        Ok(Some(Kept { calm: picture("calm")?, shown: picture("shown")? }))
    }

    /// Forgets what was kept for the frame `frame`, whose part is done.
    pub fn forget_kept(&self, frame: usize) {
        // One more is only larger, not wrong.
        let _ = std::fs::remove_file(self.kept_path(frame));
    }

    fn kept_path(&self, frame: usize) -> PathBuf {
        self.folder.join(format!("before-{frame:08}.safetensors"))
    }
}
