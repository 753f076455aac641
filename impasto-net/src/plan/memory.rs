//! What a plan's memory is for.

/// Bytes that a plan holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Maps and cotangents, which share their places.
    pub maps: usize,
    /// Which values ReLUs let pass.
    pub masks: usize,
    /// Where pools found their maxima.
    pub switches: usize,
    /// Temporary memory of the convolutions.
    pub workspace: usize,
    /// Weights arranged for the device, in the directions needed.
    pub filters: usize,
    /// Derivatives by the parameters.
    pub gradients: usize,
}

impl Memory {
    /// Everything but filters and gradients: what grows with the picture.
    pub fn of_size(&self) -> usize {
        self.maps + self.masks + self.switches + self.workspace
    }
    /// Everything.
    pub fn total(&self) -> usize {
        self.of_size() + self.filters + self.gradients
    }
}
