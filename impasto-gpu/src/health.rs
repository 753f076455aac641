//! What went wrong with a device.

use impasto_net::engine::EngineError;
use std::sync::{Mutex, PoisonError};

/// The first error that the driver reported on its own. From then on nothing is trusted to the device: what failed may be
/// anybody's.
#[derive(Default)]
pub struct Health(Mutex<Option<EngineError>>);

impl Health {
    /// Takes note of an error of wgpu.
    pub fn note(&self, error: &wgpu::Error) {
        self.keep(match error {
            wgpu::Error::OutOfMemory { .. } => EngineError::Memory("the device has no memory left".into()),
            other => EngineError::Failed(format!("the driver reports: {other}")),
        });
    }

    /// Takes note that the device went away.
    pub fn lose(&self, why: &str) {
        self.keep(EngineError::Failed(format!("the device was lost: {why}")));
    }

    fn keep(&self, error: EngineError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Fails if something was noted.
    pub fn check(&self) -> Result<(), EngineError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_first_is_told_from_then_on() {
        let health = Health::default();
        assert_eq!(health.check(), Ok(()));
        health.lose("unplugged");
        health.note(&wgpu::Error::OutOfMemory { source: "full".into() });
        for _ in 0..2 {
            assert!(matches!(health.check(), Err(EngineError::Failed(why)) if why.contains("unplugged")));
        }
    }
}
