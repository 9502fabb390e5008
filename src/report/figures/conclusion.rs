//! What some cells come to, in a line.

use super::names::{Named, all_simulated, by_bench};
use super::scores::{Scored, best_first};
use crate::report::json::CellReport;
use crate::report::text::{count, in_brackets, plain, share};

/// What is said where no cell is of a real judge, which then none is told to be.
const ALL_SIMULATED: &str = " All are simulated: no model was asked.";

/// Who scores highest on each benchmark, of those with an interval: without one a score says next to nothing.
pub(crate) fn conclusion(cells: &[Named<'_>]) -> String {
    let told: Vec<String> =
        by_bench(cells).into_iter().filter_map(|(bench, cells)| of_bench(bench, &best_first(&cells))).collect();
    if told.is_empty() { "No cell has an overall score.".to_owned() } else { told.join(" ") }
}

/// The same, with that no model was asked, where none was.
pub(crate) fn headline(cells: &[Named<'_>]) -> String {
    let simulated = if all_simulated(cells.iter().map(|named| named.cell)) { ALL_SIMULATED } else { "" };
    conclusion(cells) + simulated
}

/// The best of a benchmark's cells, which come with their scores and intervals, the highest first.
fn of_bench(bench: &str, scored: &[Scored<'_, '_>]) -> Option<String> {
    let mut told: Vec<&Scored<'_, '_>> = scored.iter().filter(|(.., ci95)| ci95.is_some()).collect();
    if told.is_empty() {
        told = scored.iter().collect();
    }
    let (best, score, ci95) = *told.first()?;
    let whom = if told.len() < scored.len() { " with an interval" } else { "" };
    let as_high = told.iter().filter(|(_, other, _)| other.total_cmp(score).is_eq()).count() - 1;
    let shared = if as_high > 0 { format!(", as high as {} more", count(as_high)) } else { String::new() };
    let of = match told.len() {
        1 if whom.is_empty() => String::new(),
        1 => format!(", the only one of {}{whom}", count(scored.len())),
        several => format!(
            "{shared}, the highest of {}{whom} (chosen as that, it is likely a little too high)",
            count(several)
        ),
    };
    let all = |is_alike: &dyn Fn(&CellReport) -> bool| scored.iter().all(|(named, ..)| is_alike(named.cell));
    let items = if all(&|cell| cell.has_items_of(best.cell)) {
        ""
    } else {
        " Not all were asked about the same items: tribunal compare holds them against each other on those that they share."
    };
    let worth = if all(&|cell| cell.policy == best.cell.policy) {
        ""
    } else {
        " Ties and unparsed replies are not worth the same in all, so their scores are not to be compared."
    };
    let ends = in_brackets(*ci95, share);
    Some(format!("{} scores {}{ends} on {}{of}.{items}{worth}", best.name, share(*score), plain(bench)))
}
