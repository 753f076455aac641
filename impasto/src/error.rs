//! What can go wrong while painting or measuring.

use impasto_net::NetError;
use std::path::PathBuf;

/// An error of reading a recipe, painting or measuring; [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A network could not be loaded or planned.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A picture could not be resized or built.
    #[error(transparent)]
    Image(#[from] impasto_image::Error),
    /// A recipe's name is neither a preset's nor a file's.
    #[error("there is no recipe {name:?}")]
    UnknownRecipe {
        /// The name given.
        name: String,
        /// Names of the presets.
        presets: Vec<String>,
    },
    /// A recipe's file could not be read.
    #[error("cannot read recipe {}", path.display())]
    ReadRecipe {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A recipe is not well-formed, or has an unknown key or a value of the wrong kind.
    #[error("recipe {origin}, line {line} ({text:?}): {reason}")]
    RecipeSyntax {
        /// The preset's name or the file.
        origin: String,
        /// Line, counted from 1.
        line: usize,
        /// That line.
        text: String,
        /// What is wrong, with what was expected.
        reason: String,
    },
    /// A recipe's value is out of range.
    #[error("recipe {origin}: {key} = {value} is not allowed")]
    RecipeValue {
        /// The preset's name or the file.
        origin: String,
        /// The key, with its section.
        key: &'static str,
        /// The value found.
        value: String,
        /// What is allowed.
        remedy: &'static str,
    },
    /// A list of layers is not of the form `NAME[:WEIGHT],…`.
    #[error("layer list {text:?}: {reason}")]
    LayerList {
        /// The list or its faulty part.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A list of planes is not of the form `LAYER[:PLANE[-PLANE]],…`, or names a layer that the style does not read.
    #[error("plane list {text:?}: {reason}")]
    PlaneList {
        /// The list or its faulty part.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// None of the photographs to learn from can be used.
    #[error("none of the {tried} photographs can be used{}", first_reason(bad))]
    NoPhotos {
        /// How many there are.
        tried: usize,
        /// Those that were tried, with the reason.
        bad: Vec<(PathBuf, String)>,
    },
    /// A training's loss or its derivatives are infinite or undefined.
    #[error(
        "the training diverged: the loss of iteration {iteration} is {loss}, or its derivatives are not finite"
    )]
    Diverged {
        /// The iteration, counted from 1.
        iteration: usize,
        /// Its loss.
        loss: f64,
    },
    /// A generator to go on from has another shape or other styles.
    #[error("the generator to begin with has another architecture or another number of styles")]
    OtherGenerator,
    /// A file is not the state of a training.
    #[error("{} is not the state of a training: {reason}", path.display())]
    TrainingState {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system gives no thread.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
    /// A mask leaves nothing of a picture.
    #[error("the mask of {what} is black everywhere")]
    EmptyMask {
        /// Whose mask it is.
        what: String,
    },
    /// A mask covers a whole picture.
    #[error("the mask of what to erase covers the whole picture")]
    NothingAround,
    /// A choice such as a statistic has an unknown name.
    #[error("{what}: {reason}")]
    Choice {
        /// What was to be chosen.
        what: String,
        /// What was given and what is possible.
        reason: String,
    },
    /// A picture that the request needs is absent.
    #[error("a {role} picture is needed for {purpose}")]
    MissingPicture {
        /// `content` or `style`.
        role: &'static str,
        /// What needs it.
        purpose: &'static str,
    },
    /// A picture has not the size that it must have.
    #[error("{what} has {}×{} pixels instead of {}×{}", size.0, size.1, wanted.0, wanted.1)]
    OtherSize {
        /// Which picture.
        what: &'static str,
        /// Its width and height.
        size: (usize, usize),
        /// Those it must have.
        wanted: (usize, usize),
    },
    /// Neither content nor style has a weight.
    #[error("there is nothing to paint: neither content nor style has a weight in recipe {origin}")]
    NothingToOptimise {
        /// The recipe.
        origin: String,
    },
    /// The loss of the starting picture is infinite or undefined.
    #[error("the loss is not a finite number at {width}×{height} pixels")]
    NotFinite {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// A checkpoint contradicts itself.
    #[error("the state is damaged: {reason}")]
    Checkpoint {
        /// What does not agree.
        reason: &'static str,
    },
    /// A checkpoint has made all evaluations that the recipe allows.
    #[error("nothing is left to do: {made} evaluations are made, and there are to be {iterations}")]
    NothingLeft {
        /// Evaluations made.
        made: usize,
        /// The recipe's.
        iterations: usize,
    },
    /// The network has no classes.
    #[error("network {network} is not a classifier")]
    NotAClassifier {
        /// The network.
        network: String,
    },
    /// No class has that number or name, or several have.
    #[error("no single class is meant by {text:?}")]
    NoClass {
        /// What was asked for.
        text: String,
        /// How many classes there are.
        count: usize,
        /// Classes that come into question.
        similar: Vec<String>,
    },
    /// A layer has no such plane, row or column.
    #[error("{layer} has no {what} {value}")]
    NoUnit {
        /// The layer.
        layer: String,
        /// `plane`, `row` or `column`.
        what: &'static str,
        /// What was asked for.
        value: usize,
        /// How many there are.
        count: usize,
    },
}

impl Error {
    /// What to do about it, where that can be said, as one sentence without a final full stop.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Net(error) => net_hint(error),
            Error::Image(error) => error.hint(),
            Error::UnknownRecipe { presets, .. } => {
                Some(format!("name one of {} or a file ending in .toml", presets.join(", ")))
            }
            Error::ReadRecipe { .. } => Some("check the path, and that the file may be read as text".into()),
            Error::RecipeSyntax { .. } => {
                Some("correct that line; the presets show every section and key in use".into())
            }
            Error::RecipeValue { remedy, .. } => Some((*remedy).into()),
            Error::LayerList { .. } => {
                Some("write NAME or NAME:WEIGHT, separated by commas, such as relu1_1:0.5,relu2_1".into())
            }
            Error::PlaneList { .. } => Some(
                "write LAYER:PLANE, LAYER:FIRST-LAST or LAYER, separated by commas, such as relu3_1:17,relu4_1:0-9".into(),
            ),
            Error::EmptyMask { .. } => Some("paint white what shall count; transparent counts as black".into()),
            Error::NothingAround => Some("leave black what shall stay: the hole is filled with it".into()),
            Error::Choice { .. } | Error::MissingPicture { .. } => None,
            Error::OtherSize { .. } => Some("give it that size".into()),
            Error::NothingToOptimise { .. } => {
                Some("give the content or the style term a weight and a layer".into())
            }
            Error::NotFinite { .. } => Some("use smaller weights".into()),
            Error::NoPhotos { .. } => {
                Some("name a folder with photographs that are at least as large as a crop".into())
            }
            Error::Diverged { .. } => Some("use a smaller learning rate".into()),
            Error::OtherGenerator => Some("begin with one of the same architecture and styles".into()),
            Error::TrainingState { .. } => Some("name the file ending in .training that the training wrote".into()),
            Error::Thread(_) => None,
            Error::Checkpoint { .. } => Some("use another state, or start again".into()),
            Error::NothingLeft { .. } => Some("allow more iterations".into()),
            Error::NotAClassifier { .. } => Some("use the network squeezenet".into()),
            Error::NoClass { count, similar, .. } if similar.is_empty() => Some(format!(
                "give a number below {count} or a name; `impasto models squeezenet --classes` lists them"
            )),
            Error::NoClass { similar, .. } => Some(format!("did you mean one of {}?", similar.join(", "))),
            Error::NoUnit { what, count, .. } => Some(format!("give a {what} below {count}")),
        }
    }
}

fn net_hint(error: &NetError) -> Option<String> {
    match error {
        NetError::UnknownLayer { similar, .. } if !similar.is_empty() => {
            Some(format!("did you mean {}?", similar.join(", ")))
        }
        NetError::TooSmall { .. } => Some("use a larger size, or layers nearer to the picture".into()),
        NetError::NotEmbedded { .. } => Some("name a folder that holds the models".into()),
        NetError::Format { .. } | NetError::MissingTensor { .. } | NetError::TensorShape { .. } => {
            Some("give a VGG-16 or VGG-19 in torchvision's naming, as .safetensors or .pth".into())
        }
        NetError::NotFinite { .. } => Some("the weights are damaged: get the file again".into()),
        _ => None,
    }
}

/// The first of several reasons, behind a colon.
fn first_reason(bad: &[(PathBuf, String)]) -> String {
    bad.first().map_or_else(String::new, |(path, reason)| format!(": {}: {reason}", path.display()))
}
