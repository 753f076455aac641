//! What happens to jobs, whatever the books are kept in.

use super::Ending;
use crate::error::Error;
use crate::job::{Job, Point, Reason, State, Wish};

/// Notes of a job that are kept: the first ones.
const NOTES: usize = 200;

/// Removed jobs that are remembered, for clients that have not heard of it.
pub const REMEMBERED: u32 = 1000;

/// Most points that are told at once; a curve is asked for on its own.
pub const POINTS: u32 = 5000;

/// Times that a job is begun before it is given up: something in it may take its worker down.
const ATTEMPTS: u32 = 10;

/// What a job becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Becomes {
    /// Where it stands then.
    pub state: State,
    /// What its worker still has to hear.
    pub wish: Option<Wish>,
    /// Whether its user liked it as it was.
    pub stopped: bool,
    /// Why it failed.
    pub error: Option<Reason>,
}

impl Becomes {
    fn just(state: State) -> Becomes {
        Becomes { state, wish: None, stopped: false, error: None }
    }
}

/// Adds new notes to those of a job.
pub fn note(notes: &mut Vec<String>, more: &[String]) {
    notes.extend(more.iter().take(NOTES.saturating_sub(notes.len())).cloned());
}

/// Points, the newest first, each with its job's id, as they are told: by job, in their order.
pub fn by_job<E>(
    newest_first: impl Iterator<Item = Result<(String, Point), E>>,
) -> Result<Vec<(String, Vec<Point>)>, E> {
    let mut jobs: Vec<(String, Vec<Point>)> = Vec::new();
    for found in newest_first {
        let (id, point) = found?;
        match jobs.iter_mut().find(|(of, _)| *of == id) {
            Some((_, points)) => points.push(point),
            None => jobs.push((id, vec![point])),
        }
    }
    jobs.iter_mut().for_each(|(_, points)| points.reverse());
    Ok(jobs)
}

/// What a user's wish makes of a job; fails with [`Error::State`] where it means nothing.
pub fn wished(job: &Job, wish: Wish) -> Result<Becomes, Error> {
    let has_result = job.file("result").is_some();
    Ok(match (job.state, wish) {
        (State::Running, Wish::Continue) if job.wish == Some(Wish::Pause) => Becomes::just(State::Running),
        (State::Running, Wish::Pause | Wish::Stop | Wish::Cancel) => {
            Becomes { wish: Some(wish), ..Becomes::just(State::Running) }
        }
        (State::Queued, Wish::Pause) => Becomes::just(State::Paused),
        (State::Paused, Wish::Continue) => Becomes::just(State::Queued),
        (State::Queued | State::Paused, Wish::Stop) if has_result => {
            Becomes { stopped: true, ..Becomes::just(State::Done) }
        }
        (State::Queued | State::Paused, Wish::Cancel) => Becomes::just(State::Cancelled),
        (state, _) => return Err(Error::State { id: job.id.clone(), state: state.name() }),
    })
}

/// Fails with [`Error::State`] where it makes no difference any more whose turn comes first.
pub fn may_wait(job: &Job) -> Result<(), Error> {
    match job.state {
        state if state.is_over() => Err(Error::State { id: job.id.clone(), state: state.name() }),
        _ => Ok(()),
    }
}

/// What the end of a worker's turn makes of a job, and whether it counts as an attempt.
pub fn ended(ending: &Ending) -> (Becomes, bool) {
    let state = match ending {
        Ending::Done | Ending::Stopped => State::Done,
        Ending::Paused => State::Paused,
        Ending::Queued => State::Queued,
        Ending::Cancelled => State::Cancelled,
        Ending::Failed(_) => State::Failed,
    };
    let error = if let Ending::Failed(reason) = ending { Some(reason.clone()) } else { None };
    let becomes = Becomes { stopped: *ending == Ending::Stopped, error, ..Becomes::just(state) };
    // A pause that its user asked for is no failed attempt.
    (becomes, !matches!(ending, Ending::Paused | Ending::Queued))
}

/// What a job becomes whose worker is gone; a wish that was not heard is done instead.
pub fn deserted(attempts: u32, wish: Option<Wish>) -> Becomes {
    match wish {
        Some(Wish::Cancel) => Becomes::just(State::Cancelled),
        Some(Wish::Pause | Wish::Stop) => Becomes::just(State::Paused),
        _ if attempts >= ATTEMPTS => {
            let reason = Reason {
                text: format!("it was begun {attempts} times, and each time its worker went away"),
                causes: Vec::new(),
                hint: Some("try a smaller size; its worker may be short of memory".into()),
            };
            Becomes { error: Some(reason), ..Becomes::just(State::Failed) }
        }
        _ => Becomes::just(State::Queued),
    }
}
