//! How often something happens, for each who does it, in a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// How often something has happened in this minute, for each who has done it. A new minute forgets
/// all of them.
pub(crate) struct PerMinute<K> {
    most: u32,
    counted: Mutex<Counted<K>>,
}

struct Counted<K> {
    since: Option<Instant>,
    times: HashMap<K, u32>,
}

impl<K: Eq + Hash> PerMinute<K> {
    /// Nothing has happened yet; `most` times a minute are enough.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, counted: Mutex::new(Counted { since: None, times: HashMap::new() }) }
    }

    /// Whether it has happened often enough for this one.
    pub(crate) fn is_enough(&self, who: &K, now: Instant) -> bool {
        self.counted(now, |times| times.get(who).is_some_and(|times| *times >= self.most))
    }

    /// Takes note that it has happened once more; whether that is still within the minute's measure.
    pub(crate) fn once_more(&self, who: K, now: Instant) -> bool {
        self.counted(now, |times| {
            let times = times.entry(who).or_default();
            *times = times.saturating_add(1);
            *times <= self.most
        })
    }

    fn counted<T>(&self, now: Instant, with: impl FnOnce(&mut HashMap<K, u32>) -> T) -> T {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.since.is_none_or(|since| now.saturating_duration_since(since) >= MINUTE) {
            counted.since = Some(now);
            counted.times.clear();
        }
        with(&mut counted.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_has_had_enough_waits_for_the_next_minute_and_others_do_not() {
        let (counts, start) = (PerMinute::new(3), Instant::now());
        let within: Vec<bool> = (0..5).map(|_| counts.once_more("li", start)).collect();
        assert_eq!(within, [true, true, true, false, false]);
        assert!(counts.is_enough(&"li", start) && !counts.is_enough(&"wang", start));
        assert!(counts.once_more("wang", start));
        assert!(!counts.is_enough(&"li", start + MINUTE) && counts.once_more("li", start + MINUTE));
    }
}
