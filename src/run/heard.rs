//! What a judge has said to each judgment of a cell and to its earlier steps, from wherever its replies are.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cell::Cell;
use super::error::RunError;
use super::steps::{Stage, recorded, stage, stored};
use crate::ask::{Key, Reply};
use crate::bench::ConversationId;
use crate::judge::{EndpointJudge, JudgeKind, Replay};
use crate::plan::{Ask, Unit};
use crate::store::Store;
use crate::strategy::Strategy;
use crate::verdict::Verdict;

/// What was said to a judgment.
#[allow(clippy::large_enum_variant, reason = "nearly everything that is heard is a reply")]
pub(super) enum Heard<'a> {
    /// Nothing yet.
    Nothing,
    /// A verdict without a reply: that of a baseline.
    Verdict(Verdict),
    /// A reply.
    Reply(Cow<'a, Reply>),
    /// An earlier step brought nothing, and so it was not asked.
    StepEmpty,
}

/// Listens to the judge of a cell, judgment by judgment.
pub(super) struct Listener<'a> {
    cell: Cell<'a>,
    store: Option<&'a Store>,
    /// The items of each conversation, where recorded replies to steps are looked for under them.
    items: HashMap<ConversationId, Vec<usize>>,
    /// What was said to the steps of the last conversation: judgments of one stand together.
    steps: HashMap<(usize, Unit, u32), Option<Arc<Reply>>>,
    conversation: Option<ConversationId>,
    /// Replies to steps that were read, each once.
    pub(super) replies: Vec<Arc<Reply>>,
    /// Asks of steps with a reply, and those that need none for one before them is empty.
    pub(super) answered: usize,
    /// Replies without a verdict after which the ask was asked again.
    pub(super) spent_tries: usize,
    /// What was refused for good, once it was looked for.
    refused: Option<HashSet<Key>>,
}

impl<'a> Listener<'a> {
    pub(super) fn new(cell: Cell<'a>, store: Option<&'a Store>) -> Self {
        let mut items: HashMap<ConversationId, Vec<usize>> = HashMap::new();
        let has_steps = cell.strategy.is_some_and(|strategy| !strategy.steps.is_empty());
        if has_steps && matches!(cell.judge.kind, JudgeKind::Replay(_)) {
            for (at, item) in cell.bench.items.iter().enumerate() {
                items.entry(item.conversation).or_default().push(at);
            }
        }
        let (steps, replies) = (HashMap::new(), Vec::new());
        Self { cell, store, items, steps, conversation: None, replies, answered: 0, spent_tries: 0, refused: None }
    }

    /// What was said to an ask, and the key that it is stored under.
    pub(super) fn hear(&mut self, ask: Ask, key: Option<Key>) -> Result<(Heard<'a>, Option<Key>), RunError> {
        let cell = self.cell;
        let comparison = cell.plan.comparison(ask.comparison);
        if self.conversation.replace(comparison.conversation) != Some(comparison.conversation) {
            self.steps.clear();
        }
        match &cell.judge.kind {
            JudgeKind::Baseline(baseline) => {
                let text =
                    |slot| cell.bench.texts.get(comparison.text(comparison.entrant_in(slot, ask.order))).as_ref();
                let verdict = baseline.verdict([0, 1].map(text), cell.seed, comparison.hash, ask.order, ask.sample);
                Ok((Heard::Verdict(verdict), None))
            }
            JudgeKind::Replay(replay) => Ok((self.hear_records(replay, ask), key)),
            JudgeKind::Endpoint(judge) => {
                let Some(store) = self.store else { return Ok((Heard::Nothing, key)) };
                let (heard, key) = match cell.strategy.filter(|strategy| strategy.asks_in_turn()) {
                    Some(strategy) => self.hear_steps(judge, strategy, ask, store)?,
                    None => (None, key),
                };
                if let Some(heard) = heard {
                    return Ok((heard, key));
                }
                let Some(known) = key else { return Ok((Heard::Nothing, None)) };
                let reply = stored(store, known)?;
                Ok((reply.map_or(Heard::Nothing, |reply| Heard::Reply(Cow::Owned(reply))), key))
            }
        }
    }

    /// What follows from the steps of an ask, if they end it, and its key.
    fn hear_steps(
        &mut self,
        judge: &EndpointJudge,
        strategy: &Strategy,
        ask: Ask,
        store: &Store,
    ) -> Result<(Option<Heard<'a>>, Option<Key>), RunError> {
        let cell = self.cell;
        if strategy.rule.reask > 0 && self.refused.is_none() {
            self.refused = Some(store.refused()?);
        }
        let refused = self.refused.take().unwrap_or_default();
        let (mut last, mut tries) = (0, Vec::new());
        let stage = stage(&cell, judge, strategy, ask, |step, _, key| {
            if step >= strategy.steps.len() {
                let reply = stored(store, key)?.map(Arc::new);
                tries.extend(reply.clone().map(|reply| (reply, key)));
                return Ok(reply);
            }
            last = step;
            self.step(strategy, step, ask, || Ok(stored(store, key)?.map(Arc::new)))
        })?;
        let is_refused = |key: Key| refused.contains(&key);
        let heard = match stage {
            // Where the next try is refused for good, the last one without a verdict stands.
            Stage::Ask(_, key) | Stage::Step(_, _, key) if is_refused(key) && !tries.is_empty() => match tries.pop() {
                Some((reply, key)) => (Some(Heard::Reply(Cow::Owned(Arc::unwrap_or_clone(reply)))), Some(key)),
                None => (Some(Heard::Nothing), None),
            },
            Stage::Ask(_, key) => (None, Some(key)),
            Stage::Step(..) => (Some(Heard::Nothing), None),
            Stage::Empty(_) => {
                self.skip(strategy, last + 1, ask);
                (Some(Heard::StepEmpty), None)
            }
            Stage::Had(reply, key) => {
                tries.pop();
                (Some(Heard::Reply(Cow::Owned(Arc::unwrap_or_clone(reply)))), Some(key))
            }
        };
        self.refused = Some(refused);
        self.spent_tries += tries.len();
        self.replies.extend(tries.into_iter().map(|(reply, _)| reply));
        Ok(heard)
    }

    fn hear_records(&mut self, replay: &'a Replay, ask: Ask) -> Heard<'a> {
        let cell = self.cell;
        let comparison = cell.plan.comparison(ask.comparison);
        if let Some(strategy) = cell.strategy {
            for (at, step) in strategy.steps.iter().enumerate() {
                let items = std::mem::take(&mut self.items);
                let record = recorded(&cell, replay, strategy, at, ask, &items).cloned().map(Arc::new);
                self.items = items;
                let Ok(Some(said)) = self.step(strategy, at, ask, || Ok(record)) else { return Heard::Nothing };
                if step.read(&said, &strategy.rule).is_none() {
                    self.skip(strategy, at + 1, ask);
                    return Heard::StepEmpty;
                }
            }
        }
        let mut legs = cell.plan.legs_of(ask.comparison);
        let record = legs.find_map(|leg| {
            let shown = leg.shown(comparison, ask.order);
            replay.reply(&cell.bench.items[leg.item].id, None, Some(&shown), ask.sample)
        });
        record.map_or(Heard::Nothing, |reply| Heard::Reply(Cow::Borrowed(reply)))
    }

    /// The reply to a step, which is looked for once, however many judgments need it.
    fn step(
        &mut self,
        strategy: &Strategy,
        step: usize,
        ask: Ask,
        look: impl FnOnce() -> Result<Option<Arc<Reply>>, RunError>,
    ) -> Result<Option<Arc<Reply>>, RunError> {
        let place = self.place(strategy, step, ask);
        if let Some(known) = self.steps.get(&place) {
            return Ok(known.clone());
        }
        let reply = look()?;
        self.answered += usize::from(reply.is_some());
        self.replies.extend(reply.clone());
        self.steps.insert(place, reply.clone());
        Ok(reply)
    }

    /// The steps from this one on need no reply.
    fn skip(&mut self, strategy: &Strategy, from: usize, ask: Ask) {
        for step in from..strategy.steps.len() {
            let place = self.place(strategy, step, ask);
            self.answered += usize::from(self.steps.insert(place, None).is_none());
        }
    }

    fn place(&self, strategy: &Strategy, step: usize, ask: Ask) -> (usize, Unit, u32) {
        let asked = &strategy.steps[step];
        (step, self.cell.plan.unit(ask, asked.is_by_comparison(), asked.uses_group()), ask.sample)
    }
}
