//! Numbers about a picture: losses, features, classes.

use crate::{
    Error, Evaluation, Network, Request, Size,
    objective::{Goal, goal::ByPlane},
    paint::targets,
};
use impasto_image::{Picture, Rectangle, fit_long_side, resize};
use impasto_net::{
    Model, Plan, Purpose,
    network::{Variant, squeezenet::INPUT_SIDE},
};

/// The loss of a picture under a recipe.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Total and weighted terms.
    pub evaluation: Evaluation,
    /// Columns of the picture that was measured.
    pub width: usize,
    /// Rows of the picture that was measured.
    pub height: usize,
    /// Derivative of the total by the picture's interleaved RGB values in [0, 1].
    pub gradient: Vec<f32>,
}

/// Measures `image` against the pictures of `request` under its recipe: with the long side of `image` at the request's
/// size or, with [`Size::Own`], as it is.
///
/// The content picture is resampled to the image's size unless it has it; start, seed and mask of strength do not count,
/// but for regions.
pub fn loss(image: &Picture, request: &Request<'_>) -> Result<Loss, Error> {
    Ok(Measured::new(image, request)?.loss())
}

/// [`loss`], and the parts that the planes have in every style term.
pub fn loss_by_plane(image: &Picture, request: &Request<'_>) -> Result<(Loss, ByPlane), Error> {
    let mut measured = Measured::new(image, request)?;
    let parts = measured.goal.style_by_plane(&mut measured.plan, measured.image.rgb());
    Ok((measured.loss(), parts))
}

/// A goal, and a picture at the size of its plan.
struct Measured {
    goal: Goal,
    plan: Plan,
    image: Picture,
}

impl Measured {
    fn new(image: &Picture, request: &Request<'_>) -> Result<Self, Error> {
        let objective = request.objective()?;
        let (width, height) = match request.size {
            Size::LongSide(long) => fit_long_side(image.width(), image.height(), long),
            Size::Exact { width, height } => (width.max(1), height.max(1)),
            Size::Own => (image.width(), image.height()),
        };
        let model = request.network.load(request.recipe.variant())?;
        let (goal, plan) = targets::measure(request, &objective, &model, (width, height), width.max(height))?;
        Ok(Measured { goal, plan, image: resize(image, width, height)? })
    }

    fn loss(&mut self) -> Loss {
        let (width, height) = (self.image.width(), self.image.height());
        let mut gradient = vec![0.0; self.image.rgb().len()];
        let evaluation = self.goal.evaluate(&mut self.plan, (height, width), self.image.rgb(), &mut gradient);
        Loss { evaluation, width, height, gradient }
    }
}

/// A feature map of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The layer's name.
    pub layer: String,
    /// Planes, rows, columns.
    pub shape: [usize; 3],
    /// Values in that order, columns innermost.
    pub values: Vec<f32>,
}

/// The maps of `layers` for `image` with its long side at `size` pixels or, if 0, as it is.
pub fn features(
    image: &Picture,
    layers: &[String],
    network: &Network,
    variant: Variant,
    size: usize,
) -> Result<Vec<Feature>, Error> {
    let model = network.load(variant)?;
    let (width, height) = fit_long_side(image.width(), image.height(), size);
    let image = resize(image, width, height)?;
    let mut plan = Plan::new(&model, height, width, layers, Purpose::Forward)?;
    plan.forward(image.rgb());
    Ok(layers
        .iter()
        .enumerate()
        .map(|(tap, layer)| {
            let map = plan.tap(tap);
            let (positions, channels) = (map.positions(), map.channels);
            let values = (0..channels)
                .flat_map(|c| (0..positions).map(move |p| (c, p)))
                .map(|(c, p)| map.data[p * channels + c])
                .collect();
            Feature { layer: layer.clone(), shape: [channels, map.height, map.width], values }
        })
        .collect())
}

/// A class of a picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Class {
    /// Number of the class, from 0.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its value before the softmax.
    pub logit: f64,
    /// Its share after the softmax over all classes.
    pub probability: f64,
}

/// The `top` most probable classes of `image`, best first, from its centre square at [`INPUT_SIDE`] pixels.
pub fn classify(image: &Picture, network: &Network, top: usize) -> Result<Vec<Class>, Error> {
    let model = network.load(Variant::default())?;
    let Some(names) = model.classes() else {
        return Err(Error::NotAClassifier { network: model.name().into() });
    };
    let image = resize(&centre_square(image)?, INPUT_SIDE, INPUT_SIDE)?;
    let logits = logits(&model, &image)?;
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|l| (l - largest).exp()).sum();
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
    let class = |index: usize| Class {
        index,
        name: names.get(index).cloned().unwrap_or_default(),
        logit: logits[index],
        probability: (logits[index] - largest).exp() / sum,
    };
    Ok(order.into_iter().take(top).map(class).collect())
}

/// The logits of a picture at its own size.
fn logits(model: &std::sync::Arc<Model>, image: &Picture) -> Result<Vec<f64>, Error> {
    let mut plan = Plan::new(model, image.height(), image.width(), &["logits".into()], Purpose::Forward)?;
    plan.forward(image.rgb());
    Ok(plan.tap(0).data.iter().map(|&v| f64::from(v)).collect())
}

/// The largest square around the centre of a picture, without its alpha: what classifiers are shown.
pub fn centre_square(image: &Picture) -> Result<Picture, Error> {
    Ok(image.cropped(Rectangle::centre_square(image.width(), image.height()))?.without_alpha())
}
