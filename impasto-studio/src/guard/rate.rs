//! How often a client may do something.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Clients that are remembered at most.
const CLIENTS: usize = 10_000;

/// So many times a minute for every client, which may be saved up for a minute.
#[derive(Debug)]
pub struct Rate {
    minute: f64,
    /// How often each may now, and since when that is right.
    clients: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Rate {
    /// So many times a minute.
    pub fn new(minute: u32) -> Rate {
        Rate { minute: minute.into(), clients: Mutex::default() }
    }

    /// Whether `client` may once more, at `now`.
    pub fn allows(&self, client: &str, now: Instant) -> bool {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |(left, since): (f64, Instant)| {
            let seconds = now.saturating_duration_since(since).as_secs_f64();
            (left + seconds * self.minute / 60.0).min(self.minute)
        };
        if clients.len() >= CLIENTS {
            // Who could do all is as good as unknown.
            clients.retain(|_, &mut entry| left(entry) < self.minute);
        }
        let entry = clients.entry(client.to_owned()).or_insert((self.minute, now));
        let left = left(*entry);
        let allowed = left >= 1.0;
        *entry = (if allowed { left - 1.0 } else { left }, now);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_minute_brings_all_back() {
        let rate = Rate::new(3);
        let begin = Instant::now();
        let allowed = |client: &str, seconds| {
            (0..10).filter(|_| rate.allows(client, begin + Duration::from_secs(seconds))).count()
        };
        assert_eq!((allowed("a", 0), allowed("b", 0)), (3, 3));
        assert_eq!((allowed("a", 19), allowed("a", 20)), (0, 1));
        assert_eq!(allowed("a", 500), 3);
    }
}
