//! Lets requests pass, or names the limit that they met. Its time is what it is told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::announce::{Standing, Verdict};
use super::spec::{Charge, Limit, Limits};
use super::usage::{LimitUse, Tally};
use super::window::Window;

/// What is reserved for the reply of a request that names no limit of its own.
const RESERVED: u64 = 16;
/// The largest number of tokens of one request: sums stay far from overflow.
const MOST_TOKENS: u64 = u32::MAX as u64;
/// After so many minutes the list of minutes ends; the rest counts to its last.
const MINUTES: usize = 100_000;

/// The tokens of one request.
#[derive(Clone, Copy)]
pub(in super::super) struct Cost {
    input: u64,
    reserved: u64,
}

impl Cost {
    pub(in super::super) fn new(prompt_tokens: usize, token_limit: Option<usize>) -> Self {
        let tokens = |count: usize| (count as u64).min(MOST_TOKENS);
        Self { input: tokens(prompt_tokens), reserved: token_limit.map_or(RESERVED, tokens) }
    }

    /// What a limit is charged at arrival.
    fn of(self, limit: Limit, charge: Charge) -> u64 {
        let reserved = if charge == Charge::Reserved { self.reserved } else { 0 };
        match limit {
            Limit::Requests | Limit::RequestsPerDay => 1,
            Limit::Tokens => self.input + reserved,
            Limit::InputTokens => self.input,
            Limit::OutputTokens => reserved,
            Limit::Concurrency => 0,
        }
    }
}

/// What the limits remember.
#[derive(Default)]
pub(in super::super) struct Gate {
    started: Option<u64>,
    /// The latest moment: requests of several threads may come in another order than their clocks were read.
    latest: u64,
    windows: [Window; Limit::COUNT],
    /// The tokens of replies under way, and when they are sent.
    owed: BinaryHeap<Reverse<(u64, u64)>>,
    tallies: [Tally; Limit::COUNT],
    throttled: [u64; Limit::COUNT],
    per_minute: Vec<u64>,
}

impl Gate {
    /// One whose seconds count from this moment, in milliseconds since 1970. `Default` counts from the first request.
    pub(in super::super) fn started_at(now: u64) -> Self {
        Self { started: Some(now), ..Self::default() }
    }

    /// Brings everything to this moment; says whether there is no service.
    pub(in super::super) fn advance(&mut self, limits: &Limits, now: u64) -> bool {
        self.latest = self.latest.max(now);
        self.started.get_or_insert(now);
        // Each is charged at its own moment, in order, before anything of a later one.
        while let Some(&Reverse((moment, tokens))) = self.owed.peek().filter(|owed| owed.0.0 <= self.latest) {
            self.owed.pop();
            for limit in [Limit::Tokens, Limit::OutputTokens] {
                self.charge(limits, limit, tokens, moment);
            }
        }
        for limit in Limit::ALL {
            self.windows[limit as usize].advance(self.latest, limits.span(limit));
            self.tallies[limit as usize].advance(self.since(self.latest), limits.span(limit));
        }
        limits.down.hold(self.since(self.latest))
    }

    /// Judges a request that comes now, `working` requests being under way with it.
    pub(in super::super) fn judge(&mut self, limits: &Limits, cost: Cost, working: u64) -> Verdict {
        let met = Limit::ALL.into_iter().find(|limit| self.is_over(limits, *limit, cost, working));
        if met.is_none() || limits.charge_rejected {
            for limit in Limit::windows() {
                self.charge(limits, limit, cost.of(limit, limits.charge), self.latest);
            }
        }
        if let Some(limit) = met {
            self.throttled[limit as usize] += 1;
        } else {
            self.tallies[Limit::Concurrency as usize].reach(working);
            self.count_minute();
        }
        let standings = Limit::windows().filter_map(|limit| self.standing(limits, limit)).collect();
        let room_at = met.and_then(|limit| self.room_at(limits, limit, cost));
        Verdict {
            met,
            requested: met.map_or(0, |limit| cost.of(limit, limits.charge)),
            standings,
            room_at,
            now: self.latest,
        }
    }

    /// Takes note of a reply that is to be sent at a moment, if its tokens count then.
    pub(in super::super) fn owe(&mut self, limits: &Limits, tokens: u64, moment: u64) {
        if limits.charge == Charge::Used && tokens > 0 {
            self.owed.push(Reverse((moment.max(self.latest), tokens.min(MOST_TOKENS))));
        }
    }

    /// The numbers of each limit that is set.
    pub(in super::super) fn usage(&self, limits: &Limits) -> BTreeMap<&'static str, LimitUse> {
        let set = Limit::ALL.into_iter().filter(|limit| limits.schedule(*limit).is_some());
        let of = |limit: Limit| {
            let (throttled, tally) = (self.throttled[limit as usize], &self.tallies[limit as usize]);
            (limit.name(), LimitUse { throttled, last_window: tally.last() })
        };
        set.map(of).collect()
    }

    /// How many requests were accepted in each minute since the start.
    pub(in super::super) fn per_minute(&self) -> &[u64] {
        &self.per_minute
    }

    fn since(&self, moment: u64) -> u64 {
        moment.saturating_sub(self.started.unwrap_or(moment))
    }

    fn number(&self, limits: &Limits, limit: Limit) -> Option<u64> {
        limits.schedule(limit)?.at(self.since(self.latest))
    }

    fn is_over(&self, limits: &Limits, limit: Limit, cost: Cost, working: u64) -> bool {
        let Some(number) = self.number(limits, limit) else { return false };
        if limit == Limit::Concurrency {
            return working > number;
        }
        // Where nothing is charged at arrival, something must be left all the same.
        self.windows[limit as usize].used() + cost.of(limit, limits.charge).max(1) > number
    }

    fn charge(&mut self, limits: &Limits, limit: Limit, amount: u64, moment: u64) {
        if limits.schedule(limit).is_some() {
            self.windows[limit as usize].charge(moment, amount);
            let elapsed = self.since(moment);
            let tally = &mut self.tallies[limit as usize];
            tally.advance(elapsed, limits.span(limit));
            tally.add(amount);
        }
    }

    fn count_minute(&mut self) {
        let minute = usize::try_from(self.since(self.latest) / 60_000).unwrap_or(MINUTES).min(MINUTES - 1);
        if self.per_minute.len() <= minute {
            self.per_minute.resize(minute + 1, 0);
        }
        self.per_minute[minute] += 1;
    }

    fn standing(&self, limits: &Limits, limit: Limit) -> Option<Standing> {
        let number = self.number(limits, limit)?;
        let window = &self.windows[limit as usize];
        let whole_at = window.down_to(0, self.latest, limits.span(limit));
        Some(Standing { limit, number, used: window.used(), whole_at })
    }

    /// When every window has room for the request again, as things stand; never, if it is larger than a limit, and unknown of
    /// requests at once.
    fn room_at(&self, limits: &Limits, met: Limit, cost: Cost) -> Option<u64> {
        if met == Limit::Concurrency {
            return None;
        }
        let mut room_at = self.latest;
        for limit in Limit::windows() {
            let Some(number) = self.number(limits, limit) else { continue };
            let keep = number.checked_sub(cost.of(limit, limits.charge).max(1))?;
            room_at = room_at.max(self.windows[limit as usize].down_to(keep, self.latest, limits.span(limit)));
        }
        Some(room_at)
    }
}
