//! What is left to ask of one endpoint, and what follows from how it fares.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ask::{Failure, FailureKind, Key};
use crate::clock::Moment;
use crate::pace::Backoff;

/// Attempts of one ask before an endpoint has answered anything: enough for a hiccup, few enough not to keep a person waiting.
const FIRST_ATTEMPTS: u32 = 3;
/// Asks in a row that may be given up before an endpoint has answered anything.
const FIRST_LOSSES: u32 = 3;
/// Asks in a row that may be given up later.
const LOSSES: u32 = 20;
/// An endpoint that wants to be left alone for longer is not waited for.
const PATIENCE: Duration = Duration::from_hours(1);

/// Why an endpoint was asked no more.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// It refused: a wrong key, an unknown model, a spent quota, a wrong address.
    Refused(Failure),
    /// Nothing could be had from it any more.
    Down(Failure),
}

impl Stopped {
    /// The failure that ended it.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Refused(failure) | Self::Down(failure) => failure,
        }
    }
}

/// An ask on its way: the number of its cell, its place in the plan, its key, and how many attempts have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) cell: usize,
    pub(super) place: usize,
    pub(super) key: Key,
    pub(super) failed: u32,
}

/// What is left to ask of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The numbers of its cells.
    pub(super) cells: Vec<usize>,
    /// The next ask that had no turn: which of its cells, and the place in that one's plan.
    pub(super) turn: (usize, usize),
    /// Why it is asked no more.
    pub(super) stopped: Option<Stopped>,
    /// Whether every ask has had its turn.
    pub(super) is_through: bool,
    /// Whether it has ever answered, now or in an earlier invocation.
    pub(super) is_known: bool,
    has_answered: bool,
    in_flight: usize,
    losses: u32,
    due: BTreeMap<(Moment, Key), Pending>,
    hold: Option<Moment>,
}

impl Queue {
    /// Whether something new may be sent now. Before its first answer an endpoint is asked one thing at a time: a wrong key fails
    /// once, not in a burst.
    pub(super) fn is_open(&self, now: Moment) -> bool {
        let is_free = self.has_answered || (self.in_flight == 0 && self.due.is_empty());
        self.stopped.is_none() && is_free && !self.is_held(now)
    }

    /// A retry whose time has come.
    pub(super) fn next_due(&mut self, now: Moment) -> Option<Pending> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        if self.hold.is_some_and(|until| until > now) {
            return None;
        }
        Some(first.remove())
    }

    /// When something can be sent that cannot be sent now.
    pub(super) fn wake(&self, now: Moment) -> Option<Moment> {
        let held = self.hold.filter(|until| *until > now && self.stopped.is_none() && !self.is_through);
        let due = self.due.keys().next().map(|(moment, _)| *moment);
        match (due, held) {
            (Some(due), None) => Some(self.hold.map_or(due, |until| due.max(until))),
            (due, held) => held.or(due),
        }
    }

    /// Forgets the retries: nothing more is sent.
    pub(super) fn close(&mut self) {
        self.due.clear();
        self.hold = None;
    }

    /// Something was sent.
    pub(super) fn sent(&mut self) {
        self.in_flight += 1;
    }

    /// A reply came.
    pub(super) fn answered(&mut self) {
        self.in_flight -= 1;
        self.losses = 0;
        (self.is_known, self.has_answered) = (true, true);
    }

    /// An attempt failed; `pending` counts it. Answers with the number of asks that are given up: none where this one will be tried
    /// again, others too where it was the last straw.
    pub(super) fn failed(&mut self, pending: Pending, failure: &Failure, backoff: Backoff, now: Moment) -> usize {
        self.in_flight -= 1;
        if let Some(wait) = self.wait(pending, failure, backoff) {
            let moment = now + wait;
            if matches!(failure.status, Some(429 | 503)) {
                self.hold = self.hold.max(Some(moment));
            }
            self.due.insert((moment, pending.key), pending);
            return 0;
        }
        // The first reason is the one to tell: what was in flight then fails in its wake.
        if self.stopped.is_none() {
            self.stopped = self.last_straw(failure);
            if self.stopped.is_some() {
                let others = self.due.len();
                self.close();
                return 1 + others;
            }
        }
        1
    }

    /// How long to wait before another attempt; `None` where there is none.
    fn wait(&self, pending: Pending, failure: &Failure, backoff: Backoff) -> Option<Duration> {
        let again = match failure.kind {
            FailureKind::Transient => true,
            FailureKind::Garbled => self.is_known,
            FailureKind::Ask | FailureKind::Denied | FailureKind::Endpoint => false,
        };
        let attempts = if self.has_answered { backoff.attempts } else { backoff.attempts.min(FIRST_ATTEMPTS) };
        let backoff = Backoff { attempts, ..backoff };
        let patient = failure.retry_after.is_none_or(|wait| wait <= PATIENCE);
        let again = again && patient && self.stopped.is_none();
        backoff.wait(pending.key, pending.failed, failure.retry_after).filter(|_| again)
    }

    /// Whether the endpoint is asked no more, now that an ask is given up.
    fn last_straw(&mut self, failure: &Failure) -> Option<Stopped> {
        let refused = || Some(Stopped::Refused(failure.clone()));
        let down = || Some(Stopped::Down(failure.clone()));
        let limit = match failure.kind {
            FailureKind::Endpoint => return refused(),
            FailureKind::Denied if !self.is_known => return refused(),
            FailureKind::Transient if failure.retry_after.is_some_and(|wait| wait > PATIENCE) => return down(),
            // Long texts stand next to each other: many in a row that are too long say nothing of the endpoint.
            FailureKind::Ask if self.is_known => return None,
            FailureKind::Transient if !self.has_answered => FIRST_LOSSES,
            FailureKind::Garbled | FailureKind::Ask if !self.is_known => FIRST_LOSSES,
            _ => LOSSES,
        };
        self.losses += 1;
        match failure.kind {
            _ if self.losses < limit => None,
            FailureKind::Transient => down(),
            _ => refused(),
        }
    }

    fn is_held(&self, now: Moment) -> bool {
        self.hold.is_some_and(|until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::digest::Fields;

    fn pending(number: u64, failed: u32) -> Pending {
        Pending { cell: 0, place: 0, key: Fields::new("queue").number(number).finish(), failed }
    }

    fn failure(kind: FailureKind, status: u16) -> Failure {
        Failure { kind, status: Some(status), message: String::new(), retry_after: None }
    }

    /// One attempt that fails; answers with how many asks are given up.
    fn fail(queue: &mut Queue, number: u64, failed: u32, failure: &Failure) -> usize {
        queue.sent();
        queue.failed(pending(number, failed), failure, Backoff::default(), clock::now())
    }

    fn after_an_answer() -> Queue {
        let mut queue = Queue::default();
        queue.sent();
        queue.answered();
        queue
    }

    #[test]
    fn a_new_endpoint_is_asked_one_thing_at_a_time() {
        let (mut queue, now) = (Queue::default(), clock::now());
        assert!(queue.is_open(now));
        queue.sent();
        assert!(!queue.is_open(now));
        queue.answered();
        assert!(queue.is_open(now));
    }

    #[test]
    fn a_wrong_key_or_an_unknown_model_stops_at_once() {
        for (kind, status) in [(FailureKind::Endpoint, 401), (FailureKind::Denied, 404)] {
            let mut queue = Queue::default();
            assert_eq!(fail(&mut queue, 1, 1, &failure(kind, status)), 1);
            assert!(matches!(queue.stopped, Some(Stopped::Refused(_))));
        }
    }

    #[test]
    fn an_ask_that_is_denied_later_is_given_up_alone() {
        let mut queue = after_an_answer();
        for ask in 0..LOSSES - 1 {
            assert_eq!(fail(&mut queue, ask.into(), 1, &failure(FailureKind::Denied, 403)), 1);
            assert_eq!(queue.stopped, None);
        }
        fail(&mut queue, 99, 1, &failure(FailureKind::Denied, 403));
        assert!(matches!(queue.stopped, Some(Stopped::Refused(_))));
    }

    #[test]
    fn texts_that_are_too_long_say_nothing_of_a_known_endpoint() {
        let mut queue = Queue { is_known: true, ..Queue::default() };
        for ask in 0..100 {
            fail(&mut queue, ask, 1, &failure(FailureKind::Ask, 400));
        }
        assert_eq!(queue.stopped, None);
        let mut new = Queue::default();
        for ask in 0..u64::from(FIRST_LOSSES) {
            fail(&mut new, ask, 1, &failure(FailureKind::Ask, 400));
        }
        assert!(matches!(new.stopped, Some(Stopped::Refused(_))));
    }

    #[test]
    fn one_ask_that_always_fails_is_not_the_end_of_an_endpoint() {
        let mut queue = Queue::default();
        for failed in 1..FIRST_ATTEMPTS {
            assert_eq!(fail(&mut queue, 1, failed, &failure(FailureKind::Transient, 500)), 0);
            queue.close();
        }
        assert_eq!(fail(&mut queue, 1, FIRST_ATTEMPTS, &failure(FailureKind::Transient, 500)), 1);
        assert_eq!((&queue.stopped, queue.is_open(clock::now())), (&None, true));
    }

    #[test]
    fn a_throttle_holds_the_whole_endpoint_as_long_as_it_says() {
        let (mut queue, now) = (after_an_answer(), clock::now());
        let throttle = Failure { retry_after: Some(Duration::from_secs(30)), ..failure(FailureKind::Transient, 429) };
        assert_eq!(fail(&mut queue, 1, 1, &throttle), 0);
        assert!(!queue.is_open(now + Duration::from_secs(29)));
        assert_eq!(queue.next_due(now + Duration::from_secs(29)), None);
        let then = queue.wake(now).unwrap();
        assert!(then >= now + Duration::from_secs(30) && queue.is_open(then));
        assert_eq!(queue.next_due(then), Some(pending(1, 1)));
    }

    #[test]
    fn nobody_waits_for_a_day() {
        for seconds in [86_400.0, 1e19] {
            let mut queue = after_an_answer();
            let wait = Duration::from_secs_f64(seconds);
            let throttle = Failure { retry_after: Some(wait), ..failure(FailureKind::Transient, 429) };
            assert_eq!(fail(&mut queue, 1, 1, &throttle), 1);
            assert!(matches!(queue.stopped, Some(Stopped::Down(_))));
        }
    }

    #[test]
    fn what_waits_for_a_stopped_endpoint_is_given_up_with_it() {
        let mut queue = after_an_answer();
        for ask in 0..5 {
            assert_eq!(fail(&mut queue, ask, 1, &failure(FailureKind::Transient, 500)), 0);
        }
        assert_eq!(fail(&mut queue, 9, 1, &failure(FailureKind::Endpoint, 401)), 6);
        assert_eq!(queue.wake(clock::now()), None);
        // What was in flight then has no second attempt either.
        assert_eq!(fail(&mut queue, 10, 1, &failure(FailureKind::Transient, 500)), 1);
    }
}
