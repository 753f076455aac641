//! What units see in photos, and their back-projections, by as many threads as there are: a photo's patches are one job,
//! because plans of the small windows around units leave little to share out.

use super::index::{Patch, Photo};
use super::photos::sized;
use crate::interrupt;
use crate::page::uri;
use anyhow::Context;
use impasto::see::closeup::{Closeup, Projections};
use impasto::see::sheet::{crop, fitted};
use impasto::see::show;
use impasto_image::Picture;
use impasto_net::{Model, ReluRule};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

/// The units to show in one photo.
pub struct Job<'a> {
    /// The photo.
    pub photo: &'a Photo,
    /// Plane, row and column of each.
    pub units: Vec<(usize, (usize, usize))>,
}

/// How patches are made.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// The network.
    pub model: &'a Arc<Model>,
    /// The units' layer.
    pub layer: &'a str,
    /// The way back.
    pub rule: ReluRule,
    /// Where the photos are.
    pub folder: &'a Path,
    /// Long side of the photos as the network sees them.
    pub size: usize,
    /// Long side of the patches' pictures.
    pub tile: usize,
}

/// A unit's patch, and the values of its back-projection: interleaved RGB.
pub type Made = (Patch, Vec<f32>);

/// Makes all patches, in any order, until the user asks to stop; `take` gets them with the numbers of job and unit.
pub fn make(
    making: Making<'_>,
    jobs: &[Job<'_>],
    take: &mut dyn FnMut((usize, usize), Made) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(jobs.len()).max(1);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads / workers).build();
                let work = || work(making, jobs, next, &sender);
                let result = pool.context("cannot start threads").and_then(|pool| pool.install(work));
                if let Err(error) = result {
                    let _ = sender.send(Err(error));
                }
            });
        }
        drop(sender);
        for made in receiver {
            let taken = made.and_then(|(numbers, made)| take(numbers, made));
            if taken.is_err() {
                // Nobody begins another job.
                next.store(jobs.len(), Ordering::Relaxed);
                return taken;
            }
        }
        Ok(())
    })
}

type Sender = mpsc::Sender<anyhow::Result<((usize, usize), Made)>>;

/// Does jobs as long as there are any.
fn work(making: Making<'_>, jobs: &[Job<'_>], next: &AtomicUsize, sender: &Sender) -> anyhow::Result<()> {
    let mut closeup = Closeup::new(making.model, making.layer)?;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(Job { photo, units }) = jobs.get(number).filter(|_| !interrupt::requested()) else {
            return Ok(());
        };
        let picture = sized(&making.folder.join(&photo.path), making.size)?;
        let mut found = Vec::new();
        closeup.project_all(&picture, units, &[making.rule], &mut |unit, seen| found.push((unit, seen)))?;
        for (unit, projections) in found {
            let made = shown(&picture, projections, making.tile)?;
            if sender.send(Ok(((number, unit), made))).is_err() {
                return Ok(());
            }
        }
    }
}

/// A unit's part of the picture beside its back-projection.
fn shown(picture: &Picture, projections: Projections, tile: usize) -> anyhow::Result<Made> {
    let (rows, columns) = projections.field;
    let values = projections.values.into_iter().next().unwrap_or_default();
    let (least, most) = show::range(&values);
    let drawn = show::signed(&values, show::full_contrast(&values));
    let drawn = Picture::new(columns.len(), rows.len(), drawn)?;
    let patch = crop(picture.rgb(), picture.width(), (rows.clone(), columns.clone()))?;
    let patch = Patch {
        seen: [rows.start, rows.end, columns.start, columns.end],
        range: [least, most],
        patch: uri(&fitted(&patch, tile)?)?,
        projection: uri(&fitted(&drawn, tile)?)?,
    };
    Ok((patch, values))
}
