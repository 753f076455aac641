//! Points in time, to the millisecond.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// The present.
    pub fn now() -> Time {
        Time(Timestamp::now().as_millisecond())
    }

    /// The time that lies `wait` after this one.
    pub fn after(self, wait: std::time::Duration) -> Time {
        Time(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        serializer.collect_str(&format_args!("{time:.3}"))
    }
}
