//! A cell: one judge asked in one way about one benchmark.

use std::sync::Arc;

use super::error::RunError;
use super::steps::try_of;
use crate::ask::{Message, Reply, Request, Sampling};
use crate::bench::{Bench, Turn};
use crate::judge::{EndpointJudge, Hints, Judge, JudgeKind, Wanted};
use crate::plan::{Ask, Plan};
use crate::strategy::{Speech, Strategy, StrategyError, View};
use crate::verdict::{Rule, Verdict};

/// How many of the likeliest tokens are asked for where a rule reads log-probabilities: as many as endpoints give.
const TOP_LOGPROBS: u8 = 20;

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

    /// The name of the rule by which items are scored.
    #[must_use]
    pub fn item_rule(&self) -> &'static str {
        self.strategy.map_or("winner-beats-all", Strategy::item_rule)
    }

    /// How many distinct asks there are, those of earlier steps too.
    #[must_use]
    pub fn ask_count(&self) -> usize {
        let steps = self.strategy.iter().flat_map(|strategy| &strategy.steps);
        let of_steps = steps.map(|step| self.plan.step_count(step.is_by_comparison(), step.uses_group()));
        self.plan.ask_count() + of_steps.sum::<usize>()
    }

    /// The request of an ask, given what its earlier steps said: a pure function of the texts, the strategy and the judge's parameters.
    pub(super) fn request(
        &self,
        judge: &EndpointJudge,
        strategy: &Strategy,
        ask: Ask,
        steps: &[Arc<str>],
    ) -> Result<Request, RunError> {
        let messages = messages(self.bench, self.plan, strategy, ask, steps)?;
        Ok(Request {
            messages,
            sampling: of_sample(&strategy.sampling, ask.sample),
            schema: strategy.rule.schema().cloned().map(Arc::new),
            top_logprobs: strategy.rule.needs_logprobs().then_some(TOP_LOGPROBS),
            extra: judge.extra.clone(),
        })
    }

    /// The request of the step that comes after these for an ask.
    pub(super) fn step_request(
        &self,
        judge: &EndpointJudge,
        strategy: &Strategy,
        ask: Ask,
        steps: &[Arc<str>],
    ) -> Result<Request, RunError> {
        let messages = step_messages(self.bench, self.plan, strategy, ask, steps)?;
        let sampling = of_sample(&strategy.steps[steps.len()].sampling, ask.sample);
        Ok(Request { messages, sampling, extra: judge.extra.clone(), ..Request::default() })
    }

    /// The conversation of an ask, by its number, and the slot that holds the gold: that of the first item that holds the comparison.
    pub(super) fn cluster_and_gold(&self, place: usize) -> (u32, u8) {
        let ask = self.plan.judgment(place);
        let comparison = self.plan.comparison(ask.comparison);
        (comparison.conversation.0, self.gold_slot(ask))
    }

    fn gold_slot(&self, ask: Ask) -> u8 {
        let comparison = self.plan.comparison(ask.comparison);
        comparison.slot_of(self.plan.legs[comparison.first_leg].gold(), ask.order)
    }

    /// The slot of the text that has more characters than all others, where one has.
    fn longest(&self, ask: Ask) -> Option<u8> {
        let comparison = self.plan.comparison(ask.comparison);
        let length = |entrant| self.bench.texts.get(comparison.text(entrant)).chars().count();
        let lengths: Vec<usize> = comparison.entrants(ask.order).map(length).collect();
        let most = lengths.iter().max()?;
        let mut longest = (0..).zip(&lengths).filter(|(_, length)| *length == most);
        longest.next().filter(|_| longest.next().is_none()).map(|(slot, _)| slot)
    }

    /// What the simulated judge is told beside the request: what is wanted of it, and the gold of the first item that holds the comparison.
    pub(super) fn hints(&self, judge: &EndpointJudge, ask: Ask, step: Option<usize>) -> Option<Hints> {
        let strategy = self.strategy.filter(|_| judge.simulated)?;
        let comparison = self.plan.comparison(ask.comparison);
        let steps = strategy.steps.len();
        let (ask, wanted) = match step {
            Some(step) if step < steps => (ask, Wanted::Step),
            step => {
                let tries = step.map_or(strategy.rule.reask, |step| u32::try_from(step - steps).unwrap_or(u32::MAX));
                (try_of(ask, tries), wanted(&strategy.rule, comparison.slot_count()))
            }
        };
        let leg = &self.plan.legs[comparison.first_leg];
        let is_shown = leg.standings.iter().any(|standing| standing.is_best);
        // Of a pair under attack the candidate that is not the gold is meant, shown beside it or alone.
        let attacked =
            comparison.entrants(ask.order).zip(0..).find(|(entrant, _)| !leg.standings[entrant.index()].is_best);
        Some(Hints {
            longest: self.longest(ask),
            attacked: attacked.filter(|_| self.plan.is_under_attack()).map(|(_, slot)| slot),
            gold: is_shown.then(|| self.gold_slot(ask)),
            sample: ask.sample,
            wanted,
            slots: comparison.slot_count(),
            range: strategy.rule.range(),
        })
    }
}

/// The parameters of one of several samples: a seed that stayed the same would draw the same reply each time.
fn of_sample(sampling: &Sampling, sample: u32) -> Sampling {
    Sampling { seed: sampling.seed.map(|seed| seed.wrapping_add(sample)), ..sampling.clone() }
}

/// The messages of an ask, given what its earlier steps said: a pure function of the texts and the strategy.
pub fn messages(
    bench: &Bench,
    plan: &Plan,
    strategy: &Strategy,
    ask: Ask,
    steps: &[Arc<str>],
) -> Result<Vec<Message>, RunError> {
    let slots = slots(bench, plan, ask);
    rendered(bench, plan, ask, &slots, steps, |view| strategy.render(view))
}

/// The messages of the step that comes after these for an ask.
pub fn step_messages(
    bench: &Bench,
    plan: &Plan,
    strategy: &Strategy,
    ask: Ask,
    steps: &[Arc<str>],
) -> Result<Vec<Message>, RunError> {
    let step = &strategy.steps[steps.len()];
    let slots = if step.is_by_comparison() { slots(bench, plan, ask) } else { Vec::new() };
    rendered(bench, plan, ask, &slots, steps, |view| step.render(view))
}

fn slots(bench: &Bench, plan: &Plan, ask: Ask) -> Vec<Arc<str>> {
    let comparison = plan.comparison(ask.comparison);
    comparison.entrants(ask.order).map(|entrant| bench.texts.get(comparison.text(entrant)).clone()).collect()
}

fn rendered(
    bench: &Bench,
    plan: &Plan,
    ask: Ask,
    slots: &[Arc<str>],
    steps: &[Arc<str>],
    render: impl FnOnce(&View<'_>) -> Result<Vec<Message>, StrategyError>,
) -> Result<Vec<Message>, RunError> {
    let comparison = plan.comparison(ask.comparison);
    let turns = bench.conversation(comparison.conversation);
    let speech = |turn: &Turn| Speech { role: turn.role, content: bench.texts.get(turn.content).clone() };
    let conversation: Vec<Speech> = turns.iter().map(speech).collect();
    let view = View { conversation: &conversation, group: bench.group(comparison.group), slots, steps };
    render(&view).map_err(|source| {
        let item = plan.legs[comparison.first_leg].item;
        RunError::Render { item: bench.items[item].id.clone(), source }
    })
}

/// What kind of verdict a rule reads, found as a judge finds it: by what it would take for one.
fn wanted(rule: &Rule, slots: usize) -> Wanted {
    if rule.needs_logprobs() {
        return Wanted::Logprobs;
    }
    let reads = |text: &str, slots: usize| {
        let reply = Reply { text: text.to_owned(), ..Reply::default() };
        !matches!(rule.read(&reply, slots).verdict, Verdict::Unparsed(_))
    };
    let [least, _] = rule.range().unwrap_or([1.0, 10.0]);
    let score = format!("[[{least}]]");
    match slots {
        _ if rule.schema().is_some() || reads(r#"{"reason": "", "winner": "A"}"#, slots) => Wanted::Json,
        1 => Wanted::Score,
        _ if reads("[[A>>B]]", slots) => Wanted::FiveLevel,
        _ if reads("[[A]]", slots) => Wanted::Label,
        _ if reads("[[A]] > [[B]]", 2) => Wanted::Ranking,
        _ if reads(&vec![score; slots].join(" "), slots) => Wanted::Scores,
        _ => Wanted::Label,
    }
}
