//! Jobs: what clients see of them, and what only the worker needs.

use crate::time::Time;
use crate::verb::Line;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A number that grows with every change of any job.
pub type Revision = u64;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It waits for its user.
    Paused,
    /// It is finished, or was stopped because it is good enough.
    Done,
    /// It ended with an error.
    Failed,
    /// Its user does not want it any more.
    Cancelled,
}

impl State {
    /// Its name in the interface and in databases.
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Paused => "paused",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }

    /// The state of a name.
    pub fn named(name: &str) -> Option<State> {
        use State::{Cancelled, Done, Failed, Paused, Queued, Running};
        [Queued, Running, Paused, Done, Failed, Cancelled].into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled)
    }
}

/// How long a job takes: a worker runs one of each lane at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Seconds.
    Quick,
    /// Anything else.
    Long,
}

impl Lane {
    /// Its name in the interface and in databases.
    pub fn name(self) -> &'static str {
        match self {
            Lane::Quick => "quick",
            Lane::Long => "long",
        }
    }
}

/// What a user wishes of a job that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Keep what there is, and wait.
    Pause,
    /// Go on after a pause.
    Continue,
    /// What there is, is good enough.
    Stop,
    /// Nothing of it is wanted.
    Cancel,
}

impl Wish {
    /// Its name in the interface and in databases.
    pub fn name(self) -> &'static str {
        match self {
            Wish::Pause => "pause",
            Wish::Continue => "continue",
            Wish::Stop => "stop",
            Wish::Cancel => "cancel",
        }
    }

    /// The wish of a name.
    pub fn named(name: &str) -> Option<Wish> {
        [Wish::Pause, Wish::Continue, Wish::Stop, Wish::Cancel].into_iter().find(|wish| wish.name() == name)
    }
}

/// A job to be added.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its name in URLs.
    pub id: String,
    /// The verb.
    pub verb: String,
    /// The settings as the client sent them.
    pub settings: Value,
    /// The command line they are.
    pub line: Line,
    /// Jobs of higher priority are taken first.
    pub priority: i32,
    /// The job it was branched from.
    pub parent: Option<String>,
    /// Who asked for it.
    pub client: String,
}

/// A job.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its name in URLs.
    pub id: String,
    /// Which job it is: a later one has a larger number.
    pub number: u64,
    /// The revision of its last change.
    pub revision: Revision,
    /// The verb.
    pub verb: String,
    /// The settings as the client sent them.
    pub settings: Value,
    /// The command that makes the same.
    pub command: String,
    /// Where it stands.
    pub state: State,
    /// What its user wishes, where that has not happened yet.
    pub wish: Option<Wish>,
    /// How long it takes.
    pub lane: Lane,
    /// Jobs of higher priority are taken first.
    pub priority: i32,
    /// The job it was branched from.
    pub parent: Option<String>,
    /// When it was asked for.
    pub created: Time,
    /// When it was first begun.
    pub started: Option<Time>,
    /// When it ended.
    pub finished: Option<Time>,
    /// Whether it was ended early by its user, who liked it.
    pub stopped: bool,
    /// How far it is, as the program told last.
    pub progress: Option<Value>,
    /// What the program told besides.
    pub notes: Vec<String>,
    /// Why it failed.
    pub error: Option<Reason>,
    /// What it has made.
    pub files: Vec<File>,
    /// The command line.
    #[serde(skip)]
    pub line: Line,
    /// Times that it was begun.
    #[serde(skip)]
    pub attempts: u32,
}

impl Job {
    /// The latest file of a kind.
    pub fn file(&self, kind: &str) -> Option<&File> {
        self.files.iter().rev().find(|file| file.kind == kind)
    }
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What failed.
    pub text: String,
    /// Its causes, the nearest first.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What to do about it.
    #[serde(default)]
    pub hint: Option<String>,
}

/// A file that a job has made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its name in URLs.
    pub name: String,
    /// What it is: `result`, `snapshot`, `state`, `tile` or `part`.
    pub kind: String,
    /// Its length.
    pub bytes: u64,
    /// What the program tells of it.
    pub facts: Value,
}

/// A step of a job's progress, for curves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Its number within the job, from 1 on.
    pub n: u64,
    /// What the program told.
    #[serde(flatten)]
    pub values: Value,
}
