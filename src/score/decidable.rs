//! Items that cannot be decided by anyone who sees what the judge sees.

use std::collections::HashMap;

use crate::bench::{Bench, ConversationId, Item, TextId};

/// Two texts under a conversation, in whatever order, and whether the gold is the one that comes first by its number.
type Pair = ((ConversationId, TextId, TextId), bool);

/// For each item whether it can be decided: not if a winner's text equals a loser's after trimming, if the last user turn is
/// empty, or if another item holds the same pair with the contrary gold. It does not depend on what is shown in an ask.
pub(super) fn decidable(bench: &Bench) -> Vec<bool> {
    let mut golds: HashMap<_, [bool; 2]> = HashMap::new();
    for (texts, gold_is_first) in bench.items.iter().flat_map(pairs) {
        golds.entry(texts).or_default()[usize::from(gold_is_first)] = true;
    }
    bench
        .items
        .iter()
        .map(|item| {
            let trimmed = |text: TextId| bench.texts.get(text).trim();
            let equal = pairs(item).any(|((_, one, other), _)| trimmed(one) == trimmed(other));
            let contradicted = pairs(item).any(|(texts, _)| golds[&texts] == [true; 2]);
            !equal && !contradicted && !is_unasked(bench, item)
        })
        .collect()
}

/// Every best candidate of an item against every other one.
fn pairs(item: &Item) -> impl Iterator<Item = Pair> + '_ {
    let others = || (0..item.candidates.len()).filter(|index| !item.best.contains(index));
    let text = |index: usize| item.candidates[index].text;
    item.best.iter().flat_map(move |best| {
        others().map(move |other| {
            let (gold, other) = (text(*best), text(other));
            ((item.conversation, gold.min(other), gold.max(other)), gold <= other)
        })
    })
}

fn is_unasked(bench: &Bench, item: &Item) -> bool {
    let last = bench.conversation(item.conversation).last();
    last.is_none_or(|turn| bench.texts.get(turn.content).trim().is_empty())
}
