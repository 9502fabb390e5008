//! `judgments.jsonl`: one line a comparison, order and sample, in plan order.

use std::io::{self, Write};

use serde::Serialize;

use crate::ask::{Form, Key, Usage};
use crate::bench::Task;
use crate::digest::Digest;
use crate::plan::Leg;
use crate::run::{Cell, Judgment};
use crate::score::{Outcome, Stands, hold};
use crate::verdict::Verdict;

#[derive(Serialize)]
struct Line<'a> {
    bench: &'a str,
    judge: &'a str,
    strategy: Option<&'a str>,
    hash: Digest,
    items: Vec<ItemLine<'a>>,
    order: u8,
    sample: u32,
    key: Option<Key>,
    verdict: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preference: Option<f64>,
    reason: Option<&'static str>,
    reply: Option<&'a str>,
    finish_reason: Option<&'a str>,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct ItemLine<'a> {
    id: &'a str,
    task: Task,
    group: &'a str,
    /// The item's candidate indexes in slots A, B, ...
    shown: Vec<usize>,
    /// Null of the score of a single answer.
    outcome: Option<Outcome>,
    /// What a single answer is to the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands: Option<Stands>,
}

/// What the one answer of a leg is to its item.
fn stands(leg: &Leg) -> Option<Stands> {
    leg.standings.first().map(|standing| Stands::new(standing.is_best, standing.is_other))
}

/// Writes the judgments of cells, one after the other.
#[derive(Debug)]
pub struct JudgmentWriter<W> {
    out: W,
}

impl<W: Write> JudgmentWriter<W> {
    /// A writer of lines.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes one judgment.
    pub fn write(&mut self, cell: &Cell<'_>, judgment: &Judgment<'_>) -> io::Result<()> {
        let ask = judgment.ask;
        let comparison = cell.plan.comparison(ask.comparison);
        let items = cell.plan.legs_of(ask.comparison).map(|leg| {
            let item = &cell.bench.items[leg.item];
            ItemLine {
                id: &item.id,
                task: item.task,
                group: cell.bench.group(item.group),
                shown: leg.shown(comparison, ask.order),
                outcome: hold(judgment.verdict.as_ref(), comparison, ask.order, leg),
                stands: (comparison.form == Form::Pointwise).then(|| stands(leg)).flatten(),
            }
        });
        let (verdict, strength, reason) = words(judgment.verdict.as_ref(), comparison.is_equal());
        let line = Line {
            bench: &cell.bench.name,
            judge: &cell.judge.name,
            strategy: cell.strategy.map(|strategy| strategy.name.as_str()),
            hash: comparison.hash,
            items: items.collect(),
            order: ask.order,
            sample: ask.sample,
            key: judgment.key,
            verdict,
            strength,
            preference: judgment.preference,
            reason,
            reply: judgment.reply.map(|reply| reply.text.as_str()),
            finish_reason: judgment.reply.and_then(|reply| reply.finish_reason.as_deref()),
            usage: judgment.reply.map(|reply| reply.usage),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }

    /// Gives the underlying writer back.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// The verdict in its word, its strength, and why there is none.
pub(super) fn words(verdict: Option<&Verdict>, equal: bool) -> (Option<String>, Option<f64>, Option<&'static str>) {
    let Some(verdict) = verdict else { return (None, None, Some("failed")) };
    match verdict {
        Verdict::Unparsed(reason) => (None, None, Some(reason.as_str())),
        Verdict::Slot { strength, .. } => (Some(verdict.to_string()), *strength, None),
        Verdict::Tie if equal => (Some(verdict.to_string()), None, Some("equal_texts")),
        Verdict::Tie | Verdict::Score(_) | Verdict::Ranking(_) => (Some(verdict.to_string()), None, None),
    }
}
