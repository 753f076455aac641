//! Training generators: networks that paint, make textures or enlarge in one pass.
//!
//! - [`Settings`]: everything that decides what is learnt
//! - [`Trainer`]: one iteration after another, from the start or from a [`state`](Trainer::state) saved before
//! - [`Photos`]: crops of photographs, read in the background
//! - [`Yardstick`]: how many iterations of slow painting a generator is worth
//!
//! Everything is a function of the settings, the photographs and the iteration's number: a training that was interrupted
//! goes on exactly as it would have without.

mod adam;
mod degrade;
mod feed;
mod lattice;
mod lesson;
mod muon;
mod photos;
mod pixels;
mod schedule;
mod settings;
mod spikes;
mod state;
mod trainer;
mod yardstick;

pub use degrade::degrade;
pub use feed::Feed;
pub use photos::{Crop, Photos};
pub use schedule::Schedule;
pub use settings::{Optimizer, Settings, Task};
pub use trainer::{Step, Trainer};
pub use yardstick::{Worth, Yardstick};
