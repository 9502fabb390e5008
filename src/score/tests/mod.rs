//! Tests of the policy: small benchmarks, what a judge says of them, and what that is worth.

mod confidence;
mod length;
mod lists;
mod origin;
mod pairs;
mod position;
mod properties;
mod records;
mod scenarios;

use super::{CellScore, Heard, Outcome, Policy, Record, Ties, UnparsedPolicy, score_cell};
use crate::ask::Role;
use crate::bench::{Bench, Builder, Catalog, Coverage, Item, Task};
use crate::plan::{Orders, Plan};
use crate::verdict::{Reason, Verdict};

const STRICT: Policy = Policy { ties: Ties::Wrong, unparsed: UnparsedPolicy::Wrong };

/// What a judge says in one order of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Say {
    Gold,
    Other,
    A,
    B,
    Tie,
    Unparsed,
    Failed,
}

/// An item; its first candidate is the best one.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    task: Task,
    group: &'a str,
    query: &'a str,
    candidates: &'a [&'a str],
}

fn pair<'a>(query: &'a str, candidates: &'a [&'a str; 2]) -> Entry<'a> {
    Entry { task: Task::Pairwise, group: "Side/Kind", query, candidates }
}

fn list<'a>(query: &'a str, candidates: &'a [&'a str]) -> Entry<'a> {
    Entry { task: Task::Bon, group: "Side/Kind", query, candidates }
}

fn bench(entries: &[Entry<'_>], catalog: Option<&'static Catalog>) -> Bench {
    let mut builder = Builder::default();
    for (at, Entry { task, group, query, candidates }) in entries.iter().enumerate() {
        let conversation = builder.conversation([(Role::User, *query)].into_iter());
        let candidates = candidates.iter().map(|text| builder.candidate(text, None)).collect();
        let group = builder.group(group);
        builder.add(Item { id: at.to_string(), group, task: *task, conversation, candidates, best: vec![0] }).unwrap();
    }
    builder.build("small", Coverage::default(), catalog)
}

/// What the judge says of every judgment; `say` is told the other candidate's text, the order and the sample. The gold is that of the
/// first item that holds a comparison.
fn verdicts(bench: &Bench, plan: &Plan, say: impl Fn(&str, u8, u32) -> Say) -> Vec<Option<Verdict>> {
    let verdict = |ask: crate::plan::Ask| {
        let comparison = plan.comparison(ask.comparison);
        let leg = plan.legs_of(ask.comparison).next().unwrap();
        let gold = comparison.slot_of(leg.gold(), ask.order);
        let other = bench.texts.get(comparison.text(comparison.entrant_in(1 - gold, ask.order)));
        if comparison.is_equal() {
            return Some(Verdict::Tie);
        }
        match say(other, ask.order, ask.sample) {
            Say::Gold => Some(Verdict::slot(gold)),
            Say::Other => Some(Verdict::slot(1 - gold)),
            Say::A => Some(Verdict::slot(0)),
            Say::B => Some(Verdict::slot(1)),
            Say::Tie => Some(Verdict::Tie),
            Say::Unparsed => Some(Verdict::Unparsed(Reason::NoLabel)),
            Say::Failed => None,
        }
    };
    plan.judgments().map(verdict).collect()
}

fn score(
    entries: &[Entry<'_>],
    orders: Orders,
    samples: u32,
    policy: Policy,
    say: impl Fn(&str, u8, u32) -> Say,
) -> CellScore {
    let bench = bench(entries, None);
    let plan = Plan::new(&bench, 0, orders, samples, false);
    score_cell(&bench, &plan, Heard::of(&verdicts(&bench, &plan, say)), policy)
}

#[track_caller]
fn only(cell: &CellScore) -> &Record {
    assert_eq!(cell.subsets.len(), 1);
    &cell.subsets[0]
}

#[track_caller]
fn near(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "found {found:?}, expected {expected}");
}

#[track_caller]
fn bounds_near(found: [f64; 2], expected: [f64; 2]) {
    near(Some(found[0]), expected[0]);
    near(Some(found[1]), expected[1]);
}
