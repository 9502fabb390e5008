//! Reads the verdicts of a cell from what its judge has said.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cell::Cell;
use super::driver::cost_of;
use super::error::RunError;
use crate::ask::{Key, Reply};
use crate::judge::{JudgeKind, read_reply};
use crate::money::{Prices, Usd};
use crate::plan::Ask;
use crate::store::Store;
use crate::verdict::{Reason, Verdict};

/// One judgment: an ask, and what was said to it.
#[derive(Debug)]
pub struct Judgment<'a> {
    /// The ask.
    pub ask: Ask,
    /// What its reply is stored under.
    pub key: Option<Key>,
    /// What the judge says; `None` where no reply was had.
    pub verdict: Option<Verdict>,
    /// The reply; `None` of a baseline, of equal texts, and where none was had.
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
    /// Asks that were answered.
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
    for (place, ask) in cell.plan.judgments().enumerate() {
        let key = keys.get(place).copied().flatten();
        if cell.plan.comparison(ask.comparison).is_equal() {
            show(&Judgment { ask, key: None, verdict: Some(Verdict::Tie), reply: None })?;
            collected.verdicts.push(Some(Verdict::Tie));
            continue;
        }
        let heard = heard(cell, ask, key, store)?;
        let (verdict, reply) = match &heard {
            Heard::Nothing => (None, None),
            Heard::Verdict(verdict) => (Some(verdict.clone()), None),
            Heard::Reply(reply) => {
                (cell.strategy.map(|strategy| strategy.rule.read(reply, 2).verdict), Some(reply.as_ref()))
            }
        };
        let judgment = Judgment { ask, key, verdict, reply };
        show(&judgment)?;
        collected.count(judgment.verdict, reply, prices);
    }
    Ok(collected)
}

#[allow(clippy::large_enum_variant, reason = "nearly everything that is heard is a reply")]
enum Heard<'a> {
    Nothing,
    Verdict(Verdict),
    Reply(Cow<'a, Reply>),
}

fn heard<'a>(cell: &Cell<'a>, ask: Ask, key: Option<Key>, store: Option<&Store>) -> Result<Heard<'a>, RunError> {
    let comparison = cell.plan.comparison(ask.comparison);
    match &cell.judge.kind {
        JudgeKind::Baseline(baseline) => {
            let slots = comparison.slots(ask.order).map(|text| cell.bench.texts.get(text).as_ref());
            Ok(Heard::Verdict(baseline.verdict(slots, cell.seed, comparison.hash, ask.order, ask.sample)))
        }
        JudgeKind::Replay(replay) => {
            let mut legs = cell.plan.legs_of(ask.comparison);
            let recorded = legs.find_map(|leg| {
                let shown = leg.shown(comparison, ask.order);
                replay.reply(&cell.bench.items[leg.item].id, shown, ask.sample)
            });
            Ok(recorded.map_or(Heard::Nothing, |reply| Heard::Reply(Cow::Borrowed(reply))))
        }
        JudgeKind::Endpoint(_) => {
            let (Some(store), Some(key)) = (store, key) else { return Ok(Heard::Nothing) };
            let Some(body) = store.body(&key)? else { return Ok(Heard::Nothing) };
            let reply = read_reply(&body).map_err(|problem| RunError::Damaged {
                store: store.path().to_path_buf(),
                key,
                problem,
            })?;
            Ok(Heard::Reply(Cow::Owned(reply)))
        }
    }
}

impl Collected {
    fn count(&mut self, verdict: Option<Verdict>, reply: Option<&Reply>, prices: Option<&Prices>) {
        self.answered += usize::from(verdict.is_some());
        if let Some(Verdict::Unparsed(reason)) = verdict {
            *self.unparsed.entry(reason).or_default() += 1;
        }
        self.verdicts.push(verdict);
        let Some(reply) = reply else { return };
        if let Some(model) = &reply.model {
            *self.models.entry(model.clone()).or_default() += 1;
        }
        if let Some(fingerprint) = &reply.fingerprint {
            *self.fingerprints.entry(fingerprint.clone()).or_default() += 1;
        }
        let add = |sum: &mut Option<u64>, tokens: Option<u64>| {
            if let Some(tokens) = tokens {
                *sum.get_or_insert(0) += tokens;
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
