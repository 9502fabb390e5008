//! What is left to ask of one judge, and which of its accounts is asked next.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::account::Account;
use super::progress::Pause;
use crate::ask::{Failure, FailureKind, Key, Request};
use crate::clock::Moment;
use crate::money::{Prices, Usd};
use crate::pace::{Backoff, Size};

/// An ask on its way: the number of its cell, its place in the plan, its key, and how it fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) cell: usize,
    pub(super) place: usize,
    /// The number of an earlier step; `None` of the ask that decides.
    pub(super) step: Option<usize>,
    pub(super) key: Key,
    /// Attempts so far.
    pub(super) attempts: u32,
    /// Those that failed by the ask's own fate: not throttled, and not while the endpoint was out of order.
    pub(super) failed: u32,
    /// Those that were throttled though others had been answered just before.
    pub(super) throttled: u32,
    /// How large it is.
    pub(super) size: Size,
    /// The most that one attempt may cost; nothing where no price is known.
    pub(super) worst: Usd,
    /// Whether its last attempt may have been billed: it must be claimed again, for another may not be affordable.
    pub(super) is_lapsed: bool,
}

/// What is to be sent now.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) pending: Pending,
    /// `None`: it is to be rendered again.
    pub(super) request: Option<Request>,
    /// The account that lets it through.
    pub(super) account: usize,
}

/// What is left to ask of one judge.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The numbers of its cells.
    pub(super) cells: Vec<usize>,
    /// Which of its cells is next: they take turns, a conversation each.
    pub(super) turn: usize,
    /// Where it is asked.
    pub(super) accounts: Vec<Account>,
    /// Whether every ask has had its turn.
    pub(super) is_through: bool,
    /// Asks whose claims are being decided on.
    pub(super) claiming: usize,
    /// Asks that another process has claimed.
    pub(super) elsewhere: Vec<Pending>,
    /// The account that is tried first: they take turns.
    first: usize,
    /// Asks that are claimed and have not been sent.
    ready: VecDeque<(Pending, Option<Request>)>,
    due: BTreeMap<(Moment, Key), Pending>,
    /// Retries that must be claimed again first.
    lapsed: BTreeMap<(Moment, Key), Pending>,
    /// What its tokens cost.
    pub(super) prices: Option<Prices>,
    /// Whether the last that was sent was a retry: retries and new asks take turns.
    was_retry: bool,
    /// Since when the next ask waits for a limit.
    waiting: Option<Moment>,
    longest_wait: Duration,
}

impl Queue {
    /// A queue of nothing yet, for a judge whose tokens cost this.
    pub(super) fn new(prices: Option<Prices>) -> Self {
        Self { prices, ..Self::default() }
    }

    /// How many asks are claimed ahead, or about to be.
    pub(super) fn ahead(&self) -> usize {
        self.ready.len() + self.claiming
    }

    /// Whether asks may be claimed at all.
    pub(super) fn is_asked(&self) -> bool {
        self.accounts.iter().any(Account::is_asked)
    }

    /// An ask was claimed.
    pub(super) fn claimed(&mut self, pending: Pending, request: Option<Request>) {
        self.ready.push_back((pending, request));
    }

    /// What to send now: a retry whose time has come, or an ask that is claimed; by the first account that has room.
    pub(super) fn next(&mut self, now: Moment) -> Option<Next> {
        let retry = self.due.first_key_value().filter(|((moment, _), _)| *moment <= now).map(|(_, pending)| *pending);
        let new = self.ready.front().filter(|_| self.has_new()).map(|(pending, _)| *pending);
        let (first, is_retry) = match (retry, new) {
            (Some(retry), None) => (retry, true),
            (Some(retry), Some(_)) if !self.was_retry => (retry, true),
            (_, new) => (new?, false),
        };
        let account = self.admit(first, now)?;
        self.was_retry = is_retry;
        let (pending, request) =
            if is_retry { self.due.pop_first().map(|(_, pending)| (pending, None)) } else { self.ready.pop_front() }?;
        Some(Next { pending, request, account })
    }

    /// The account that lets an ask through; they take turns.
    fn admit(&mut self, first: Pending, now: Moment) -> Option<usize> {
        let count = self.accounts.len();
        let mut turns = (0..count).map(|step| (self.first + step) % count);
        let account = turns.find(|at| self.accounts[*at].admit(first, now));
        let Some(account) = account else {
            if self.accounts.iter().any(|account| account.is_paced(now)) {
                self.waiting.get_or_insert(now);
            }
            return None;
        };
        if let Some(since) = self.waiting.take() {
            self.longest_wait = self.longest_wait.max(now - since);
        }
        self.first = (account + 1) % count;
        Some(account)
    }

    /// The longest that an ask was next and waited for a limit.
    pub(super) fn longest_wait(&self) -> Duration {
        self.longest_wait
    }

    /// Whether an ask that is claimed may be next. Before the first answer one ask is tried to its end: a wrong key fails once, not in
    /// a burst.
    fn has_new(&self) -> bool {
        let has_answered = || self.accounts.iter().any(Account::has_answered);
        !self.ready.is_empty() && (self.due.is_empty() || has_answered())
    }

    /// When something can be sent that cannot be sent now, if time alone stands in the way.
    pub(super) fn wake(&self, now: Moment) -> Option<Moment> {
        let lapsed = self.lapsed.keys().next().map(|(moment, _)| *moment).filter(|moment| *moment > now);
        self.opens(now).map(|(moment, _)| moment).into_iter().chain(lapsed).min()
    }

    /// Whether nothing is claimed, on its way to be, or waits for another attempt.
    pub(super) fn is_empty(&self) -> bool {
        self.ahead() == 0 && self.retrying() == 0
    }

    /// A retry whose time has come and that must be claimed again.
    pub(super) fn lapsed(&mut self, now: Moment) -> Option<Pending> {
        let entry = self.lapsed.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(Pending { is_lapsed: false, ..entry.remove() })
    }

    /// Why nothing is sent, and until when.
    pub(super) fn pause(&self, now: Moment) -> Option<(Pause, Moment)> {
        self.opens(now).map(|(moment, account)| (account.pause(now), moment))
    }

    /// The first account that opens, and when.
    fn opens(&self, now: Moment) -> Option<(Moment, &Account)> {
        let due = self.due.keys().next().map(|(moment, _)| *moment);
        let first = if self.has_new() { Some(now) } else { due }?;
        let opening = self.accounts.iter().filter_map(|account| Some((account.opens(first, now)?, account)));
        opening.min_by_key(|(moment, _)| *moment)
    }

    /// Forgets what is left: nothing more is sent. Answers with the keys that were claimed and are not asked.
    pub(super) fn close(&mut self) -> Vec<Key> {
        self.accounts.iter_mut().for_each(Account::close);
        self.elsewhere.clear();
        self.lapsed.clear();
        let ready = self.ready.drain(..).map(|(pending, _)| pending.key);
        ready.chain(std::mem::take(&mut self.due).into_values().map(|pending| pending.key)).collect()
    }

    /// How many asks wait for another attempt.
    pub(super) fn retrying(&self) -> usize {
        self.due.len() + self.lapsed.len()
    }

    /// An attempt failed at an account; `pending` counts it among its attempts. Answers whether the ask is given up: where the account is to
    /// blame, and another one is asked still, that one is tried.
    pub(super) fn failed(
        &mut self,
        account: usize,
        mut pending: Pending,
        failure: &Failure,
        backoff: Backoff,
        now: Moment,
    ) -> bool {
        let others_answer = self
            .accounts
            .iter()
            .enumerate()
            .any(|(at, other)| at != account && other.is_asked() && other.has_answered());
        let next = self.accounts[account].failed(&mut pending, failure, backoff, others_answer, now);
        let is_to_blame = match failure.kind {
            FailureKind::Ask | FailureKind::TooLong => false,
            FailureKind::Transient | FailureKind::Garbled => !self.accounts[account].is_asked(),
            _ => true,
        };
        let others = || self.accounts.iter().enumerate().filter(|(at, other)| *at != account && other.is_asked());
        let soon = now + backoff.pause(pending.key, 1, None);
        let next = match next {
            // An account that is left alone does not hold up what another can take.
            Some(next) if others().any(|(_, other)| other.held(now).is_none()) => Some(next.min(soon)),
            None if is_to_blame && pending.failed < backoff.attempts && others().next().is_some() => {
                pending.failed += 1;
                Some(soon)
            }
            next => next,
        };
        if let Some(next) = next {
            let waiting = if pending.is_lapsed { &mut self.lapsed } else { &mut self.due };
            waiting.insert((next, pending.key), pending);
        }
        next.is_none()
    }
}
