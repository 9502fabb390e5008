//! A cell: one judge asked in one way about one benchmark.

use crate::ask::{Message, Request};
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

    /// The request of an ask: a pure function of the texts, the strategy and the judge's parameters.
    pub(super) fn request(&self, judge: &EndpointJudge, strategy: &Strategy, ask: Ask) -> Result<Request, RunError> {
        let messages = messages(self.bench, self.plan, strategy, ask)?;
        Ok(Request { messages, sampling: strategy.sampling, extra: judge.extra.clone() })
    }

    /// The conversation of an ask, by its number, and the slot that holds the gold: that of the first item that holds the comparison.
    pub(super) fn cluster_and_gold(&self, place: usize) -> (u32, u8) {
        let ask = self.plan.judgment(place);
        let comparison = self.plan.comparison(ask.comparison);
        (comparison.conversation.0, self.gold_slot(ask))
    }

    fn gold_slot(&self, ask: Ask) -> u8 {
        let comparison = self.plan.comparison(ask.comparison);
        let gold = self.plan.legs[comparison.first_leg].gold;
        u8::from(comparison.side_in(0, ask.order) != gold)
    }

    /// What the simulated judge is told beside the request: the gold of the first item that holds the comparison.
    pub(super) fn hints(&self, judge: &EndpointJudge, ask: Ask) -> Option<Hints> {
        judge.simulated.then(|| Hints { gold: self.gold_slot(ask), sample: ask.sample })
    }
}

/// The messages of an ask: a pure function of the texts and the strategy.
pub fn messages(bench: &Bench, plan: &Plan, strategy: &Strategy, ask: Ask) -> Result<Vec<Message>, RunError> {
    let comparison = plan.comparison(ask.comparison);
    let text = |id| bench.texts.get(id);
    let turns = bench.conversation(comparison.conversation);
    let conversation: Vec<Speech> =
        turns.iter().map(|turn| Speech { role: turn.role, content: text(turn.content).clone() }).collect();
    let [a, b] = comparison.slots(ask.order);
    let view = View { conversation: &conversation, group: bench.group(comparison.group), slots: [text(a), text(b)] };
    strategy.render(&view).map_err(|source| {
        let item = plan.legs[comparison.first_leg].item;
        RunError::Render { item: bench.items[item].id.clone(), source }
    })
}
