//! Devices besides this machine's processor, which live in crates of their own: what plans ask of them.
//!
//! An [`Engine`] turns a plan's steps and places ([`Job`]) into an [`Executor`], which runs them. A [`Placement`] says
//! where models live ([`Model::on`]) and what happens when an engine cannot do what is asked.

pub mod space;
pub mod terms;

pub use space::{Space, Vector};
pub use terms::Terms;

use crate::{
    Memory, Model, ReluRule,
    plan::{Purpose, layout::Layout, schedule::Schedule},
    statistics::{Affine, Moments, Positions, Target},
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

/// Why an engine did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// It has no kernels for this; the processor does it whatever the placement says.
    #[error("it cannot do this yet: {0}")]
    Unsupported(String),
    /// It is not worth it, or there is no device: the processor does it, and nobody need be told.
    #[error("it is left to the processor")]
    Declined,
    /// The plan is larger than the device's memory or than what it can address.
    #[error("the plan does not fit: {0}")]
    Memory(String),
    /// The device went away or its driver reports an error.
    #[error("{0}")]
    Failed(String),
}

/// A plan to be made.
pub struct Job<'a> {
    /// The network with its weights.
    pub model: &'a Model,
    /// Steps in order and the maps they read and write.
    pub schedule: &'a Schedule,
    /// Places of maps and cotangents.
    pub layout: &'a Layout,
    /// What for.
    pub purpose: Purpose,
    /// Whether no more digits may be lost than plain sums lose.
    pub precise: bool,
}

/// A device that plans.
pub trait Engine: Send + Sync {
    /// The device's name, for messages.
    fn name(&self) -> &str;
    /// Prepares everything that running the job needs.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    fn plan(&self, job: &Job<'_>) -> Result<Box<dyn Executor>, EngineError>;
}

/// What a forward pass starts from.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// Interleaved RGB in [0, 1], to be brought into the network's convention.
    Rgb(&'a [f32]),
    /// The first value's map as the network reads it.
    Converted(&'a [f32]),
}

/// A question about the map of a tapped value after a forward pass. `value` is the value's number in the schedule; asked
/// of a [`Plan`](crate::Plan), it is the tap's number.
#[derive(Clone, Copy)]
pub enum Question<'a> {
    /// Channel statistics; the full matrix of second moments if `full`.
    Moments {
        /// Which map.
        value: usize,
        /// With all products.
        full: bool,
        /// The positions that count; none for all, alike.
        positions: Option<&'a Positions>,
    },
    /// Sum of squared differences to a target of the map's shape.
    Distance {
        /// Which map.
        value: usize,
        /// What it is compared with.
        target: &'a Target,
    },
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Question::Moments`].
    Moments(Moments),
    /// To [`Question::Distance`].
    Distance(f64),
}

impl Answer {
    /// The statistics that were asked for.
    pub fn moments(self) -> Option<Moments> {
        match self {
            Answer::Moments(moments) => Some(moments),
            Answer::Distance(_) => None,
        }
    }
    /// The distance that was asked for.
    pub fn distance(self) -> Option<f64> {
        match self {
            Answer::Distance(distance) => Some(distance),
            Answer::Moments(_) => None,
        }
    }
}

/// What is added to the cotangent of a map x at a tap, where an executor does it.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// These values.
    Values(&'a [f32]),
    /// An affine image of every position of x; times its share, where positions count by weights
    /// ([`Positions::add_affine`]).
    Affine(&'a Affine, Option<&'a Positions>),
    /// factor · (x − target).
    Difference {
        /// The target, of x's shape.
        target: &'a Target,
        /// The factor.
        factor: f32,
    },
}

/// What [`Executor::parameter_gradients`] calls.
pub type Tell<'a> = dyn FnMut(usize, &[f32], &[f32]) + 'a;

/// A plan on an engine. Values are numbered as in its schedule; arrays are laid out as [`Map`](crate::Map)s.
pub trait Executor: Send + Sync {
    /// Runs all steps; `seed` chooses the noise, as [`noise_key`](crate::device::noise_key) says.
    ///
    /// # Errors
    /// [`EngineError::Failed`]; so below.
    fn forward(&mut self, input: Input<'_>, seed: u64) -> Result<(), EngineError>;
    /// Copies a tapped value's map to `map`, which is as long.
    fn read(&self, value: usize, map: &mut [f32]) -> Result<(), EngineError>;
    /// Answers questions, in order.
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Answer>, EngineError>;
    /// Vector-Jacobian product: the cotangents of tapped values begin with the sums of what `starts` says of them, or with
    /// zeros; `gradient` receives the derivative by the RGB values, or by the first map if the last
    /// [`Executor::forward`] had [`Input::Converted`].
    fn backward(
        &mut self,
        rule: ReluRule,
        starts: &[(usize, Start<'_>)],
        gradient: &mut [f32],
    ) -> Result<(), EngineError>;
    /// For [`Purpose::Training`]: tells the derivatives by the parameters that the last [`Executor::backward`] found, as the
    /// number of a step, those by its weight and those by its bias. Errors come before the first is told.
    fn parameter_gradients(&mut self, tell: &mut Tell<'_>) -> Result<(), EngineError>;
    /// Takes the parameters of `model`, which is of the network that was planned, instead of those the plan has.
    fn set_parameters(&mut self, model: &Model) -> Result<(), EngineError>;
    /// Room for `count` vectors of `len` values, for optimisers.
    ///
    /// # Errors
    /// [`EngineError::Unsupported`] where there is nothing like that; [`EngineError::Memory`]; [`EngineError::Failed`].
    fn space(&self, len: usize, count: usize) -> Result<Box<dyn Space>, EngineError> {
        let _ = (len, count);
        Err(EngineError::Unsupported("vectors of optimisers".into()))
    }
    /// The terms' values at the picture that is 1/255 of the vector `x` of a space of its own; `gradient` receives the
    /// derivative of their sum by `x`. The values are in order: contents, styles, total variation. `taps` are the taps' values.
    ///
    /// # Errors
    /// As [`Executor::space`].
    fn evaluate(
        &mut self,
        terms: &Terms,
        taps: &[usize],
        space: &mut dyn Space,
        at: [Vector; 2],
    ) -> Result<Vec<f64>, EngineError> {
        let _ = (terms, taps, space, at);
        Err(EngineError::Unsupported("objectives as a whole".into()))
    }
    /// Bytes that the plan holds of the device's memory.
    fn device_memory(&self) -> Memory;
}

/// Hears what users should know: that something runs elsewhere than they asked, and why.
pub type Hear = dyn Fn(&str) + Send + Sync;

/// Where models live, and what happens where their engine cannot do what is asked.
#[derive(Clone)]
pub struct Placement {
    engine: Arc<dyn Engine>,
    lenient: bool,
    state: Arc<State>,
}

struct State {
    hear: Box<Hear>,
    /// What `hear` has heard.
    said: Mutex<Vec<String>>,
    /// Why the engine failed while it ran.
    failure: Mutex<Option<EngineError>>,
}

/// A lock's content; nothing is left half done by a thread that panicked here.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Placement {
    /// On `engine`. If `lenient`, plans that do not fit are made on the processor and `hear` is told why, once a reason;
    /// otherwise they are errors.
    pub fn new(engine: Arc<dyn Engine>, lenient: bool, hear: Box<Hear>) -> Self {
        let state = State { hear, said: Mutex::default(), failure: Mutex::default() };
        Placement { engine, lenient, state: Arc::new(state) }
    }

    /// The engine.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// Why the engine failed while it ran, if it did: whatever ran there went on, and goes on, on the processor. Results
    /// are right, but a caller who was asked for this engine and no other should say so and stop.
    pub fn failure(&self) -> Option<EngineError> {
        held(&self.state.failure).clone().filter(|_| !self.lenient)
    }

    /// Whether plans that do not fit are made on the processor.
    pub fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// Whether a plan that meets `error` is made on the processor instead; tells so.
    pub(crate) fn forgives(&self, error: &EngineError) -> bool {
        let declined = *error == EngineError::Declined;
        let forgiven = declined || self.lenient || matches!(error, EngineError::Unsupported(_));
        if forgiven && !declined {
            self.say(error);
        }
        forgiven
    }

    /// Takes note of a failure while a plan ran.
    pub(crate) fn note_failure(&self, error: &EngineError) {
        held(&self.state.failure).get_or_insert(error.clone());
        self.say(error);
    }

    /// Whether nothing should be planned there any more.
    pub(crate) fn is_out(&self) -> bool {
        held(&self.state.failure).is_some()
    }

    fn say(&self, error: &EngineError) {
        let message = format!("{}: {error}; going on with the processor", self.engine.name());
        let mut said = held(&self.state.said);
        if !said.contains(&message) {
            (self.state.hear)(&message);
            said.push(message);
        }
    }
}

impl fmt::Debug for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Placement({}, lenient: {})", self.engine.name(), self.lenient)
    }
}

/// Where models made from now on live; none means this machine's processor.
static DEFAULT: RwLock<Option<Placement>> = RwLock::new(None);

/// Chooses where models made from now on live, unless [`Model::on`] says otherwise; none means this machine's processor,
/// where they live at first. For programs, which choose once.
pub fn set_default(placement: Option<Placement>) {
    *DEFAULT.write().unwrap_or_else(PoisonError::into_inner) = placement;
}

/// Where models made now live.
pub fn default_placement() -> Option<Placement> {
    DEFAULT.read().unwrap_or_else(PoisonError::into_inner).clone()
}
