//! Any picture as a style at once: Magenta's arbitrary-style networks (Ghiasi et al. 2017, [`crate::network::magenta`]).
//!
//! ```no_run
//! # fn main() -> Result<(), impasto_net::NetError> {
//! # let (rgb, height, width) = (vec![0.5; 256 * 256 * 3], 256, 256);
//! let magenta = impasto_net::magenta::Magenta::open(None)?;
//! let vector = magenta.style_vector(&rgb, height, width)?;
//! let generator = magenta.transformer(&vector)?;
//! # Ok(())
//! # }
//! ```
//!
//! A style is a vector of [`STYLE`] numbers. Means of vectors are styles between them, weighted as
//! one likes; going on beyond a style, away from the vector of the photograph itself, strengthens it.

use crate::{
    Model, NetError, Plan, Purpose,
    network::{
        Op,
        magenta::{STYLE, VECTOR, predictor, transformer},
    },
    weights::{self, Array, Weights},
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

/// Name of the model file, and of the model built into the program.
const NAME: &str = "magenta";

/// What the transformer's arrays are called behind.
const PREFIX: &str = "transformer.";

/// Both networks.
pub struct Magenta {
    predictor: Arc<Model>,
    /// The predictor planned for the last style's height and width: planning takes as long as running.
    planned: Mutex<Option<((usize, usize), Plan)>>,
    /// The transformer's convolutions, and its norms' dense layers as matrices.
    transformer: Weights,
}

impl Magenta {
    /// The networks built into the program, or those in the folder `models`, laid out as this project's, where one is given.
    ///
    /// # Errors
    /// [`NetError::NotEmbedded`] if the program was built without models and no folder is given; otherwise those of reading
    /// weights.
    pub fn open(models: Option<&Path>) -> Result<Self, NetError> {
        let weights = match models {
            Some(folder) => weights::from_folder(folder, NAME)?,
            None => weights::embedded(NAME)?,
        };
        let of_transformer = weights.names().filter(|name| name.starts_with(PREFIX));
        let arrays = of_transformer.filter_map(|name| Some((name.to_owned(), weights.get(name)?.clone())));
        let transformer = Weights::new(arrays.collect(), weights.metadata().clone());
        let predictor = Model::new(predictor(), weights, None)?;
        Ok(Magenta { predictor, planned: Mutex::default(), transformer })
    }

    /// The vector of a style picture of `height · width` interleaved RGB values in [0, 1].
    ///
    /// The network was trained with whole pictures of 256×256 pixels: scale the picture to about that first, its shorter side
    /// to 256; where it is larger, its finer texture counts as the style. Values are within about ±4.
    ///
    /// # Errors
    /// [`NetError::TooSmall`] below 32 pixels or so.
    ///
    /// # Panics
    /// If `rgb` is of another length.
    pub fn style_vector(&self, rgb: &[f32], height: usize, width: usize) -> Result<Vec<f32>, NetError> {
        // Only a panic of another thread poisons it, and a plan is made anew whatever was left.
        let known = self.planned.lock().map(|mut planned| planned.take()).unwrap_or_default();
        let mut plan = match known {
            Some((size, plan)) if size == (height, width) => plan,
            _ => Plan::new(&self.predictor, height, width, &[VECTOR.to_owned()], Purpose::Forward)?,
        };
        plan.forward(rgb);
        let vector = plan.tap(0).data.to_vec();
        if let Ok(mut planned) = self.planned.lock() {
            *planned = Some(((height, width), plan));
        }
        Ok(vector)
    }

    /// The generator of a style: a model like any other, whose layer [`OUTPUT`](crate::network::magenta::OUTPUT) holds the
    /// picture.
    ///
    /// # Errors
    /// [`NetError::StyleVector`] if the vector has another length; [`NetError::NotFinite`]; those of filling a network with
    /// weights, for files that are not this project's.
    pub fn transformer(&self, vector: &[f32]) -> Result<Arc<Model>, NetError> {
        if vector.len() != STYLE {
            return Err(NetError::StyleVector { found: vector.len(), expected: STYLE });
        }
        if !vector.iter().all(|v| v.is_finite()) {
            return Err(NetError::NotFinite { tensor: "style vector".into() });
        }
        let network = transformer();
        let channels = network.channels();
        let mut arrays = BTreeMap::new();
        for (index, layer) in network.layers.iter().enumerate() {
            let (name, planes) = (&layer.parameters, channels[index]);
            match layer.op {
                Op::Convolution(_) => {
                    for part in ["weight", "bias"] {
                        let name = format!("{name}.{part}");
                        arrays.insert(name.clone(), self.array(&name, None)?.clone());
                    }
                }
                Op::InstanceNorm { .. } => {
                    for (part, source) in [("weight", "scale"), ("bias", "shift")] {
                        let values = self.dense(&format!("{name}.{source}"), planes, vector)?;
                        arrays.insert(format!("{name}.{part}"), values);
                    }
                }
                _ => {}
            }
        }
        Model::new(network, Weights::new(arrays, self.transformer.metadata().clone()), None)
    }

    /// An array of the transformer, of a certain shape where one is given.
    fn array(&self, name: &str, shape: Option<&[usize]>) -> Result<&Array, NetError> {
        let name = format!("{PREFIX}{name}");
        if let Some(shape) = shape {
            self.transformer.check(&name, shape, NAME)?;
        }
        let missing = || NetError::MissingTensor { network: NAME.into(), tensor: name.clone() };
        self.transformer.get(&name).ok_or_else(missing)
    }

    /// matrix · vector + bias.
    fn dense(&self, name: &str, outputs: usize, vector: &[f32]) -> Result<Array, NetError> {
        let matrix = self.array(&format!("{name}.weight"), Some(&[outputs, STYLE]))?;
        let bias = self.array(&format!("{name}.bias"), Some(&[outputs]))?;
        let product = |(row, bias): (&[f32], &f32)| {
            let sum: f64 = row.iter().zip(vector).map(|(w, v)| *w as f64 * *v as f64).sum();
            (sum + *bias as f64) as f32
        };
        let data = matrix.data.chunks_exact(STYLE).zip(&bias.data).map(product).collect();
        Ok(Array { shape: vec![outputs], data })
    }
}
