//! Any function as a judge: for judges that live in the program that uses this library.

use super::heard::Heard;
use super::item::Policy;
use super::record::{CellScore, score_cell};
use crate::ask::Role;
use crate::bench::Bench;
use crate::plan::{Orders, Plan};
use crate::verdict::Verdict;

/// What a judge is shown of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The turns of the conversation, in order.
    pub conversation: Vec<(Role, &'a str)>,
    /// The group path of an item that holds it.
    pub group: &'a str,
    /// The candidate in slot A.
    pub a: &'a str,
    /// The candidate in slot B.
    pub b: &'a str,
}

/// Asks a function about every comparison of a benchmark, in the orders that the seed draws, and scores what it says. Candidates whose texts
/// are equal are a tie by definition, and not asked about.
#[must_use]
pub fn score_judge(
    bench: &Bench,
    orders: Orders,
    seed: u64,
    policy: Policy,
    mut judge: impl FnMut(&Shown<'_>) -> Verdict,
) -> CellScore {
    let plan = Plan::new(bench, seed, orders, 1, false);
    let text = |id| bench.texts.get(id).as_ref();
    let mut verdicts = Vec::with_capacity(plan.judgment_count());
    for ask in plan.judgments() {
        let comparison = plan.comparison(ask.comparison);
        if comparison.is_equal() {
            verdicts.push(Some(Verdict::Tie));
            continue;
        }
        let turns = bench.conversation(comparison.conversation).iter();
        let conversation = turns.map(|turn| (turn.role, text(turn.content))).collect();
        let [a, b] = [0, 1].map(|slot| text(comparison.text(comparison.entrant_in(slot, ask.order))));
        verdicts.push(Some(judge(&Shown { conversation, group: bench.group(comparison.group), a, b })));
    }
    score_cell(bench, &plan, Heard::of(&verdicts), policy)
}
