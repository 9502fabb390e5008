//! Earlier steps of a judgment: which is to be asked next, given the replies that are had.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Cell;
use super::error::RunError;
use crate::ask::{Key, Reply, Request};
use crate::bench::ConversationId;
use crate::judge::{EndpointJudge, Replay, read_reply};
use crate::plan::Ask;
use crate::store::Store;
use crate::strategy::Strategy;
use crate::verdict::Verdict;

/// How far a judgment has come.
pub(super) enum Stage {
    /// All its steps have been answered: the ask that decides, with its key.
    Ask(Request, Key),
    /// The first step without a reply, by its number, its request and key. Where an ask without a verdict is asked again, all its tries but the
    /// last are steps too, numbered after those of the strategy.
    Step(usize, Request, Key),
    /// This reply to a step is empty or cut off: the ask is not asked, and has no verdict.
    Empty(Arc<Reply>),
    /// This reply to a try holds a verdict: it is not asked again.
    Had(Arc<Reply>, Key),
}

/// What lies between the numbers under which the tries of a sample are asked: more than there are samples.
const NEXT_TRY: u32 = 1 << 20;

/// The ask of one of several tries, each under a number of its own.
pub(super) fn try_of(ask: Ask, number: u32) -> Ask {
    Ask { sample: ask.sample + number * NEXT_TRY, ..ask }
}

/// Where a judgment stands: `had` is asked for the reply to each step in turn. Steps are asked one after the other, also where one does not
/// show another: others are asked meanwhile.
pub(super) fn stage(
    cell: &Cell<'_>,
    judge: &EndpointJudge,
    strategy: &Strategy,
    ask: Ask,
    mut had: impl FnMut(usize, &Request, Key) -> Result<Option<Arc<Reply>>, RunError>,
) -> Result<Stage, RunError> {
    let mut said: Vec<Arc<str>> = Vec::with_capacity(strategy.steps.len());
    for (number, step) in strategy.steps.iter().enumerate() {
        let request = cell.step_request(judge, strategy, ask, &said)?;
        let key = request.key(&judge.identity, ask.sample);
        let Some(reply) = had(number, &request, key)? else { return Ok(Stage::Step(number, request, key)) };
        match step.read(&reply, &strategy.rule) {
            Some(text) => said.push(text.into()),
            None => return Ok(Stage::Empty(reply)),
        }
    }
    let slots = cell.plan.comparison(ask.comparison).slot_count();
    let tried = |number: u32| {
        let ask = try_of(ask, number);
        let request = cell.request(judge, strategy, ask, &said)?;
        let key = request.key(&judge.identity, ask.sample);
        Ok::<_, RunError>((request, key))
    };
    for number in 0..strategy.rule.reask {
        let (request, key) = tried(number)?;
        let step = strategy.steps.len() + number as usize;
        let Some(reply) = had(step, &request, key)? else { return Ok(Stage::Step(step, request, key)) };
        if !matches!(strategy.rule.read(&reply, slots).verdict, Verdict::Unparsed(_)) {
            return Ok(Stage::Had(reply, key));
        }
    }
    tried(strategy.rule.reask).map(|(request, key)| Stage::Ask(request, key))
}

/// The reply in the store under a key.
pub(super) fn stored(store: &Store, key: Key) -> Result<Option<Reply>, RunError> {
    let Some(body) = store.body(&key)? else { return Ok(None) };
    let damaged = |problem| RunError::Damaged { store: store.path().to_path_buf(), key, problem };
    read_reply(&body).map(Some).map_err(damaged)
}

/// The reply recorded for a step, in the order of the items that share it.
pub(super) fn recorded<'a>(
    cell: &Cell<'_>,
    replay: &'a Replay,
    strategy: &Strategy,
    step: usize,
    ask: Ask,
    by_conversation: &HashMap<ConversationId, Vec<usize>>,
) -> Option<&'a Reply> {
    let (comparison, step) = (cell.plan.comparison(ask.comparison), &strategy.steps[step]);
    let item = |at: usize| cell.bench.items[at].id.as_str();
    if step.is_by_comparison() {
        let mut legs = cell.plan.legs_of(ask.comparison);
        return legs.find_map(|leg| {
            let shown = leg.shown(comparison, ask.order);
            replay.reply(item(leg.item), Some(&step.name), Some(&shown), ask.sample)
        });
    }
    let items = by_conversation.get(&comparison.conversation)?;
    items.iter().find_map(|at| replay.reply(item(*at), Some(&step.name), None, ask.sample))
}
