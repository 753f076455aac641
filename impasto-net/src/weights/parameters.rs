//! Parameters as a network asks for them: by name and shape.

use super::{Array, Codes, Weights, element};
use crate::NetError;

impl Weights {
    /// Checks that the array `name` exists, has the shape that the network called `network` needs, and is finite.
    ///
    /// # Errors
    /// [`NetError::MissingTensor`], [`NetError::TensorShape`], or [`NetError::NotFinite`].
    pub fn check(&self, name: &str, expected: &[usize], network: &str) -> Result<(), NetError> {
        let tensor = || name.to_owned();
        let Some(array) = self.get(name) else {
            return Err(NetError::MissingTensor { network: network.to_owned(), tensor: tensor() });
        };
        if array.shape != expected || array.data.len() != expected.iter().product::<usize>() {
            let (found, expected) = (array.shape.clone(), expected.to_vec());
            let network = network.to_owned();
            return Err(NetError::TensorShape { network, tensor: tensor(), found, expected });
        }
        if !element::finite(&array.data) {
            return Err(NetError::NotFinite { tensor: tensor() });
        }
        Ok(())
    }

    /// Removes how the array of that name was stored, if as indices.
    pub(crate) fn take_codes(&mut self, name: &str) -> Option<Codes> {
        self.codes.remove(name)
    }

    /// Removes the array `name` and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Array> {
        self.codes.remove(name);
        self.arrays.remove(name)
    }

    /// Removes the array `name` and returns it if it passes [`Weights::check`].
    ///
    /// # Errors
    /// Those of [`Weights::check`].
    pub fn take(&mut self, name: &str, expected: &[usize], network: &str) -> Result<Array, NetError> {
        self.check(name, expected, network)?;
        Ok(self.remove(name).unwrap_or_default())
    }
}
