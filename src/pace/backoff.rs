//! Pauses between attempts: exponential, with full jitter, never shorter than the endpoint asks for.

use std::time::Duration;

use crate::ask::Key;
use crate::digest::Fields;

/// How long to wait before an ask is tried again, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The most attempts of one ask.
    pub attempts: u32,
    /// The ceiling of the wait after the first attempt; it doubles with each further one.
    pub base: Duration,
    /// The ceiling of every wait.
    pub most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 8, base: Duration::from_millis(500), most: Duration::from_mins(1) }
    }
}

impl Backoff {
    /// The pause after that many failures (1 or more): what the endpoint asks for, and on top of it a draw from the ask's key, uniform
    /// between 0 and the ceiling, so that what waits together does not start together.
    #[must_use]
    pub fn pause(&self, key: Key, failed: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.base.saturating_mul(1 << failed.saturating_sub(1).min(20));
        let ceiling = doubled.min(self.most);
        let jitter = Fields::new("tribunal backoff v1").bytes(&key.0).number(u64::from(failed)).finish().unit();
        asked.unwrap_or_default() + ceiling.mul_f64(jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> Key {
        Fields::new("test").number(number).finish()
    }

    #[test]
    fn pauses_stay_below_a_ceiling_that_doubles() {
        let backoff = Backoff::default();
        for failed in 1..backoff.attempts {
            let ceiling = backoff.base * (1 << (failed - 1));
            for ask in 0..100 {
                assert!(backoff.pause(key(ask), failed, None) <= ceiling.min(backoff.most));
            }
        }
    }

    #[test]
    fn the_endpoint_is_never_asked_earlier_than_it_says() {
        let after = Duration::from_secs(7);
        assert!(Backoff::default().pause(key(1), 1, Some(after)) >= after);
    }
}
