//! Items that cannot be decided by anyone who sees what the judge sees.

use crate::bench::{Bench, Item};
use crate::plan::Plan;

/// For each item whether it can be decided: not if a winner's text equals a loser's after trimming, if the last user turn is
/// empty, or if another item holds the same pair with the contrary gold.
pub(super) fn decidable(bench: &Bench, plan: &Plan) -> Vec<bool> {
    let contrary: Vec<bool> = (0..plan.comparisons.len())
        .map(|at| {
            let id = crate::plan::ComparisonId(u32::try_from(at).unwrap_or(u32::MAX));
            let mut golds = plan.legs_of(id).map(|leg| leg.gold);
            let first = golds.next();
            golds.any(|gold| Some(gold) != first)
        })
        .collect();
    bench
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let equal = plan.legs_of_item(at).iter().any(|leg| {
                let trimmed = |candidate: usize| bench.texts.get(item.candidates[candidate].text).trim();
                trimmed(leg.best) == trimmed(leg.other)
            });
            let contradicted = plan.legs_of_item(at).iter().any(|leg| contrary[leg.comparison.0 as usize]);
            !equal && !contradicted && !is_unasked(bench, item)
        })
        .collect()
}

fn is_unasked(bench: &Bench, item: &Item) -> bool {
    let last = bench.conversation(item.conversation).last();
    last.is_none_or(|turn| bench.texts.get(turn.content).trim().is_empty())
}
