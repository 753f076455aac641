//! Verbs: settings, as clients send them, become the arguments of a command line.
//!
//! Every verb has a file with its settings; unknown ones are refused. What is left out is the command line's default. Clients
//! name pictures by their ids; no text of theirs can name a file.

mod apply;
mod atlas;
mod class;
mod desk;
mod dream;
mod line;
mod paint;
mod prepare;
mod range;
mod refused;
#[cfg(test)]
mod tests;
mod texture;
mod upscale;
mod video;
mod words;

pub use desk::Desk;
pub use line::{Input, Keeps, Line};
pub use refused::Refused;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Names of all verbs.
pub const NAMES: [&str; 9] =
    ["apply", "paint", "atlas", "prepare", "video", "class", "dream", "texture", "upscale"];

/// Settings of a verb.
pub trait Verb: Send + Sync {
    /// Ids of all pictures that they name.
    fn pictures(&self) -> Vec<&str>;

    /// The job whose state is to be gone on with.
    fn from(&self) -> Option<&str> {
        None
    }

    /// Puts the command line together.
    ///
    /// # Errors
    /// What is wrong with the settings.
    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused>;
}

/// The settings of the verb `name`.
///
/// # Errors
/// If there is no such verb, or no such setting of it.
pub fn read(name: &str, settings: &Value) -> Result<Box<dyn Verb>, Refused> {
    match name {
        "apply" => of::<apply::Settings>(settings),
        "paint" => of::<paint::Settings>(settings),
        "atlas" => of::<atlas::Settings>(settings),
        "prepare" => of::<prepare::Settings>(settings),
        "video" => of::<video::Settings>(settings),
        "class" => of::<class::Settings>(settings),
        "dream" => of::<dream::Settings>(settings),
        "texture" => of::<texture::Settings>(settings),
        "upscale" => of::<upscale::Settings>(settings),
        other => {
            let refused = Refused::new(format_args!("there is no verb {other:?}"));
            Err(refused.hint(format_args!("use one of {}", NAMES.join(", "))))
        }
    }
}

fn of<V: Verb + DeserializeOwned + 'static>(settings: &Value) -> Result<Box<dyn Verb>, Refused> {
    match V::deserialize(settings) {
        Ok(verb) => Ok(Box::new(verb)),
        Err(error) => Err(Refused::new(format_args!("settings: {error}"))),
    }
}
