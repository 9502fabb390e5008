//! What a server has seen and done, in numbers.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::limits::LimitUse;

/// A request that comes so soon after a throttle may have been under way when it was sent, in milliseconds.
const UNDER_WAY_MS: u64 = 50;

/// The numbers of `GET /stats`, of chat requests alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// All that came, refused ones too.
    pub received: u64,
    /// Those that got a completion, or a content filter's refusal, to its last byte.
    pub answered: u64,
    /// The most that were in flight at once.
    pub most_in_flight: u64,
    /// How many different asks there were: body and sample.
    pub asks: u64,
    /// How many different bodies there were.
    pub bodies: u64,
    /// Requests for an ask that had been answered before.
    pub repeats: u64,
    /// Requests that came before an announced wait was over.
    pub early: u64,
    /// Those of them that came within 50 ms after the throttle was sent: they may have been under way.
    pub early_within_50_ms: u64,
    /// How often each status was given; `closed` and `cut` where the connection ended without a response or within its body.
    pub statuses: BTreeMap<String, u64>,
    /// How often each fault was given.
    pub faults: BTreeMap<&'static str, u64>,
    /// Requests that came while there was no service.
    pub down: u64,
    /// What each limit turned away, and how far it was used.
    pub limits: BTreeMap<&'static str, LimitUse>,
    /// Requests that the limits let pass, in each minute since the start.
    pub accepted_per_minute: Vec<u64>,
}

/// The waits that were announced to an account.
#[derive(Default)]
pub(super) struct Waits {
    /// When each of the last moments was sent, and until when it holds.
    fresh: VecDeque<(u64, u64)>,
    /// Until when the older ones hold.
    settled: u64,
}

/// A request that came before an announced wait was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early {
    /// It may have been under way when the wait was announced.
    PerhapsUnderWay,
    /// It was not.
    Certainly,
}

impl Waits {
    pub(super) fn announce(&mut self, now: u64, until: u64) {
        self.fresh.push_back((now, until));
    }

    /// What a request is that comes now.
    pub(super) fn arrival(&mut self, now: u64) -> Option<Early> {
        while let Some((_, until)) = self.fresh.pop_front_if(|(sent, _)| *sent + UNDER_WAY_MS < now) {
            self.settled = self.settled.max(until);
        }
        if now < self.settled {
            Some(Early::Certainly)
        } else {
            self.fresh.iter().any(|(_, until)| now < *until).then_some(Early::PerhapsUnderWay)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_early_until_the_last_wait_is_over() {
        let mut waits = Waits::default();
        assert_eq!(waits.arrival(1000), None);
        waits.announce(1000, 1500);
        assert_eq!(waits.arrival(1050), Some(Early::PerhapsUnderWay));
        waits.announce(1050, 1060);
        assert_eq!(waits.arrival(1051), Some(Early::Certainly), "the first wait was announced long ago");
        assert_eq!(waits.arrival(1499), Some(Early::Certainly));
        assert_eq!(waits.arrival(1500), None);
    }
}
