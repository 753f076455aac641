//! Errors of this program itself, and the hints and exit codes of all.

use impasto_image::Error as ImageError;
use impasto_net::NetError;
use impasto_net::model::NAMES;
use std::fmt;

/// The exit code of a job that failed.
const FAILED: u8 = 1;
/// The exit code of bad usage: another command line would do.
const USAGE: u8 = 2;

/// What is wrong with what the user asked for, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// The command line is wrong.
    pub fn usage(message: impl fmt::Display) -> Self {
        Failure { message: message.to_string(), hint: None, code: USAGE }
    }

    /// The command line is fine, but it cannot be done.
    pub fn job(message: impl fmt::Display) -> Self {
        Failure { message: message.to_string(), hint: None, code: FAILED }
    }

    /// The same with a hint, a sentence without a final full stop.
    pub fn hint(self, hint: impl fmt::Display) -> Self {
        Failure { hint: Some(hint.to_string()), ..self }
    }
}

/// The exit code of an error: 2 if anything in its chain blames the command line, otherwise 1.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let blamed = error.chain().any(|cause| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            failure.code == USAGE
        } else if let Some(error) = cause.downcast_ref::<impasto::Error>() {
            is_usage(error)
        } else if let Some(error) = cause.downcast_ref::<ImageError>() {
            is_usage_of_image(error)
        } else {
            use impasto_studio::Error::{Open, Option};
            matches!(cause.downcast_ref(), Some(Open(_) | Option(_)))
        }
    });
    if blamed { USAGE } else { FAILED }
}

fn is_usage(error: &impasto::Error) -> bool {
    use impasto::Error as E;
    match error {
        E::Net(error) => matches!(error, NetError::UnknownLayer { .. }),
        E::Image(error) => is_usage_of_image(error),
        E::UnknownRecipe { .. }
        | E::RecipeValue { .. }
        | E::LayerList { .. }
        | E::PlaneList { .. }
        | E::Choice { .. }
        | E::MissingPicture { .. }
        | E::NothingToOptimise { .. }
        | E::NotAClassifier { .. }
        | E::NoClass { .. }
        | E::NoUnit { .. }
        | E::NothingLeft { .. } => true,
        _ => false,
    }
}

fn is_usage_of_image(error: &ImageError) -> bool {
    matches!(
        error,
        ImageError::UnknownExtension { .. } | ImageError::CannotHold { .. } | ImageError::Quality { .. }
    )
}

/// The hints of an error and its causes, each once.
pub fn hints(error: &anyhow::Error) -> Vec<String> {
    let mut hints = Vec::new();
    for cause in error.chain() {
        let hint = if let Some(failure) = cause.downcast_ref::<Failure>() {
            failure.hint.clone()
        } else if let Some(error) = cause.downcast_ref::<impasto::Error>() {
            hint_of(error)
        } else if let Some(error) = cause.downcast_ref::<ImageError>() {
            hint_of_image(error)
        } else if let Some(error) = cause.downcast_ref::<impasto_video::Error>() {
            error.hint()
        } else {
            cause.downcast_ref().and_then(impasto_studio::Error::hint)
        };
        hints.extend(hint.filter(|hint| !hints.contains(hint)));
    }
    hints
}

/// The library's hint, with this program's flags where it has any for the purpose.
fn hint_of(error: &impasto::Error) -> Option<String> {
    use impasto::Error as E;
    match error {
        E::Image(error) => hint_of_image(error),
        E::Net(NetError::NotEmbedded { .. }) => {
            Some("name a folder that holds the models with --models or IMPASTO_MODELS".into())
        }
        E::Net(NetError::UnknownLayer { .. }) => {
            let also = "`impasto models NAME` lists every layer";
            Some(error.hint().map_or_else(|| also.into(), |hint| format!("{hint} {also}")))
        }
        E::Net(NetError::Engine { .. }) => Some("use --device cpu, or a smaller --size".into()),
        E::Net(NetError::Read { .. }) => Some(format!(
            "name one of {}, or a file with the weights of a VGG-19 or VGG-16",
            NAMES.join(", ")
        )),
        E::MissingPicture { role, .. } => {
            Some(format!("give it with --{role}, or leave the term out with --{role}-weight 0"))
        }
        E::Net(NetError::TooSmall { .. }) => {
            Some("use a larger --size, or layers nearer to the picture".into())
        }
        E::NothingLeft { made, .. } => {
            Some(format!("allow more with --iterations, such as --iterations {}", made + 100))
        }
        E::NotFinite { .. } => Some("use smaller weights, or --optimizer lbfgs".into()),
        _ => error.hint(),
    }
}

fn hint_of_image(error: &ImageError) -> Option<String> {
    match error {
        ImageError::Exists { .. } => Some("choose another name, or replace the file with --force".into()),
        ImageError::TooLarge { .. } => Some("make the picture smaller with another program".into()),
        ImageError::FileTooLarge { .. } => Some("give a smaller file".into()),
        _ => error.hint(),
    }
}
