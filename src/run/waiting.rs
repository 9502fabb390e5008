//! Judgments that wait for the reply to an earlier step, or to an earlier try.
//!
//! A reply is shown in a later ask only after it was handed to the writer, and that ask is claimed in the same transaction or a later one: what is
//! sent never rests on a reply that a kill could lose.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::driver::Driver;
use super::error::RunError;
use super::queue::Pending;
use super::steps::{Stage, stage, stored};
use crate::ask::{Key, Reply, Request};
use crate::store::Store;
use crate::verdict::{Reason, Verdict};

/// How many replies are at hand before they can be read from the store; more than the writer ever holds back.
const LATE: usize = 1024;

/// A judgment that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) cell: usize,
    pub(super) place: usize,
    /// Whether the canary of its cell counts it as asked.
    pub(super) is_counted: bool,
}

/// Who waits for what.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Whether any strategy asks in turn.
    is_needed: bool,
    /// Those that wait for each ask on its way.
    unanswered: HashMap<Key, Vec<Waiter>>,
    /// Those that may go on.
    resumed: VecDeque<Waiter>,
    late: HashMap<Key, Arc<Reply>>,
    late_order: VecDeque<Key>,
    /// The steps of each cell that have been counted.
    counted: HashSet<(usize, Key)>,
    /// The tries of each cell that brought no verdict.
    spent: HashSet<(usize, Key)>,
}

impl Waiting {
    pub(super) fn new(is_needed: bool) -> Self {
        Self { is_needed, ..Self::default() }
    }

    /// An ask is on its way.
    pub(super) fn expect(&mut self, key: Key) {
        if self.is_needed {
            self.unanswered.entry(key).or_default();
        }
    }

    /// A reply came.
    pub(super) fn answered(&mut self, key: Key, reply: &Reply, is_step: bool) {
        let waiters = self.unanswered.remove(&key).unwrap_or_default();
        if is_step || !waiters.is_empty() {
            self.late.insert(key, Arc::new(reply.clone()));
            self.late_order.push_back(key);
            if self.late_order.len() > LATE
                && let Some(oldest) = self.late_order.pop_front()
            {
                self.late.remove(&oldest);
            }
        }
        self.resumed.extend(waiters);
    }

    /// The reply was in the store already.
    pub(super) fn stored(&mut self, key: Key) {
        self.resumed.extend(self.unanswered.remove(&key).unwrap_or_default());
    }

    /// The ask is not on its way any more; answers with those that waited for it.
    pub(super) fn gone(&mut self, key: Key) -> Vec<Waiter> {
        self.unanswered.remove(&key).unwrap_or_default()
    }

    /// The next that may go on, of some cells.
    pub(super) fn resume(&mut self, is_of: impl Fn(usize) -> bool) -> Option<Waiter> {
        let at = self.resumed.iter().position(|waiter| is_of(waiter.cell))?;
        self.resumed.remove(at)
    }

    fn had(&self, key: Key, store: &Store) -> Result<Option<Arc<Reply>>, RunError> {
        match self.late.get(&key) {
            Some(reply) => Ok(Some(Arc::clone(reply))),
            None => Ok(stored(store, key)?.map(Arc::new)),
        }
    }
}

/// What a judgment needs next: the number of a step, or `None` for the ask that decides; its request and key.
pub(super) type Need = (Option<usize>, Request, Key);

impl Driver<'_> {
    /// What a judgment needs next; `None` where it waits for a step, and where it has come to its end without an ask.
    pub(super) fn need(&mut self, waiter: Waiter, store: &Store) -> Result<Option<Need>, RunError> {
        let cell = &self.cells[waiter.cell];
        let Some((judge, strategy)) = cell.endpoint() else { return Ok(None) };
        let ask = cell.plan.judgment(waiter.place);
        let (waiting, taken) = (&self.waiting, &self.taken);
        let mut found = Vec::new();
        let stage = stage(cell, judge, strategy, ask, |step, _, key| {
            if waiting.unanswered.contains_key(&key) || !taken.contains(&key) {
                return Ok(None);
            }
            let reply = waiting.had(key, store)?;
            found.extend(reply.as_ref().map(|_| (step, key)));
            Ok(reply)
        })?;
        let tries = found.iter().filter(|(step, _)| *step >= strategy.steps.len()).count();
        let first_try = found.len() - tries;
        let without = tries - usize::from(matches!(stage, Stage::Had(..)));
        for (_, key) in &found[first_try..first_try + without] {
            // What comes after a try without a verdict was not planned.
            self.asked.counters.planned += usize::from(self.waiting.spent.insert((waiter.cell, *key)));
        }
        for (_, key) in found {
            self.count_step(waiter.cell, key);
        }
        match stage {
            Stage::Ask(request, key) => Ok(Some((None, request, key))),
            Stage::Step(number, request, key) => Ok(self.need_step(waiter, number, request, key)),
            Stage::Empty(reply) => {
                self.asked.counters.found += 1;
                self.end_without_ask(waiter, &Verdict::Unparsed(Reason::StepEmpty), &reply);
                Ok(None)
            }
            Stage::Had(reply, key) => {
                self.asked.keys[waiter.cell][waiter.place] = Some(key);
                let verdict = strategy.rule.read(&reply, cell.plan.comparison(ask.comparison).slot_count()).verdict;
                if waiter.is_counted {
                    self.judged(waiter.cell, waiter.place, &verdict, &reply);
                } else {
                    self.end_without_ask(waiter, &verdict, &reply);
                }
                Ok(None)
            }
        }
    }

    /// The judgment waits for this step; answers with it where it is to be asked now.
    fn need_step(&mut self, waiter: Waiter, number: usize, request: Request, key: Key) -> Option<Need> {
        let Waiter { cell, place, is_counted } = waiter;
        if let Some(waiters) = self.waiting.unanswered.get_mut(&key) {
            waiters.push(Waiter { is_counted: true, ..waiter });
            if !is_counted {
                self.canaries[cell].asked();
            }
            self.count_step(cell, key);
            return None;
        }
        if self.settings.canary && self.canaries[cell].is_alarmed() {
            self.canaries[cell].withhold();
            return None;
        }
        let is_refused = self.refused.contains(&key);
        if is_refused && self.waiting.counted.insert((cell, key)) {
            self.asked.counters.refused += 1;
        }
        if is_refused || !self.taken.insert(key) {
            self.lose(&[waiter]);
            // A try that was refused is the judgment itself, and has been counted.
            self.asked.counters.given_up -= usize::from(is_refused && self.is_try(cell, number));
            return None;
        }
        if !is_counted {
            self.canaries[cell].asked();
        }
        self.waiting.counted.insert((cell, key));
        self.waiting.unanswered.insert(key, vec![Waiter { cell, place, is_counted: true }]);
        Some((Some(number), request, key))
    }

    /// A step that needs no request of this cell counts as found, once.
    fn count_step(&mut self, cell: usize, key: Key) {
        self.asked.counters.found += usize::from(self.waiting.counted.insert((cell, key)));
    }

    /// Whether a step is a try of the deciding ask, which is asked again where it brings no verdict.
    pub(super) fn is_try(&self, cell: usize, step: usize) -> bool {
        self.cells[cell].strategy.is_some_and(|strategy| step >= strategy.steps.len())
    }

    /// The verdict is known without an ask: a step brought nothing, or a try was had before.
    fn end_without_ask(&mut self, waiter: Waiter, verdict: &Verdict, reply: &Reply) {
        let canary = &mut self.canaries[waiter.cell];
        if waiter.is_counted {
            canary.given_up();
        }
        canary.hear(verdict, reply, true);
        self.is_enough(waiter.cell, waiter.place, verdict);
    }

    /// The step that these wait for is not had: neither are they.
    pub(super) fn lose(&mut self, waiters: &[Waiter]) {
        for waiter in waiters {
            self.asked.counters.given_up += 1;
            if waiter.is_counted {
                self.canaries[waiter.cell].given_up();
            }
        }
    }

    /// Another process asks the step that these wait for: their canaries wait for others.
    pub(super) fn left_to_others(&mut self, key: Key) {
        for waiter in self.waiting.unanswered.get_mut(&key).into_iter().flatten() {
            if std::mem::take(&mut waiter.is_counted) {
                self.canaries[waiter.cell].given_up();
            }
        }
    }

    /// The cell of an ask is alarmed: those that wait for it there are not asked; those of other cells ask for it themselves.
    pub(super) fn withhold_waiters(&mut self, pending: Pending) {
        for waiter in self.waiting.gone(pending.key) {
            if waiter.cell == pending.cell {
                self.canaries[waiter.cell].withhold();
            } else {
                self.waiting.resumed.push_back(waiter);
            }
        }
    }

    /// The request of an ask that has had its turn; `None` where it cannot be made any more.
    pub(super) fn request(&self, pending: Pending, store: &Store) -> Result<Option<Request>, RunError> {
        let cell = &self.cells[pending.cell];
        let Some((judge, strategy)) = cell.endpoint() else { return Ok(None) };
        let ask = cell.plan.judgment(pending.place);
        let stage = stage(cell, judge, strategy, ask, |step, _, key| {
            if pending.step == Some(step) {
                return Ok(None);
            }
            self.waiting.had(key, store)
        })?;
        Ok(match stage {
            Stage::Ask(request, _) | Stage::Step(_, request, _) => Some(request),
            Stage::Empty(_) | Stage::Had(..) => None,
        })
    }
}
