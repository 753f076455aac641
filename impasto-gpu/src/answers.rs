//! What is read back from a device.

use crate::gpu::Inner;
use impasto_net::engine::EngineError;
use std::ops::Range;
use wgpu::{Buffer, BufferDescriptor, BufferUsages, CommandEncoder, MapMode, PollType};

/// Values on their way to this machine's memory.
pub struct Answers {
    /// None if there are none.
    staging: Option<Buffer>,
    /// Bytes that were copied.
    filled: u64,
}

impl Answers {
    /// With room for `count` values.
    pub fn new(gpu: &Inner, count: usize) -> Answers {
        let staging = (count > 0).then(|| {
            gpu.device.create_buffer(&BufferDescriptor {
                label: Some("answers"),
                size: 4 * count as u64,
                usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
                mapped_at_creation: false,
            })
        });
        Answers { staging, filled: 0 }
    }

    /// Takes the values that are at `place` when the encoder's commands before have run, behind those taken before.
    pub fn copy(&mut self, encoder: &mut CommandEncoder, from: &Buffer, place: &Range<usize>) {
        let bytes = 4 * place.len() as u64;
        if let Some(staging) = self.staging.as_ref().filter(|_| bytes > 0) {
            encoder.copy_buffer_to_buffer(from, 4 * place.start as u64, staging, self.filled, bytes);
            self.filled += bytes;
        }
    }

    /// Waits for everything submitted; all values.
    ///
    /// # Errors
    /// [`EngineError::Failed`].
    pub fn read(self, gpu: &Inner) -> Result<Vec<f32>, EngineError> {
        let Some(staging) = self.staging else { return Ok(Vec::new()) };
        let (tell, told) = std::sync::mpsc::channel();
        staging.map_async(MapMode::Read, .., move |result| {
            // Nobody listens any more if waiting failed.
            let _ = tell.send(result);
        });
        let failed = |why: String| EngineError::Failed(format!("waiting for the device failed: {why}"));
        gpu.device.poll(PollType::wait_indefinitely()).map_err(|error| failed(error.to_string()))?;
        gpu.health.check()?;
        // Another thread's wait may be the one that tells.
        match told.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(failed(error.to_string())),
            Err(error) => return Err(failed(error.to_string())),
        }
        let view = staging.slice(..).get_mapped_range().map_err(|error| failed(error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }
}
