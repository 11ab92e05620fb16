//! A limit on tries per address, kept in memory: a restart forgives.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::kernel::Instant;

/// At most `most` tries in `seconds` for one key.
pub struct Limiter {
    most: usize,
    seconds: i64,
    tries: Mutex<HashMap<String, VecDeque<Instant>>>,
}

/// Beyond this many keys, those without a recent try are forgotten.
const MANY_KEYS: usize = 10_000;

impl Limiter {
    #[must_use]
    pub fn new(most: usize, seconds: i64) -> Self {
        Self { most, seconds, tries: Mutex::new(HashMap::new()) }
    }

    /// Takes one of the key's tries, or says after how many seconds there is one again.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), i64> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now.plus_seconds(-self.seconds);
        if tries.len() >= MANY_KEYS {
            tries.retain(|_, times| times.back().is_some_and(|last| *last > oldest));
        }
        let times = tries.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|first| *first <= oldest) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= self.most => Err(((first.0 - oldest.0) / 1000).max(1)),
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    /// Gives the last try back: it was none of the kind that is counted.
    pub fn give_back(&self, key: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = tries.get_mut(key) {
            times.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_per_key_and_come_back() {
        let limit = Limiter::new(2, 60);
        let now = Instant(1_000_000);
        assert!(limit.take("a", now).is_ok() && limit.take("a", now.plus_seconds(10)).is_ok());
        assert_eq!(limit.take("a", now.plus_seconds(20)), Err(40));
        assert!(limit.take("b", now).is_ok());
        assert!(limit.take("a", now.plus_seconds(61)).is_ok());
        limit.give_back("a");
        assert!(limit.take("a", now.plus_seconds(62)).is_ok());
    }
}
