//! Crops made ready in the background.

use super::Photos;
use crate::Error;
use impasto_image::Picture;
use std::{
    sync::{Arc, mpsc},
    thread,
};

/// Crops that wait.
const READY: usize = 8;

/// The crops of a set of photographs in order, made by a thread of its own.
pub struct Feed {
    crops: mpsc::Receiver<Result<Picture, Error>>,
}

impl Feed {
    /// Crops from number `first` on. The thread ends with the feed.
    ///
    /// # Errors
    /// [`Error::Thread`] if the system has none to give.
    pub fn new(photos: Arc<Photos>, first: usize) -> Result<Feed, Error> {
        let (send, crops) = mpsc::sync_channel(READY);
        let work = move || {
            for index in first.. {
                if send.send(photos.crop(index)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("crops".into()).spawn(work).map_err(Error::Thread)?;
        Ok(Feed { crops })
    }

    /// The next crop.
    ///
    /// # Errors
    /// Those of [`Photos::crop`].
    pub fn next_crop(&mut self) -> Result<Picture, Error> {
        // The thread only ends before the feed if it panicked.
        self.crops.recv().unwrap_or_else(|_| Err(Error::NoPhotos { tried: 0, bad: Vec::new() }))
    }
}
