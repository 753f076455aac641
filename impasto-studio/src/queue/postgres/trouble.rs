//! Why a transaction was taken back, and whether it may be tried again.

use crate::error::Error;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;

/// How long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a transaction was taken back.
#[derive(Debug)]
pub enum Trouble {
    /// What was asked cannot be.
    Own(Error),
    /// The database says no, or nothing.
    Postgres(tokio_postgres::Error),
    /// It is not known whether the transaction was carried out.
    Commit(tokio_postgres::Error),
    /// What is stored makes no sense.
    Stored(String),
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Trouble::Postgres(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Own(error)
    }
}

impl Trouble {
    /// The queue's error for it.
    pub fn told(self, what: &'static str) -> Error {
        match self {
            Trouble::Own(error) => error,
            Trouble::Postgres(source) | Trouble::Commit(source) => {
                Error::Queue { what, source: source.into() }
            }
            Trouble::Stored(text) => Error::Queue { what, source: text.into() },
        }
    }

    /// Whether the same may work in a moment: the connection was lost, or two transactions stood in each other's way.
    fn passes(&self) -> bool {
        let (error, commit) = match self {
            Trouble::Postgres(error) => (error, false),
            Trouble::Commit(error) => (error, true),
            Trouble::Own(_) | Trouble::Stored(_) => return false,
        };
        match error.code() {
            Some(code) => {
                let collided = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
                let away = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
                collided.contains(code) || (!commit && away.contains(code))
            }
            // After a lost commit nobody knows whether it was carried out.
            None => !commit && (error.is_closed() || is_io(error)),
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

/// How long it is tried again.
pub struct Patience {
    end: Instant,
    pause: Duration,
}

impl Patience {
    /// As long as ever.
    pub fn new() -> Patience {
        Patience { end: Instant::now() + PATIENCE, pause: Duration::from_millis(50) }
    }

    /// Waits a moment and says yes, unless there is no hope.
    pub async fn again(&mut self, trouble: &Trouble) -> bool {
        if !trouble.passes() || Instant::now() > self.end {
            return false;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_secs(1));
        true
    }
}
