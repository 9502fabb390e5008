//! Items that cannot be decided by anyone who sees what the judge sees.

use std::collections::HashMap;

use crate::bench::{Bench, Item};
use crate::plan::{Leg, Plan, Side};

/// For each item whether it can be decided: not if a winner's text equals a loser's after trimming, if the last user turn is
/// empty, or if another item holds the same pair with the contrary gold.
pub(super) fn decidable(bench: &Bench, plan: &Plan) -> Vec<bool> {
    // By texts, not by comparison: a strategy that shows the group tells comparisons apart that are the same pair.
    let texts = |leg: &Leg| {
        let comparison = plan.comparison(leg.comparison);
        (comparison.conversation, comparison.text(Side::Low), comparison.text(Side::High))
    };
    let mut golds: HashMap<_, [bool; 2]> = HashMap::new();
    for leg in &plan.legs {
        golds.entry(texts(leg)).or_default()[usize::from(leg.gold == Side::High)] = true;
    }
    bench
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let equal = plan.legs_of_item(at).iter().any(|leg| {
                let trimmed = |candidate: usize| bench.texts.get(item.candidates[candidate].text).trim();
                trimmed(leg.best) == trimmed(leg.other)
            });
            let contradicted = plan.legs_of_item(at).iter().any(|leg| golds[&texts(leg)] == [true; 2]);
            !equal && !contradicted && !is_unasked(bench, item)
        })
        .collect()
}

fn is_unasked(bench: &Bench, item: &Item) -> bool {
    let last = bench.conversation(item.conversation).last();
    last.is_none_or(|turn| bench.texts.get(turn.content).trim().is_empty())
}
