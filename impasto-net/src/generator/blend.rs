//! One style out of many.

use super::Generator;
use crate::{
    Model, NetError,
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

impl Generator {
    /// The model that paints with `Σ blend[i] · (norm parameters of style i)`, all other parameters shared. Weights that
    /// sum to 1 give a style among those given; others are allowed.
    ///
    /// # Errors
    /// Those of [`Model::new`].
    ///
    /// # Panics
    /// If there are not as many weights as [`Generator::styles`].
    pub fn model(&self, blend: &[f32]) -> Result<Arc<Model>, NetError> {
        assert_eq!(blend.len(), self.styles.len(), "one weight a style");
        let network = self.architecture.network();
        let mut arrays = BTreeMap::new();
        for layer in &network.layers {
            for part in ["weight", "bias"] {
                let name = format!("{}.{part}", layer.parameters);
                let Some(array) = self.arrays.get(&name) else { continue };
                let array = if layer.is_norm() { mixed(array, blend) } else { array.clone() };
                arrays.insert(name, array);
            }
        }
        Model::new(network, Weights::new(arrays, BTreeMap::new()), None)
    }

    /// The weights that give style number `style` alone.
    ///
    /// # Panics
    /// If there is no such style.
    pub fn alone(&self, style: usize) -> Vec<f32> {
        let mut blend = vec![0.0; self.styles.len()];
        blend[style] = 1.0;
        blend
    }
}

/// The weighted sum of an array's rows.
fn mixed(array: &Array, blend: &[f32]) -> Array {
    let planes = array.shape[1];
    let mut sum = vec![0.0; planes];
    for (row, &share) in array.data.chunks_exact(planes).zip(blend) {
        if share == 1.0 && blend.iter().filter(|&&share| share != 0.0).count() == 1 {
            sum.copy_from_slice(row);
        } else if share != 0.0 {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += share * value);
        }
    }
    Array { shape: vec![planes], data: sum }
}
