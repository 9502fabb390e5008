//! What a run will take: asks, tokens, money and time, from what the store already knows of each judge. Sends nothing.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::cell::Cell;
use super::error::RunError;
use crate::ask::Limits;
use crate::judge::{EndpointJudge, read_reply};
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
#[derive(Clone, Debug, Default)]
struct Need {
    asks: usize,
    new: usize,
    bytes: f64,
    most: Usd,
    limit: Option<u32>,
    known: Known,
}

/// What each cell that is asked over HTTP will take; without a store, all of it is new.
pub fn estimate(cells: &[Cell<'_>], concurrency: usize, store: Option<&Store>) -> Result<Vec<CellEstimate>, RunError> {
    let mut taken = store.map(Store::keys).transpose()?.unwrap_or_default();
    let stored = taken.clone();
    let mut needs = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        if let Some((judge, _)) = cell.endpoint() {
            needs.push((number, judge, need(cell, store, &stored, &mut taken)?));
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

/// What a cell has to ask, and what the replies that it has tell.
fn need(
    cell: &Cell<'_>,
    store: Option<&Store>,
    stored: &HashSet<crate::ask::Key>,
    taken: &mut HashSet<crate::ask::Key>,
) -> Result<Need, RunError> {
    let mut need = Need::default();
    let Some((judge, strategy)) = cell.endpoint() else { return Ok(need) };
    for ask in cell.plan.judgments().filter(|ask| !cell.plan.comparison(ask.comparison).is_equal()) {
        need.asks += 1;
        let request = cell.request(judge, strategy, ask)?;
        let (key, size) = (request.key(&judge.identity, ask.sample), Size::of(&request));
        need.limit = size.limit;
        if taken.insert(key) {
            need.new += 1;
            need.bytes += size.bytes as f64;
            need.most += judge.prices.as_ref().map_or(Usd::ZERO, |prices| size.worst(prices));
        } else if let Some(store) = store.filter(|_| need.known.outputs.len() < READ && stored.contains(&key))
            && let Some(reply) = store.body(&key)?.and_then(|body| read_reply(&body).ok())
        {
            need.known.ratios.extend(reply.usage.prompt_tokens.map(|tokens| tokens as f64 / size.bytes as f64));
            need.known.outputs.extend(reply.usage.completion_tokens.map(|tokens| tokens as f64));
        }
    }
    Ok(need)
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
    let limit = need.limit.map_or(LONG, f64::from);
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
        most: judge.prices.as_ref().filter(|_| need.limit.is_some()).map(|_| need.most),
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
