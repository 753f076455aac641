//! A network together with its weights.

use crate::{
    NetError,
    engine::{Placement, default_placement},
    network::{InputConvention, Network, Op, Variant, squeezenet, vgg},
    weights::{self, Array, Codes, Convention, VggKind, Weights},
};
use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::Arc};

/// A network with weights, ready to be planned. Shared between plans.
pub struct Model {
    network: Network,
    source: Source,
    classes: Option<&'static [String]>,
    /// Where plans of it run; none for this machine's processor.
    placement: Option<Placement>,
    identity: Arc<()>,
}

/// Where parameters are.
#[derive(Clone)]
enum Source {
    /// In memory.
    Loaded(Arc<Weights>),
    /// Compressed inside the program; decoded when a plan asks for them.
    Embedded(&'static str),
}

/// Weight and bias of a convolution, or scale and shift of a norm.
pub(crate) struct Parameters<'a> {
    pub weight: Cow<'a, [f32]>,
    pub bias: Cow<'a, [f32]>,
    /// How the weight was stored, if as indices.
    pub codes: Option<Cow<'a, Codes>>,
}

/// Names that [`Model::named`] knows.
pub const NAMES: [&str; 2] = ["vgg19", "squeezenet"];

impl Model {
    /// The model named `vgg19` or `squeezenet`: built into the program, or read from the folder `models` where one is
    /// given. `variant` concerns VGG only.
    ///
    /// # Errors
    /// [`NetError::NotEmbedded`] for other names, or if the program was built without models and no folder is given;
    /// otherwise those of reading weights.
    pub fn named(name: &str, variant: Variant, models: Option<&Path>) -> Result<Arc<Model>, NetError> {
        let (name, network, classes) = match name {
            "vgg19" => ("vgg19", vgg::vgg19(InputConvention::CAFFE, variant), None),
            "squeezenet" => ("squeezenet", squeezenet::squeezenet(), Some(weights::imagenet_classes())),
            _ => return Err(NetError::NotEmbedded { name: name.into() }),
        };
        if let Some(folder) = models {
            return Model::new(network, weights::from_folder(folder, name)?, classes);
        }
        // Nothing is decoded yet; this tells whether the program holds the model at all.
        weights::embedded_some(name, &|_| false)?;
        Ok(Arc::new(Model {
            network,
            source: Source::Embedded(name),
            classes,
            placement: default_placement(),
            identity: Arc::default(),
        }))
    }

    /// A user's own VGG-16 or VGG-19: safetensors or PyTorch `.pth`, in torchvision's naming or this project's.
    ///
    /// # Errors
    /// Those of reading weights and of filling the network with them.
    pub fn open(path: &Path, variant: Variant) -> Result<Arc<Model>, NetError> {
        let (kind, convention, weights) = weights::open_vgg(path)?;
        let input = match convention {
            Convention::Caffe => InputConvention::CAFFE,
            Convention::Torchvision => InputConvention::TORCHVISION,
        };
        let network = match kind {
            VggKind::Vgg16 => vgg::vgg16(input, variant),
            VggKind::Vgg19 => vgg::vgg19(input, variant),
        };
        Model::new(network, weights, None)
    }

    /// Fills `network` with `weights`.
    ///
    /// # Errors
    /// If a parameter is missing or of another shape than its layer needs; [`NetError::Unequal`]; [`NetError::Planes`].
    pub fn new(
        network: Network,
        weights: Weights,
        classes: Option<&'static [String]>,
    ) -> Result<Arc<Model>, NetError> {
        let channels = network.channels();
        for (index, layer) in network.layers.iter().enumerate() {
            if layer.op == Op::Add && channels[layer.inputs[0]] != channels[layer.inputs[1]] {
                return Err(NetError::Unequal { network: network.name.clone(), layer: layer.name.clone() });
            }
            if let Op::Depthwise(conv) = layer.op
                && conv.outputs != channels[index]
            {
                let (network, layer) = (network.name.clone(), layer.name.clone());
                return Err(NetError::Planes {
                    network,
                    layer,
                    found: conv.outputs,
                    expected: channels[index],
                });
            }
            let shapes = network.parameter_shapes(index, &channels);
            for (part, shape) in ["weight", "bias"].iter().zip(shapes.iter().flatten()) {
                weights.check(&format!("{}.{part}", layer.parameters), shape, &network.name)?;
            }
        }
        Ok(Arc::new(Model {
            network,
            source: Source::Loaded(Arc::new(weights)),
            classes,
            placement: default_placement(),
            identity: Arc::default(),
        }))
    }

    /// The same model living elsewhere: where plans of it run. None means this machine's processor. Models begin where
    /// [`set_default`](crate::engine::set_default) says.
    pub fn on(&self, placement: Option<Placement>) -> Arc<Model> {
        let (network, source, identity) = (self.network.clone(), self.source.clone(), self.identity.clone());
        Arc::new(Model { network, source, identity, classes: self.classes, placement })
    }

    /// What models of the same weights share, as long as one of them lives: engines keep what they made of the weights by it.
    pub fn identity(&self) -> &Arc<()> {
        &self.identity
    }

    /// Where it lives; none for this machine's processor.
    pub fn placement(&self) -> Option<&Placement> {
        self.placement.as_ref()
    }

    /// The network's layers.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Short name, such as `vgg19`.
    pub fn name(&self) -> &str {
        &self.network.name
    }

    /// Every layer's name in order, such as `conv1_1`, `relu1_1`, `pool1`.
    pub fn layers(&self) -> Vec<String> {
        self.network.layers.iter().map(|layer| layer.name.clone()).collect()
    }

    /// Class names, where the network is a classifier.
    pub fn classes(&self) -> Option<&[String]> {
        self.classes
    }

    /// The weights' remarks on themselves: source, licence; none for models that are built into the program.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        match &self.source {
            Source::Loaded(weights) => weights.metadata(),
            Source::Embedded(_) => &NONE,
        }
    }

    /// Weight and bias of the layer at index `layer`, with the names they have in files; none if it has no parameters.
    ///
    /// # Errors
    /// Those of decoding a model that is built into the program.
    pub fn arrays(&self, layer: usize) -> Result<Option<[(String, Array); 2]>, NetError> {
        let channels = self.network.channels();
        let Some([weight, bias]) = self.network.parameter_shapes(layer, &channels) else { return Ok(None) };
        let parameters = self.parameters(layer)?;
        let name = |part: &str| format!("{}.{part}", self.network.layers[layer].parameters);
        let weight = Array { shape: weight, data: parameters.weight.into_owned() };
        let bias = Array { shape: bias, data: parameters.bias.into_owned() };
        Ok(Some([(name("weight"), weight), (name("bias"), bias)]))
    }

    /// Weight and bias of the convolution or norm at index `layer`.
    pub(crate) fn parameters(&self, layer: usize) -> Result<Parameters<'_>, NetError> {
        let prefix = format!("{}.", self.network.layers[layer].parameters);
        let [weight, bias] = ["weight", "bias"].map(|part| format!("{prefix}{part}"));
        let missing =
            |tensor: &str| NetError::MissingTensor { network: self.name().into(), tensor: tensor.into() };
        match &self.source {
            Source::Loaded(weights) => {
                let values = |name| weights.get(name).ok_or_else(|| missing(name));
                Ok(Parameters {
                    weight: Cow::Borrowed(&values(&weight)?.data),
                    bias: Cow::Borrowed(&values(&bias)?.data),
                    codes: weights.codes(&weight).map(Cow::Borrowed),
                })
            }
            Source::Embedded(model) => {
                let mut weights = weights::embedded_some(model, &|name| name.starts_with(&prefix))?;
                let codes = weights.take_codes(&weight).map(Cow::Owned);
                let mut values = |name| weights.remove(name).ok_or_else(|| missing(name));
                let (weight, bias) = (Cow::Owned(values(&weight)?.data), Cow::Owned(values(&bias)?.data));
                Ok(Parameters { weight, bias, codes })
            }
        }
    }
}
