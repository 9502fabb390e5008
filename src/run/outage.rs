//! The breaker of an endpoint: when nothing comes back any more it is left alone, and probed with one ask at a time until it answers.

use std::collections::HashSet;
use std::time::Duration;

use crate::ask::Key;
use crate::clock::Moment;
use crate::digest::Fields;

/// Different asks that fail in a row, none answered between them, before the endpoint counts as out of order.
const TRIP: usize = 8;
/// The wait before the first probe; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait between two probes.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What is known of an endpoint's being out of order.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// The asks that have failed since the last answer.
    failing: HashSet<Key>,
    /// When the first of them did.
    since: Option<Moment>,
    until: Option<Moment>,
    probes: u32,
    is_on: bool,
    /// When it was found out.
    tripped: Option<Moment>,
}

impl Outage {
    /// Whether it is out of order: one ask at a time is sent to find out.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// An ask failed; answers whether the endpoint is out of order.
    pub(super) fn failed(&mut self, key: Key, now: Moment) -> bool {
        self.since.get_or_insert(now);
        self.failing.insert(key);
        if !self.is_on && self.failing.len() >= TRIP {
            (self.is_on, self.tripped) = (true, Some(now));
        }
        self.is_on
    }

    /// Since when it counts as out of order.
    pub(super) fn tripped(&self) -> Option<Moment> {
        self.tripped
    }

    /// How long nothing has come back.
    pub(super) fn lasts(&self, now: Moment) -> Duration {
        self.since.map_or(Duration::ZERO, |since| now - since)
    }

    /// Until when nothing is sent.
    pub(super) fn until(&self) -> Option<Moment> {
        self.until
    }

    /// Sets the time of the next probe: after a pause between half and the whole of a ceiling that doubles, no shorter than asked for.
    /// What was in flight when one was set changes nothing.
    pub(super) fn cool_down(&mut self, key: Key, asked: Option<Duration>, now: Moment) -> Moment {
        if let Some(until) = self.until.filter(|until| *until > now) {
            return until;
        }
        let ceiling = FIRST_WAIT.saturating_mul(1 << self.probes.min(10)).min(LONGEST_WAIT);
        let jitter = Fields::new("tribunal probe v1").bytes(&key.0).number(u64::from(self.probes)).finish().unit();
        self.probes += 1;
        let until = now + ceiling.mul_f64(0.5 + 0.5 * jitter).max(asked.unwrap_or_default());
        self.until = Some(until);
        until
    }

    /// A reply came: it is in order.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn key(number: usize) -> Key {
        Fields::new("outage").number(number as u64).finish()
    }

    #[test]
    fn one_ask_that_always_fails_is_no_outage() {
        let (mut outage, now) = (Outage::default(), clock::now());
        assert!(!(0..100).any(|_| outage.failed(key(1), now)));
        assert!(!(1..TRIP).any(|ask| outage.failed(key(ask), now)));
        assert!(outage.failed(key(TRIP), now));
        outage.end();
        assert!(!outage.failed(key(1), now));
    }

    #[test]
    fn probes_are_sent_less_and_less_often() {
        let (mut outage, begun) = (Outage::default(), clock::now());
        let mut now = begun;
        let mut waits = Vec::new();
        for _ in 0..12 {
            let until = outage.cool_down(key(1), None, now);
            assert_eq!(outage.cool_down(key(2), None, now), until, "what was in flight changes nothing");
            waits.push((until - now).as_secs_f64());
            now = until;
        }
        for (probe, wait) in waits.iter().enumerate() {
            let ceiling = 2_f64.powi(i32::try_from(probe).unwrap()).min(60.0);
            assert!((ceiling / 2.0..=ceiling).contains(wait), "{waits:?}");
        }
    }
}
