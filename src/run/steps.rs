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

/// How far a judgment has come.
pub(super) enum Stage {
    /// All its steps have been answered: the ask that decides.
    Ask(Request),
    /// The first step without a reply, by its number, and its request.
    Step(usize, Request),
    /// This reply to a step is empty or cut off: the ask is not asked, and has no verdict.
    Empty(Arc<Reply>),
}

/// Where a judgment stands: `had` is asked for the reply to each step in turn. Steps are asked one after the other, also where one does not
/// show another: others are asked meanwhile.
pub(super) fn stage(
    cell: &Cell<'_>,
    judge: &EndpointJudge,
    strategy: &Strategy,
    ask: Ask,
    mut had: impl FnMut(usize, &Request) -> Result<Option<Arc<Reply>>, RunError>,
) -> Result<Stage, RunError> {
    let mut said: Vec<Arc<str>> = Vec::with_capacity(strategy.steps.len());
    for (number, step) in strategy.steps.iter().enumerate() {
        let request = cell.step_request(judge, strategy, ask, &said)?;
        let Some(reply) = had(number, &request)? else { return Ok(Stage::Step(number, request)) };
        match step.read(&reply, &strategy.rule) {
            Some(text) => said.push(text.into()),
            None => return Ok(Stage::Empty(reply)),
        }
    }
    cell.request(judge, strategy, ask, &said).map(Stage::Ask)
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
