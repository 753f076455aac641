//! Generators: networks that paint a picture in one pass, in one style or in many.
//!
//! - [`Architecture`]: the shape of the network, as data that a file carries
//! - [`Generator`]: an architecture with its parameters; the norms (Dumoulin et al., "A Learned Representation for Artistic
//!   Style", 2017), or all layers (Wang et al., "Deep Network Interpolation", 2019), have one set for every style, and sets
//!   can be blended
//! - [`mod@file`]: generators on disk

mod architecture;
mod blend;
pub mod file;
mod pytorch;
mod start;
mod widen;

pub use architecture::Architecture;

use crate::{NetError, network::Network, weights::Array};
use std::collections::BTreeMap;

/// The style that leaves a photograph as it is, where a generator has learnt it.
pub const PHOTO: &str = "photo";

/// Names of the generators that are built into the program, see [`Generator::built_in`].
pub const BUILT_IN: [&str; 3] = ["styles", "texture", "upscale"];

/// A network that paints, with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    architecture: Architecture,
    styles: Vec<String>,
    arrays: BTreeMap<String, Array>,
    remarks: BTreeMap<String, String>,
}

impl Generator {
    /// A generator of these parameters, named as the network's. Those of norms have the shape [styles, planes], all
    /// others that of their layers, or [styles, …] where every style has its own. `remarks` are what its file says of it:
    /// source, licence, how it was trained.
    ///
    /// # Errors
    /// [`NetError::Architecture`]; [`NetError::MissingTensor`] or [`NetError::TensorShape`] where the parameters are not
    /// the architecture's.
    pub fn new(
        architecture: Architecture,
        styles: Vec<String>,
        arrays: BTreeMap<String, Array>,
        remarks: BTreeMap<String, String>,
    ) -> Result<Generator, NetError> {
        architecture.check()?;
        let generator = Generator { architecture, styles, arrays, remarks };
        for (name, expected) in generator.shapes() {
            let array = generator.arrays.get(&name);
            let found = array.map(|array| &array.shape);
            let own = || [&[generator.styles.len()], &expected[..]].concat();
            if found.is_some_and(|found| *found == expected || expected.len() != 2 && *found == own()) {
                continue;
            }
            let network = generator.architecture.name().to_owned();
            return Err(match found {
                None => NetError::MissingTensor { network, tensor: name },
                Some(found) => {
                    NetError::TensorShape { network, tensor: name, found: found.clone(), expected }
                }
            });
        }
        Ok(generator)
    }

    /// The shape of the network.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Names of the styles in order; at least one.
    pub fn styles(&self) -> &[String] {
        &self.styles
    }

    /// Names of the styles but for the photograph as it is.
    pub fn painted(&self) -> impl Iterator<Item = &str> {
        self.styles.iter().map(String::as_str).filter(|style| *style != PHOTO)
    }

    /// All parameters by name.
    pub fn arrays(&self) -> &BTreeMap<String, Array> {
        &self.arrays
    }

    /// The parameters, to be changed by training.
    pub fn arrays_mut(&mut self) -> impl Iterator<Item = (&str, &mut [f32])> {
        self.arrays.iter_mut().map(|(name, array)| (&name[..], &mut array.data[..]))
    }

    /// Whether the parameter array `name` has one row for every style.
    pub fn by_style(&self, name: &str) -> bool {
        self.arrays.get(name).is_some_and(is_by_style)
    }

    /// What its file says of it.
    pub fn remarks(&self) -> &BTreeMap<String, String> {
        &self.remarks
    }

    /// Says something else of it.
    pub fn set_remarks(&mut self, remarks: BTreeMap<String, String>) {
        self.remarks = remarks;
    }

    /// Number of parameters.
    pub fn len(&self) -> usize {
        self.arrays.values().map(|array| array.data.len()).sum()
    }

    /// Whether it has no parameters, which no architecture allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shapes of all parameters by name.
    fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        parameter_shapes(&self.architecture.network(), self.styles.len())
    }
}

/// Whether an array has one row for every style: shared are filters, of four axes, and biases, of one.
fn is_by_style(array: &Array) -> bool {
    matches!(array.shape.len(), 2 | 5)
}

/// Names and shapes of the parameters of `network`, norms with one set for each of `styles` styles.
fn parameter_shapes(network: &Network, styles: usize) -> BTreeMap<String, Vec<usize>> {
    let channels = network.channels();
    let mut shapes = BTreeMap::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let found = network.parameter_shapes(index, &channels);
        for (part, mut shape) in ["weight", "bias"].iter().zip(found.into_iter().flatten()) {
            if layer.is_norm() {
                shape.insert(0, styles);
            }
            shapes.insert(format!("{}.{part}", layer.parameters), shape);
        }
    }
    shapes
}
