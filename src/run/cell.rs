//! A cell: one judge asked in one way about one benchmark.

use crate::ask::Request;
use crate::bench::Bench;
use crate::judge::{EndpointJudge, Hints, Judge, JudgeKind};
use crate::plan::{Ask, Plan};
use crate::run::RunError;
use crate::strategy::{Speech, Strategy, View};

/// One judge, one strategy, one benchmark: one row of results.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// Who is asked.
    pub judge: &'a Judge,
    /// How; `None` for judges that need no prompt.
    pub strategy: Option<&'a Strategy>,
    /// About what.
    pub bench: &'a Bench,
    /// In which comparisons and orders.
    pub plan: &'a Plan,
    /// The seed of the run.
    pub seed: u64,
}

impl<'a> Cell<'a> {
    /// The judge and strategy, where replies come over HTTP.
    pub(super) fn endpoint(&self) -> Option<(&'a EndpointJudge, &'a Strategy)> {
        match (&self.judge.kind, self.strategy) {
            (JudgeKind::Endpoint(endpoint), Some(strategy)) => Some((endpoint, strategy)),
            _ => None,
        }
    }

    /// Renders an ask: a pure function of the texts, the strategy and the judge's parameters.
    pub(super) fn request(&self, judge: &EndpointJudge, strategy: &Strategy, ask: Ask) -> Result<Request, RunError> {
        let comparison = self.plan.comparison(ask.comparison);
        let text = |id| self.bench.texts.get(id);
        let turns = self.bench.conversation(comparison.conversation);
        let conversation: Vec<Speech> =
            turns.iter().map(|turn| Speech { role: turn.role, content: text(turn.content).clone() }).collect();
        let [a, b] = comparison.slots(ask.order);
        let group = self.bench.group(comparison.group);
        let view = View { conversation: &conversation, group, slots: [text(a), text(b)] };
        let messages = strategy.render(&view).map_err(|source| {
            let item = self.plan.legs[comparison.first_leg].item;
            RunError::Render { item: self.bench.items[item].id.clone(), source }
        })?;
        Ok(Request { messages, sampling: strategy.sampling, extra: judge.extra.clone() })
    }

    /// What the simulated judge is told beside the request: the gold of the first item that holds the comparison.
    pub(super) fn hints(&self, judge: &EndpointJudge, ask: Ask) -> Option<Hints> {
        let comparison = self.plan.comparison(ask.comparison);
        let gold = self.plan.legs[comparison.first_leg].gold;
        let slot = u8::from(comparison.side_in(0, ask.order) != gold);
        judge.simulated.then_some(Hints { gold: slot, sample: ask.sample })
    }
}
