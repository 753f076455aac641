//! Shapes of generators.

use crate::{
    NetError,
    network::{
        Network, Padding, enlarge, pyramid,
        transform::{self, Joining},
    },
};
use serde::{Deserialize, Serialize};

/// The shape of a generator: which network, with which numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Architecture {
    /// Paints a picture in a style ([`transform`]).
    Transform {
        /// Planes at full, half and quarter size.
        widths: [usize; 3],
        /// Residual blocks at quarter size.
        blocks: usize,
        /// Planes of noise at half size; files without the number have none.
        #[serde(default)]
        noise: usize,
        /// Planes at half size that go past the quarter; files without the number have none.
        #[serde(default)]
        skip: usize,
        /// What surrounds every convolution.
        padding: Padding,
        /// Values the picture is kept within; none leaves them as they come.
        range: Option<[f32; 2]>,
    },
    /// Makes a texture of noise, or paints a picture with it ([`pyramid`]).
    Pyramid {
        /// Sizes at which noise comes in, each half the one before.
        scales: usize,
        /// Planes of every scale's first convolutions.
        planes: usize,
        /// Planes of noise at every scale.
        noise: usize,
        /// What surrounds every convolution.
        padding: Padding,
        /// The picture comes in at every scale beside the noise.
        content: bool,
        /// Values the picture is kept within; none leaves them as they come.
        range: Option<[f32; 2]>,
    },
    /// Enlarges a picture ([`enlarge`]).
    Enlarge {
        /// How many times larger: 2, 4 or 8.
        factor: usize,
        /// Planes of every layer.
        width: usize,
        /// Residual blocks at the picture's own size.
        blocks: usize,
        /// What surrounds every convolution.
        padding: Padding,
    },
}

impl Architecture {
    /// `transform`, `pyramid` or `enlarge`.
    pub fn name(&self) -> &'static str {
        match self {
            Architecture::Transform { .. } => "transform",
            Architecture::Pyramid { .. } => "pyramid",
            Architecture::Enlarge { .. } => "enlarge",
        }
    }

    /// The network; its last layer holds the picture.
    pub fn network(&self) -> Network {
        match *self {
            Architecture::Transform { widths, blocks, noise, skip, padding, range } => {
                squashed(transform::transform(widths, blocks, Joining { noise, skip }, padding), range)
            }
            Architecture::Pyramid { scales, planes, noise, padding, content, range } => {
                squashed(pyramid::pyramid(scales, planes, noise, padding, content), range)
            }
            Architecture::Enlarge { factor, width, blocks, padding } => {
                enlarge::enlarge(factor, width, blocks, padding)
            }
        }
    }

    /// Pictures whose sides are multiples of this come out at exactly their size (times [`factor`](Self::factor)).
    pub fn multiple(&self) -> usize {
        match self {
            Architecture::Transform { .. } => 4,
            Architecture::Pyramid { scales, .. } => 1 << (scales - 1),
            Architecture::Enlarge { .. } => 1,
        }
    }

    /// How many times larger than its input the picture is.
    pub fn factor(&self) -> usize {
        match self {
            Architecture::Enlarge { factor, .. } => *factor,
            Architecture::Transform { .. } | Architecture::Pyramid { .. } => 1,
        }
    }

    /// Refuses numbers that make no network, or one beyond any use.
    ///
    /// # Errors
    /// [`NetError::Architecture`], naming the number and what is allowed.
    pub fn check(&self) -> Result<(), NetError> {
        let within = |what: &'static str, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            let reason = format!("{what} = {value}, where {least} to {most} is allowed");
            Err(NetError::Architecture { kind: self.name(), reason })
        };
        let ordered = |range: &Option<[f32; 2]>| match range {
            Some([low, high]) if !(low < high && (high - low).is_finite()) => {
                let reason = format!("range = [{low}, {high}], where the first must be the smaller");
                Err(NetError::Architecture { kind: self.name(), reason })
            }
            _ => Ok(()),
        };
        match self {
            Architecture::Transform { widths, blocks, noise, skip, range, .. } => {
                widths.iter().try_for_each(|&width| within("width", width, 1, 1024))?;
                within("blocks", *blocks, 0, 64)?;
                within("noise", *noise, 0, 64)?;
                within("skip", *skip, 0, 1024)?;
                ordered(range)
            }
            Architecture::Pyramid { scales, planes, noise, range, .. } => {
                within("scales", *scales, 1, 8)?;
                within("planes", *planes, 1, 256)?;
                within("noise", *noise, 1, 64)?;
                ordered(range)
            }
            Architecture::Enlarge { factor, width, blocks, .. } => {
                if ![2, 4, 8].contains(factor) {
                    let reason = format!("factor = {factor}, where 2, 4 and 8 are allowed");
                    return Err(NetError::Architecture { kind: self.name(), reason });
                }
                within("width", *width, 1, 1024)?;
                within("blocks", *blocks, 0, 64)
            }
        }
    }
}

/// The network with its picture kept within a range.
fn squashed(mut network: Network, range: Option<[f32; 2]>) -> Network {
    if let Some([low, high]) = range {
        let last = network.layers.len() - 1;
        network.push("squash", crate::network::Op::Squash { low, high }, &[last]);
    }
    network
}
