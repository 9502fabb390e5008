//! What a run will take: asks, tokens, money and time, from what the store already knows of each judge. Sends nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use super::cell::Cell;
use super::error::RunError;
use super::steps::{Stage, stage, stored};
use crate::ask::{Key, Limits, Reply, Request};
use crate::judge::EndpointJudge;
use crate::money::{Prices, Spent, Usd};
use crate::pace::Size;
use crate::store::Store;

/// Tokens a byte of prompts where nothing is known of the model: English has about .25 in the tokenizers in use, code and other scripts more.
const RATIO: f64 = 0.26;
/// How far off that may be, as a share of it.
const RATIO_ERROR: f64 = 0.25;
/// How far a sum that is foretold from replies may be off, besides the error of their mean.
const MARGIN: f64 = 0.02;
/// Replies from which a mean is worth something.
const ENOUGH: usize = 10;
/// The most stored replies of a cell that are read.
const READ: usize = 2_000;
/// Tokens of a reply where neither its strategy nor anything else tells.
const LONG: f64 = 4_096.0;
/// The bytes that stand for a reply which is not limited and not there yet.
const LONG_BYTES: usize = 4_096;
/// The least tokens of a reply: a label.
const SHORT: f64 = 4.0;

/// A number that is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Foretold {
    /// Hardly less.
    pub low: f64,
    /// The likeliest.
    pub likely: f64,
    /// Hardly more.
    pub high: f64,
}

impl Foretold {
    /// The sum of two, at their ends.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, likely: self.likely + other.likely, high: self.high + other.high }
    }

    fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, likely: self.likely * factor, high: self.high * factor }
    }
}

/// From what an estimate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// From so many replies to this cell's own prompts.
    Own(usize),
    /// From so many replies of the judge to other prompts.
    Others(usize),
    /// From nothing but bytes and the strategy's limit.
    Nothing,
}

/// What one cell will take.
#[derive(Clone, Debug, PartialEq)]
pub struct CellEstimate {
    /// The number of the cell.
    pub cell: usize,
    /// Distinct asks.
    pub asks: usize,
    /// Those without a reply in the store, and that no earlier cell asks too.
    pub new: usize,
    /// Tokens of the new requests.
    pub input: Foretold,
    /// Tokens of their replies.
    pub output: Foretold,
    /// What they cost, in US dollars; `None` without a price.
    pub usd: Option<Foretold>,
    /// The most that they can cost, in US dollars: every reply as long as it may be; `None` without a price or without a limit on replies.
    pub most: Option<Usd>,
    /// Hours at the limits that are known and the latency so far; `None` where nothing tells.
    pub hours: Option<f64>,
    /// From what the tokens of replies were foretold.
    pub basis: Basis,
}

/// What the replies of a judge tell.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Tokens a byte, of each prompt.
    ratios: Vec<f64>,
    outputs: Vec<f64>,
}

/// What a cell has to ask.
#[derive(Clone, Debug)]
struct Need {
    asks: usize,
    new: usize,
    bytes: f64,
    /// The sum of the most tokens that replies may have.
    limits: f64,
    is_limited: bool,
    most: Usd,
    known: Known,
    /// Whose replies were learnt from: steps are shared.
    read: HashSet<Key>,
}

impl Default for Need {
    fn default() -> Self {
        let (known, read) = (Known::default(), HashSet::new());
        Self { asks: 0, new: 0, bytes: 0.0, limits: 0.0, is_limited: true, most: Usd::ZERO, known, read }
    }
}

/// What each cell that is asked over HTTP will take; without a store, all of it is new.
pub fn estimate(cells: &[Cell<'_>], concurrency: usize, store: Option<&Store>) -> Result<Vec<CellEstimate>, RunError> {
    let mut taken = store.map(Store::keys).transpose()?.unwrap_or_default();
    let known = taken.clone();
    let mut needs = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        if let Some((judge, _)) = cell.endpoint() {
            needs.push((number, judge, need(cell, store, &known, &mut taken)?));
        }
    }
    let mut of_judge: HashMap<&str, Known> = HashMap::new();
    for (_, judge, need) in &needs {
        let known = of_judge.entry(&judge.identity).or_default();
        known.ratios.extend(&need.known.ratios);
        known.outputs.extend(&need.known.outputs);
    }
    let mut estimates = Vec::new();
    for (number, judge, need) in &needs {
        let latency = store.map(|store| store.latency_of(&judge.identity)).transpose()?.flatten();
        let others = &of_judge[&*judge.identity];
        estimates.push(foretell(*number, judge, need, others, (concurrency, latency)));
    }
    Ok(estimates)
}

/// What a cell has to ask, its earlier steps included, and what the replies that it has tell. An ask that shows a reply which is not there yet is
/// foretold with one of a quarter of its limit.
fn need(
    cell: &Cell<'_>,
    store: Option<&Store>,
    known: &HashSet<Key>,
    taken: &mut HashSet<Key>,
) -> Result<Need, RunError> {
    let mut need = Need { asks: cell.ask_count(), ..Need::default() };
    let Some((judge, strategy)) = cell.endpoint() else { return Ok(need) };
    for ask in cell.plan.judgments().filter(|ask| !cell.plan.comparison(ask.comparison).is_equal()) {
        let mut look = |request: &Request, key: Key, tries: u32| {
            let is_new = taken.insert(key);
            if is_new {
                need.add(Size::of(request), judge.prices.as_ref(), tries);
            }
            let reply = match store.filter(|_| known.contains(&key)) {
                Some(store) if need.known.outputs.len() < READ || strategy.asks_in_turn() => stored(store, key)?,
                _ => None,
            };
            if let Some(reply) = &reply
                && need.read.insert(key)
            {
                need.known.learn(Size::of(request), reply);
            }
            Ok::<_, RunError>(reply)
        };
        let stage = stage(cell, judge, strategy, ask, |step, request, key| {
            // A step is asked once, and a try may be followed by those that are left.
            let left = strategy
                .rule
                .reask
                .saturating_sub(u32::try_from(step.saturating_sub(strategy.steps.len())).unwrap_or(0));
            let is_try = step >= strategy.steps.len();
            let had = look(request, key, if is_try { left + 1 } else { 1 })?.map(Arc::new);
            if is_try {
                // Whether it will be asked again nobody knows: the first try alone is foretold.
                return Ok(had);
            }
            let made_up = || {
                // A quarter of the tokens that it may have, some four bytes each.
                let length = Size::of(request).limit.map_or(LONG_BYTES, |limit| limit as usize);
                Arc::new(Reply { text: "x".repeat(length), ..Reply::default() })
            };
            Ok(Some(had.unwrap_or_else(made_up)))
        })?;
        if let Stage::Ask(request, key) = stage {
            look(&request, key, 1)?;
        }
    }
    Ok(need)
}

impl Need {
    /// One more request of this size.
    fn add(&mut self, size: Size, prices: Option<&Prices>, tries: u32) {
        self.new += 1;
        self.bytes += size.bytes as f64;
        self.limits += size.limit.map_or(LONG, f64::from);
        self.is_limited &= size.limit.is_some();
        for _ in 0..tries {
            self.most += prices.map_or(Usd::ZERO, |prices| size.worst(prices));
        }
    }
}

impl Known {
    fn learn(&mut self, size: Size, reply: &Reply) {
        self.ratios.extend(reply.usage.prompt_tokens.map(|tokens| tokens as f64 / size.bytes as f64));
        self.outputs.extend(reply.usage.completion_tokens.map(|tokens| tokens as f64));
    }
}

fn foretell(
    cell: usize,
    judge: &EndpointJudge,
    need: &Need,
    others: &Known,
    (concurrency, latency): (usize, Option<f64>),
) -> CellEstimate {
    let new = need.new as f64;
    let ratio = mean_of(&others.ratios).unwrap_or(Foretold {
        low: RATIO * (1.0 - RATIO_ERROR),
        likely: RATIO,
        high: RATIO * (1.0 + RATIO_ERROR),
    });
    let limit = need.limits / new.max(1.0);
    let cut = |foretold: Foretold| Foretold { high: foretold.high.min(limit), ..foretold };
    let (reply, basis) = match (mean_of(&need.known.outputs), mean_of(&others.outputs)) {
        (Some(own), _) => (cut(own), Basis::Own(need.known.outputs.len())),
        // Another prompt asks for another length: what replies had there says little.
        (None, Some(mean)) => {
            let wide = Foretold { low: SHORT.min(mean.low), likely: mean.likely.min(limit), high: limit };
            (wide, Basis::Others(others.outputs.len()))
        }
        (None, None) => (Foretold { low: SHORT, likely: (limit / 4.0).max(SHORT), high: limit }, Basis::Nothing),
    };
    let (input, output) = (ratio.times(need.bytes), reply.times(new));
    let usd = judge.prices.as_ref().filter(|_| need.new > 0).map(|prices| {
        let of = |input: f64, output: f64| dollars(prices, input / new, output / new) * new;
        Foretold {
            low: of(input.low, output.low),
            likely: of(input.likely, output.likely),
            high: of(input.high, output.high),
        }
    });
    CellEstimate {
        cell,
        asks: need.asks,
        new: need.new,
        input,
        output,
        usd: usd.or_else(|| judge.prices.as_ref().map(|_| Foretold::default())),
        most: judge.prices.as_ref().filter(|_| need.is_limited).map(|_| need.most),
        hours: hours(judge, need.new, (input.likely, output.likely), (concurrency, latency)),
        basis,
    }
}

/// The mean of what was seen, and how sure it is; `None` of too few.
fn mean_of(seen: &[f64]) -> Option<Foretold> {
    let n = seen.len() as f64;
    if seen.len() < ENOUGH {
        return None;
    }
    let mean = seen.iter().sum::<f64>() / n;
    let variance = seen.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = 3.0 * (variance / n).sqrt() + MARGIN * mean;
    Some(Foretold { low: (mean - error).max(0.0), likely: mean, high: mean + error })
}

/// What one request of so many tokens costs.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tokens of one request")]
fn dollars(prices: &Prices, input: f64, output: f64) -> f64 {
    let spent = Spent { input: input.round() as u64, output: output.round() as u64, ..Spent::default() };
    prices.cost(spent).nanos() as f64 / 1e9
}

/// Hours until all is asked: by the limit that takes longest, or by the latency.
fn hours(
    judge: &EndpointJudge,
    new: usize,
    (input, output): (f64, f64),
    (concurrency, latency): (usize, Option<f64>),
) -> Option<f64> {
    let minutes = |amount: f64, limit: fn(&Limits) -> Option<u64>| {
        let limits: Option<u64> = judge.replicas.iter().map(|replica| limit(&replica.limits)).sum();
        limits.filter(|limit| *limit > 0).map(|limit| amount / limit as f64)
    };
    let new = new as f64;
    let by_limits = [
        minutes(new, |limits| limits.requests_per_minute),
        minutes(new, |limits| limits.requests_per_day).map(|days| days * 1440.0),
        minutes(input + output, |limits| limits.tokens_per_minute),
        minutes(input, |limits| limits.input_tokens_per_minute),
        minutes(output, |limits| limits.output_tokens_per_minute),
        latency.map(|milliseconds| new * milliseconds / concurrency as f64 / 60_000.0),
    ];
    by_limits.into_iter().flatten().max_by(f64::total_cmp).map(|minutes| minutes / 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_few_is_none_and_of_many_is_close() {
        assert_eq!(mean_of(&[1.0; 9]), None);
        let seen: Vec<f64> = (0..100).map(|at| 50.0 + f64::from(at % 10)).collect();
        let mean = mean_of(&seen).unwrap();
        assert!((mean.likely - 54.5).abs() < 1e-9 && mean.low > 52.0 && mean.high < 57.0, "{mean:?}");
    }
}
