//! `report.json`: everything that a run found, in full precision. It depends on the configuration, the benchmark and the
//! replies alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attack::AttackReport;
use crate::bench::{Bench, Task};
use crate::judge::JudgeKind;
use crate::plan::Orders;
use crate::run::{Cell, Collected};
use crate::score::{
    CellScore, Confidence, Length, Origin, Overall, Policy, Position, Record, Repeats, Scenarios, Subset,
};

/// The version of the format.
pub(super) const SCHEMA: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format.
    pub schema: u32,
    /// The version of the program.
    pub tribunal: String,
    /// The seed of the run.
    pub seed: u64,
    /// Whether every ask was answered.
    pub complete: bool,
    /// One entry a judge, strategy and benchmark.
    pub cells: Vec<CellReport>,
    /// What attacks did, for each judge and strategy; only of a run under attack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<AttackReport>,
    /// The folder that it was read from, as it was named: what tells cells of the same names apart. It is no part of the file.
    #[serde(skip)]
    pub run: String,
}

/// What was read of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemCoverage {
    /// Items at hand.
    pub items: usize,
    /// Items of the whole benchmark.
    pub of: usize,
}

/// What a cell was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes {
    /// The benchmark's items.
    pub bench: String,
    /// What the strategy sends and how it reads; null where there is none.
    pub strategy: Option<String>,
}

/// Asks, and what the replies that were read used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsageReport {
    /// Planned distinct asks, those of earlier steps too.
    pub asks: usize,
    /// Those with a reply.
    pub answered: usize,
    /// Tokens of the requests; null where no reply says.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the replies; null where no reply says.
    pub completion_tokens: Option<u64>,
    /// US dollars; null without a price.
    pub usd: Option<f64>,
}

/// One judge, strategy and benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellReport {
    /// The judge's name.
    pub judge: String,
    /// Whether it is the simulated judge.
    pub simulated: bool,
    /// The strategy's name; null where there is none.
    pub strategy: Option<String>,
    /// The benchmark's name.
    pub bench: String,
    /// How much of the benchmark was at hand.
    pub coverage: ItemCoverage,
    /// In which orders comparisons were asked.
    pub orders: Orders,
    /// Samples in each order.
    pub samples: u32,
    /// The rule by which items are scored: `winner-beats-all` of pairs, `pick` or `rank` of lists, `rate` of single answers.
    pub rule: String,
    /// What ties and unparsed replies are worth.
    pub policy: Policy,
    /// What the cell was made from.
    pub hashes: Hashes,
    /// The models that endpoints say answered, with counts of replies.
    pub models: BTreeMap<String, u64>,
    /// The configurations (`system_fingerprint`) that endpoints say answered, with counts of replies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fingerprints: BTreeMap<String, u64>,
    /// The plain mean of the subsets' scores; null where one is missing.
    pub overall: Option<Overall>,
    /// Subsets that the benchmark defines and that are not here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Subset>,
    /// One record a subset.
    pub subsets: Vec<Record>,
    /// One record a group path below, all levels.
    pub groups: Vec<Record>,
    /// How the judge leans on position.
    pub position: Position,
    /// What repeated samples tell; absent where each comparison has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// How the judge leans on length; absent where it was shown no pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Length>,
    /// Whether the judge knows when it is right; absent where nothing says how sure it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// How scores differ from scenario to scenario; absent where no task has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Scenarios>,
    /// Whose answers the judge prefers; absent where candidates name no models, and where it was shown no pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Items that nobody can decide; they stand in the scores like all others.
    pub undecidable: usize,
    /// Replies without a verdict, by reason.
    pub unparsed: BTreeMap<String, u64>,
    /// Replies without a verdict that were asked for again, where the strategy says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasked: Option<usize>,
    /// Asks and tokens.
    pub usage: UsageReport,
    /// The conversations of which everything is answered, where not all are: they were asked in an order drawn by the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// How well the overall score is known, where the run was to end when it is known well enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionReport>,
}

/// A part of the conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Those of which everything is answered.
    pub conversations: usize,
    /// All.
    pub of: usize,
}

/// How well the overall score of the benchmark at hand is known, by an interval that may be looked at all the time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionReport {
    /// Half the width that is enough.
    pub aim: f64,
    /// The interval, a confidence sequence at 95 %: the score of the whole benchmark lies in it, whenever it is looked at.
    pub ci95: [f64; 2],
    /// The conversations that it comes from.
    pub conversations: usize,
    /// All conversations.
    pub of: usize,
}

/// The report of one cell.
#[must_use]
pub fn cell_report(
    cell: &Cell<'_>,
    policy: Policy,
    collected: &Collected,
    score: CellScore,
    precision: Option<PrecisionReport>,
) -> CellReport {
    let Bench { name, items, coverage, hash, .. } = cell.bench;
    let simulated = matches!(&cell.judge.kind, JudgeKind::Endpoint(judge) if judge.simulated);
    CellReport {
        judge: cell.judge.name.clone(),
        simulated,
        strategy: cell.strategy.map(|strategy| strategy.name.clone()),
        bench: name.clone(),
        coverage: ItemCoverage { items: items.len(), of: coverage.items_of },
        orders: cell.plan.orders,
        samples: cell.plan.samples,
        rule: cell.item_rule().to_owned(),
        policy,
        hashes: Hashes { bench: hash.to_string(), strategy: cell.strategy.map(|strategy| strategy.hash.to_string()) },
        models: collected.models.clone(),
        fingerprints: collected.fingerprints.clone(),
        overall: score.overall,
        missing: score.missing,
        subsets: score.subsets,
        groups: score.groups,
        position: score.position,
        repeats: score.repeats,
        length: score.length,
        confidence: score.confidence,
        scenarios: score.scenarios,
        origin: score.origin,
        undecidable: score.undecidable,
        unparsed: collected.unparsed.iter().map(|(reason, n)| (reason.as_str().to_owned(), *n)).collect(),
        reasked: cell.strategy.filter(|strategy| strategy.rule.reask > 0).map(|_| collected.set_aside),
        usage: UsageReport {
            asks: collected.asks,
            answered: collected.answered,
            prompt_tokens: collected.tokens.prompt,
            completion_tokens: collected.tokens.completion,
            usd: collected.cost.map(|cost| cost.nanos() as f64 / 1e9),
        },
        covered: covered(cell, collected),
        precision,
    }
}

/// The conversations of which everything is answered; `None` where all are.
fn covered(cell: &Cell<'_>, collected: &Collected) -> Option<Covered> {
    if collected.answered == cell.plan.ask_count() {
        return None;
    }
    let mut conversations: BTreeMap<u32, bool> = BTreeMap::new();
    for (ask, verdict) in cell.plan.judgments().zip(&collected.verdicts) {
        let conversation = cell.plan.comparison(ask.comparison).conversation;
        *conversations.entry(conversation.0).or_insert(true) &= verdict.is_some();
    }
    let of = conversations.len();
    Some(Covered { conversations: conversations.into_values().filter(|whole| *whole).count(), of })
}

impl CellReport {
    /// Whether every ask was answered.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.usage.answered >= self.usage.asks
    }

    /// Whether another cell's scores may be held against its own: on the same items, with the same worth of ties and unparsed replies.
    pub(super) fn is_scored_like(&self, other: &Self) -> bool {
        self.policy == other.policy && self.has_items_of(other)
    }

    /// Whether another cell is scored on the same items, as far as a report tells: the same benchmark, and as many items in each group.
    pub(super) fn has_items_of(&self, other: &Self) -> bool {
        self.hashes.bench == other.hashes.bench && self.counts().eq(other.counts())
    }

    /// How many items each subset and group has.
    fn counts(&self) -> impl Iterator<Item = (Task, &str, usize)> {
        self.subsets.iter().chain(&self.groups).map(|record| (record.task, &*record.group, record.n))
    }

    /// Whether an ask has no verdict: its reply holds none, or there is none.
    pub(super) fn has_unread(&self) -> bool {
        !self.unparsed.is_empty() || !self.is_whole()
    }

    /// Dollars for a thousand scored items; `None` without a price, and without any.
    pub(super) fn usd_per_thousand(&self) -> Option<f64> {
        let scored: usize = self.subsets.iter().map(|record| record.scored).sum();
        self.usage.usd.filter(|_| scored > 0).map(|usd| 1000.0 * usd / scored as f64)
    }

    /// The mean of the subsets' scores without items that nobody can decide; `None` where a subset has none.
    pub(super) fn decidable_score(&self) -> Option<f64> {
        let scores: Option<Vec<f64>> = self.subsets.iter().map(|record| record.decidable.score).collect();
        let scores = scores.filter(|scores| !scores.is_empty())?;
        Some(scores.iter().sum::<f64>() / scores.len() as f64)
    }
}

impl Report {
    /// Reads a report back. `Err` says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        const ANEW: &str =
            "if it is of a finished run, run the same command again: it asks nothing new and writes it anew";
        let wrong = |error: serde_json::Error| format!("not a report of this version: {error}; {ANEW}");
        match serde_json::from_str::<Version>(text).map_err(wrong)?.schema {
            SCHEMA => serde_json::from_str(text).map_err(wrong),
            newer @ SCHEMA.. => {
                Err(format!("a report of schema {newer}, of a newer Tribunal: use that, for this one reads {SCHEMA}"))
            }
            older => Err(format!("a report of schema {older}, of an older Tribunal: this one reads {SCHEMA}; {ANEW}")),
        }
    }

    /// The report of a run's cells.
    #[must_use]
    pub fn new(seed: u64, cells: Vec<CellReport>) -> Self {
        let complete = cells.iter().all(CellReport::is_whole);
        Self {
            schema: SCHEMA,
            tribunal: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            complete,
            cells,
            attacks: Vec::new(),
            run: String::new(),
        }
    }

    /// The text of `report.json`.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
