//! Reads the verdicts of a cell from what its judge has said.

use std::collections::BTreeMap;

use super::asked::cost_of;
use super::cell::Cell;
use super::error::RunError;
use super::heard::{Heard, Listener};
use crate::ask::{Key, Reply};
use crate::judge::JudgeKind;
use crate::money::{Prices, Usd};
use crate::plan::Ask;
use crate::store::Store;
use crate::verdict::{Reading, Reason, Verdict};

/// One judgment: an ask, and what was said to it.
#[derive(Debug)]
pub struct Judgment<'a> {
    /// The ask.
    pub ask: Ask,
    /// What its reply is stored under.
    pub key: Option<Key>,
    /// What the judge says; `None` where no reply was had.
    pub verdict: Option<Verdict>,
    /// The probability of the first slot against the second, where log-probabilities are read.
    pub preference: Option<f64>,
    /// The reply; `None` of a baseline, of equal texts, where an earlier step brought nothing, and where none was had.
    pub reply: Option<&'a Reply>,
}

/// Tokens of the replies that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Of the requests; `None` where no reply says.
    pub prompt: Option<u64>,
    /// Of the replies; `None` where no reply says.
    pub completion: Option<u64>,
}

/// Everything that a judge said in a cell.
#[derive(Debug, Default)]
pub struct Collected {
    /// The verdict of each judgment of the plan, in its order; `None` where no reply was had.
    pub verdicts: Vec<Option<Verdict>>,
    /// The probability of the first slot against the second of each, where log-probabilities are read; else empty.
    pub preferences: Vec<Option<f64>>,
    /// Distinct asks that were planned, those of earlier steps too.
    pub asks: usize,
    /// Asks that were answered. What is not asked, for an earlier step is empty, needs no answer.
    pub answered: usize,
    /// Tokens used.
    pub tokens: Tokens,
    /// What they cost; `None` without a price, or where a reply does not tell its tokens.
    pub cost: Option<Usd>,
    /// The models that endpoints say answered, with counts.
    pub models: BTreeMap<String, u64>,
    /// The configurations that endpoints say answered, with counts.
    pub fingerprints: BTreeMap<String, u64>,
    /// Replies without a verdict, by reason.
    pub unparsed: BTreeMap<Reason, u64>,
    /// Replies without a verdict that were set aside, for the ask was asked again.
    pub set_aside: usize,
}

/// Reads all verdicts of a cell, in the plan's order, and shows each judgment to `show`.
pub fn collect(
    cell: &Cell<'_>,
    keys: &[Option<Key>],
    store: Option<&Store>,
    mut show: impl FnMut(&Judgment<'_>) -> std::io::Result<()>,
) -> Result<Collected, RunError> {
    let prices = cell.endpoint().and_then(|(judge, _)| judge.prices.as_ref());
    let mut collected = Collected { cost: prices.map(|_| Usd::ZERO), ..Collected::default() };
    if let JudgeKind::Baseline(_) = cell.judge.kind {
        collected.tokens = Tokens { prompt: Some(0), completion: Some(0) };
    }
    let mut listener = Listener::new(*cell, store);
    for (place, ask) in cell.plan.judgments().enumerate() {
        let key = keys.get(place).copied().flatten();
        let comparison = cell.plan.comparison(ask.comparison);
        if comparison.is_equal() {
            show(&Judgment { ask, key: None, verdict: Some(Verdict::Tie), preference: None, reply: None })?;
            collected.verdicts.push(Some(Verdict::Tie));
            collected.prefer(cell, None);
            continue;
        }
        let (heard, key) = listener.hear(ask, key)?;
        let (reading, reply): (Option<Reading>, _) = match &heard {
            Heard::Nothing => (None, None),
            Heard::StepEmpty => (Some(Reason::StepEmpty.into()), None),
            Heard::Verdict(verdict) => (Some(verdict.clone().into()), None),
            Heard::Reply(reply) => {
                let read = cell.strategy.map(|strategy| strategy.rule.read(reply, comparison.slot_count()));
                (read, Some(reply.as_ref()))
            }
        };
        let preference = reading.as_ref().and_then(|reading| reading.preference);
        let judgment = Judgment { ask, key, verdict: reading.map(|reading| reading.verdict), preference, reply };
        show(&judgment)?;
        collected.prefer(cell, preference);
        collected.count(judgment.verdict, reply, prices);
        listener.replies.drain(..).for_each(|reply| collected.count_reply(&reply, prices));
    }
    collected.asks = cell.ask_count();
    collected.answered += listener.answered;
    collected.set_aside = listener.spent_tries;
    Ok(collected)
}

impl Collected {
    /// Keeps the preference of the next judgment, where the rule reads any.
    fn prefer(&mut self, cell: &Cell<'_>, preference: Option<f64>) {
        if cell.strategy.is_some_and(|strategy| strategy.rule.needs_logprobs()) {
            self.preferences.push(preference);
        }
    }

    fn count(&mut self, verdict: Option<Verdict>, reply: Option<&Reply>, prices: Option<&Prices>) {
        self.answered += usize::from(verdict.is_some());
        if let Some(Verdict::Unparsed(reason)) = verdict {
            *self.unparsed.entry(reason).or_default() += 1;
        }
        self.verdicts.push(verdict);
        if let Some(reply) = reply {
            self.count_reply(reply, prices);
        }
    }

    fn count_reply(&mut self, reply: &Reply, prices: Option<&Prices>) {
        if let Some(model) = &reply.model {
            *self.models.entry(model.clone()).or_default() += 1;
        }
        if let Some(fingerprint) = &reply.fingerprint {
            *self.fingerprints.entry(fingerprint.clone()).or_default() += 1;
        }
        let add = |sum: &mut Option<u64>, tokens: Option<u64>| {
            if let Some(tokens) = tokens {
                // Recorded replies may say anything: no sum may end a run.
                let sum = sum.get_or_insert(0);
                *sum = sum.saturating_add(tokens);
            }
        };
        self.cost = match (self.cost, prices) {
            (Some(sum), Some(prices)) => cost_of(prices, reply.usage).map(|cost| sum + cost),
            _ => None,
        };
        add(&mut self.tokens.prompt, reply.usage.prompt_tokens);
        add(&mut self.tokens.completion, reply.usage.completion_tokens);
    }
}
