//! How one account of a judge fares (a base URL, a key, a model), and what follows from it.

use std::collections::HashMap;
use std::time::Duration;

use super::asked::AccountUse;
use super::outage::Outage;
use super::progress::Pause;
use super::queue::Pending;
use crate::ask::{Failure, FailureKind, Key, Limits, Told, Usage};
use crate::clock::Moment;
use crate::pace::{Backoff, Budget, Room, Ticket};

/// Attempts of one ask before an endpoint has answered anything: enough for a hiccup, few enough not to keep a person waiting.
pub(super) const FIRST_ATTEMPTS: u32 = 3;
/// The same of an endpoint that answered in an earlier invocation: its address and key were right then.
pub(super) const KNOWN_ATTEMPTS: u32 = 5;
/// Asks in a row that may be given up before an endpoint has answered anything.
pub(super) const FIRST_LOSSES: u32 = 3;
/// Asks in a row that may be given up later.
pub(super) const LOSSES: u32 = 20;
/// An endpoint that is out of order, throttles all, or wants to be left alone, for longer than this is not waited for.
pub(super) const PATIENCE: Duration = Duration::from_hours(1);
/// The same, of an endpoint that throttles and has not answered anything.
const FIRST_PATIENCE: Duration = Duration::from_mins(5);
/// Times that an ask may be the one that is throttled while others are answered: an endpoint may never take this one.
const THROTTLES: u32 = 10;
/// The retry budget: this many attempts more than asks, ...
const RETRIES: u32 = 100;
/// ... and this many more for each reply. What fails more often than two times of three is not worth its quota.
const RETRIES_A_REPLY: u32 = 2;

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

/// How well an endpoint is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It has never answered.
    #[default]
    New,
    /// It has answered in an earlier invocation.
    Known,
    /// It has answered in this one.
    Answering,
}

/// One account, and how it has fared.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Why it is asked no more.
    pub(super) stopped: Option<Stopped>,
    /// What is known of it.
    pub(super) standing: Standing,
    /// What may be spent.
    pub(super) budget: Budget,
    in_flight: usize,
    losses: u32,
    /// Nothing is sent before.
    hold: Option<Moment>,
    /// Since when, without an answer, it throttles, and how many times it was held for that.
    throttled: Option<(Moment, u32)>,
    outage: Outage,
    room: Room,
    /// What is on its way was let through with these.
    tickets: HashMap<Key, Ticket>,
    /// Before, the next one does not fit into the budget.
    paced: Option<Moment>,
    retries: u32,
    replies: u32,
    /// Attempts that were turned away.
    refusals: u32,
    /// Whether a failure that may pass is waited out: it has answered before, or others do.
    is_awaited: bool,
    last_failure: Option<String>,
}

impl Account {
    /// An account with these limits that has not been asked.
    pub(super) fn new(limits: Limits) -> Self {
        Self { budget: Budget::new(limits), room: Room::new(limits.in_flight), ..Self::default() }
    }

    /// Whether it may be asked at all.
    pub(super) fn is_asked(&self) -> bool {
        self.stopped.is_none()
    }

    /// Whether it has ever answered, now or in an earlier invocation.
    pub(super) fn is_known(&self) -> bool {
        self.standing >= Standing::Known
    }

    /// Whether it has answered in this invocation.
    pub(super) fn has_answered(&self) -> bool {
        self.standing == Standing::Answering
    }

    /// Whether an ask may go now, which then counts as spent. Who is first waits until it fits, and all others behind it: nothing starves.
    pub(super) fn admit(&mut self, first: Pending, now: Moment) -> bool {
        if !self.may_send(now) {
            return false;
        }
        match self.budget.admit(first.size, now) {
            Ok(ticket) => {
                self.tickets.insert(first.key, ticket);
                self.paced = None;
                true
            }
            Err(until) => {
                self.paced = Some(until);
                false
            }
        }
    }

    fn may_send(&self, now: Moment) -> bool {
        // What was under way when it went wrong is not waited for: it may hang.
        let trouble = self.outage.tripped().max(self.throttled.map(|(since, _)| since));
        let is_probing = |since: Moment| self.tickets.values().any(|ticket| ticket.sent() > since);
        let is_free = match trouble {
            _ if !self.has_answered() => self.in_flight == 0,
            Some(since) => !is_probing(since) && self.in_flight < self.room.most(),
            None => self.in_flight < self.room.most(),
        };
        self.stopped.is_none() && is_free && self.held(now).is_none()
    }

    /// When what is due at `first` can be sent, if time alone stands in the way.
    pub(super) fn opens(&self, first: Moment, now: Moment) -> Option<Moment> {
        let moment = first.max(self.held(now).unwrap_or(now)).max(self.paced.unwrap_or(now));
        (self.stopped.is_none() && moment > now).then_some(moment)
    }

    /// Until when nothing is sent.
    pub(super) fn held(&self, now: Moment) -> Option<Moment> {
        self.hold.max(self.outage.until()).filter(|until| *until > now && self.stopped.is_none())
    }

    /// Why nothing is sent.
    pub(super) fn pause(&self, now: Moment) -> Pause {
        match now {
            _ if self.hold.is_some_and(|hold| hold > now) => Pause::Throttled,
            _ if self.outage.until().is_some_and(|probe| probe > now) => Pause::OutOfOrder,
            _ if self.is_paced(now) => Pause::Paced,
            _ => Pause::Retrying,
        }
    }

    /// Whether the next ask does not fit into its limits yet.
    pub(super) fn is_paced(&self, now: Moment) -> bool {
        self.paced.is_some_and(|until| until > now)
    }

    /// How it was used until now.
    pub(super) fn use_of(&self, name: String, now: Moment) -> AccountUse {
        AccountUse {
            name,
            replies: self.replies,
            throttled: self.refusals,
            limits: self.budget.uses(now),
            last_failure: self.last_failure.clone(),
        }
    }

    /// Nothing more is sent.
    pub(super) fn close(&mut self) {
        self.hold = None;
    }

    /// What was next is not sent after all.
    pub(super) fn unsent(&mut self, key: Key) {
        if let Some(ticket) = self.tickets.remove(&key) {
            self.budget.unspent(ticket);
        }
    }

    /// Something was sent.
    pub(super) fn sent(&mut self) {
        self.in_flight += 1;
    }

    /// A reply came, and with it what it used and what the endpoint tells of its limits.
    pub(super) fn answered(&mut self, key: Key, usage: Usage, told: &Told, now: Moment) {
        if let Some(ticket) = self.tickets.remove(&key) {
            self.budget.answered(ticket, usage, now);
        }
        self.budget.told(told, now);
        self.in_flight -= 1;
        self.losses = 0;
        self.replies = self.replies.saturating_add(1);
        self.standing = Standing::Answering;
        self.throttled = None;
        self.room.answered(self.in_flight + 1, now);
        self.outage.end();
    }

    /// An attempt failed; `pending` counts it among its attempts. When to try again; `None`: this account is not asked for it again. Where
    /// that was the last straw, `stopped` says so. An account that has not answered yet is waited for where others do.
    pub(super) fn failed(
        &mut self,
        pending: &mut Pending,
        failure: &Failure,
        backoff: Backoff,
        others_answer: bool,
        now: Moment,
    ) -> Option<Moment> {
        self.in_flight -= 1;
        self.last_failure = Some(failure.message.clone());
        if let Some(ticket) = self.tickets.remove(&pending.key) {
            match failure.kind {
                FailureKind::Throttled | FailureKind::Crowded => {
                    self.refusals += 1;
                    self.budget.turned_away(ticket, now);
                }
                _ => self.budget.lost(ticket, now),
            }
        }
        self.budget.told(&failure.told, now);
        let next = match failure.kind {
            _ if self.stopped.is_some() => None,
            FailureKind::Throttled => self.throttle(pending, failure, backoff, now),
            FailureKind::Crowded => self.crowd(*pending, failure, backoff, now),
            FailureKind::Transient | FailureKind::Garbled => {
                self.is_awaited = self.has_answered() || others_answer;
                self.stumble(pending, failure, backoff, now)
            }
            FailureKind::Quota
            | FailureKind::Ask
            | FailureKind::TooLong
            | FailureKind::Denied
            | FailureKind::Endpoint => {
                // It is there, and says no to this one.
                self.outage.end();
                None
            }
        };
        // The first reason is the one to tell: what was in flight then fails in its wake.
        if next.is_none() && self.stopped.is_none() {
            self.stopped = self.last_straw(failure, now);
        }
        next
    }

    /// The endpoint has had enough for now: all of it is left alone. When to try again, unless that has gone on too long.
    fn throttle(&mut self, pending: &mut Pending, failure: &Failure, backoff: Backoff, now: Moment) -> Option<Moment> {
        pending.throttled += u32::from(self.throttled.is_none());
        let before = self.throttled.map_or(0, |(_, holds)| holds);
        if pending.throttled > THROTTLES {
            return None;
        }
        let holds = self.throttled_for(failure, now)?;
        if holds > before {
            self.budget.throttled(pending.size, failure.told.met_tokens, holds, now);
        }
        // A wait that was waited for and did not help was too short.
        let until = match failure.retry_after {
            Some(asked) if holds <= 1 => now + asked,
            asked => now + backoff.pause(pending.key, holds, asked),
        };
        self.hold = self.hold.max(Some(until));
        self.hold.map(|hold| hold.max(now + backoff.pause(pending.key, 1, failure.retry_after)))
    }

    /// Too much was in flight: less from now on, at once; and where one alone is too much, later and later.
    fn crowd(&mut self, pending: Pending, failure: &Failure, backoff: Backoff, now: Moment) -> Option<Moment> {
        let holds = self.throttled_for(failure, now)?;
        if self.in_flight == 0 {
            let until = now + backoff.pause(pending.key, holds, failure.retry_after);
            self.hold = self.hold.max(Some(until));
            return self.hold;
        }
        self.room.crowded(self.in_flight, now);
        self.hold = self.hold.max(failure.retry_after.map(|wait| now + wait));
        Some(now + backoff.pause(pending.key, 1, failure.retry_after))
    }

    /// How many times the endpoint has had enough since its last answer, this one included; `None` where that has gone on too long. What
    /// was in flight when a hold began belongs to the same time.
    fn throttled_for(&mut self, failure: &Failure, now: Moment) -> Option<u32> {
        let (since, holds) = self.throttled.unwrap_or((now, 0));
        let asked = failure.retry_after.unwrap_or_default();
        let patience = if self.has_answered() { PATIENCE } else { FIRST_PATIENCE.max(asked) };
        let holds = holds + u32::from(self.hold.is_none_or(|until| until <= now));
        self.throttled = Some((since, holds));
        (asked <= PATIENCE && now - since <= patience).then_some(holds)
    }

    /// A failure that may pass: when to try again, if it is worth it.
    fn stumble(&mut self, pending: &mut Pending, failure: &Failure, backoff: Backoff, now: Moment) -> Option<Moment> {
        if failure.retry_after.is_some_and(|wait| wait > PATIENCE) {
            return None;
        }
        if self.is_awaited && self.outage.failed(pending.key, now) {
            if self.outage.lasts(now) > PATIENCE {
                return None;
            }
            // Not the ask's fault: it keeps its attempts.
            return Some(self.outage.cool_down(pending.key, failure.retry_after, now));
        }
        pending.failed += 1;
        self.retries += 1;
        let most = match self.standing {
            _ if self.is_awaited => backoff.attempts,
            Standing::New => backoff.attempts.min(FIRST_ATTEMPTS),
            Standing::Known => backoff.attempts.min(KNOWN_ATTEMPTS),
            Standing::Answering => backoff.attempts,
        };
        let is_affordable = self.retries <= RETRIES + RETRIES_A_REPLY.saturating_mul(self.replies);
        let again = pending.failed < most && is_affordable;
        again.then(|| now + backoff.pause(pending.key, pending.failed, failure.retry_after))
    }

    /// Whether the endpoint is asked no more, now that an ask is given up.
    fn last_straw(&mut self, failure: &Failure, now: Moment) -> Option<Stopped> {
        let refused = || Some(Stopped::Refused(failure.clone()));
        let since = self.throttled.map(|(since, _)| since);
        let silent = since.map_or_else(|| self.outage.lasts(now), |since| now - since);
        let down = || Some(Stopped::Down(with_silence(failure, silent)));
        let limit = match failure.kind {
            FailureKind::Endpoint | FailureKind::Quota => return refused(),
            FailureKind::Denied | FailureKind::Garbled if !self.is_known() => return refused(),
            FailureKind::Throttled if self.throttled.is_none() => LOSSES,
            FailureKind::Throttled | FailureKind::Crowded => return down(),
            FailureKind::Transient | FailureKind::Garbled
                if self.outage.is_on() || failure.retry_after.is_some_and(|wait| wait > PATIENCE) =>
            {
                return down();
            }
            FailureKind::Transient if !self.is_awaited => FIRST_LOSSES,
            // Long texts stand next to each other: many in a row that are too long say nothing of the endpoint.
            FailureKind::TooLong if self.is_known() => return None,
            FailureKind::TooLong => FIRST_LOSSES,
            FailureKind::Ask if !self.is_known() => FIRST_LOSSES,
            FailureKind::Transient | FailureKind::Garbled | FailureKind::Denied | FailureKind::Ask => LOSSES,
        };
        self.losses += 1;
        match failure.kind {
            _ if self.losses < limit => None,
            FailureKind::Transient => down(),
            _ => refused(),
        }
    }
}

/// A failure that says how long it has been so.
fn with_silence(failure: &Failure, silent: Duration) -> Failure {
    let minutes = silent.as_secs() / 60;
    if minutes == 0 {
        return failure.clone();
    }
    let message = format!("{} (nothing else came for {minutes} minutes)", failure.message);
    Failure { message, ..failure.clone() }
}
