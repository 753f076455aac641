//! The noise of a plan's layers of noise.

use super::GpuPlan;
use crate::{
    kernel::Kernel,
    record::{Dispatch, Finish, Op},
};
use impasto_net::{
    Grain,
    device::{Shape, noise_key},
    engine::{EngineError, Job},
};

/// A layer of noise.
pub struct NoiseLayer {
    /// Number of its dispatch on the way there.
    dispatch: usize,
    stream: u32,
    shape: Shape,
    /// Where its map begins.
    at: usize,
}

/// The layers of noise whose dispatches, streams and values are these.
pub fn layers(job: &Job<'_>, noise: &[(usize, u32, usize)]) -> Vec<NoiseLayer> {
    let layer = |&(dispatch, stream, value): &(usize, u32, usize)| NoiseLayer {
        dispatch,
        stream,
        shape: job.schedule.values[value].shape,
        at: job.layout.maps[value].start,
    };
    noise.iter().map(layer).collect()
}

impl GpuPlan {
    /// Makes the layers give the noise of `grain` from the next pass on.
    pub(super) fn choose_noise(&mut self, grain: &Grain) -> Result<(), EngineError> {
        if self.noise.is_empty() || self.grain.as_ref() == Some(grain) {
            return Ok(());
        }
        for NoiseLayer { dispatch, stream, shape, at } in &self.noise {
            let places = match grain.places_of(shape.positions()) {
                Some(places) => {
                    let buffer = self.gpu.storage("places of noise", 4 * places.len() as u64)?;
                    self.gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(places));
                    Some(buffer)
                }
                None => None,
            };
            let planes = if places.is_some() { shape.channels } else { 0 };
            let words = [noise_key(grain.seed, *stream), shape.len() as u32, planes as u32, 0];
            let op = Op::each(Kernel::Noise, &Finish::plain(*at, shape.channels), &words, shape.len());
            self.forward[*dispatch] = Dispatch::new(&self.gpu, &self.shared, &op, places.as_ref());
        }
        self.grain = Some(grain.clone());
        Ok(())
    }
}
