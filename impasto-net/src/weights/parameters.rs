//! Parameters as a network asks for them: by name and shape.

use super::{Weights, element};
use crate::NetError;
use std::borrow::Cow;

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

    /// The values of the array `name`.
    ///
    /// # Errors
    /// [`NetError::MissingTensor`].
    pub fn values(&self, name: &str, network: &str) -> Result<Cow<'_, [f32]>, NetError> {
        match self.get(name) {
            Some(array) => Ok(Cow::Borrowed(&array.data)),
            None => Err(NetError::MissingTensor { network: network.to_owned(), tensor: name.to_owned() }),
        }
    }
}
