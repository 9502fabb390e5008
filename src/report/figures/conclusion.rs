//! What some cells come to, in a line.

use super::names::{Named, by_bench};
use super::scores::best_first;
use crate::report::text::{count, in_brackets, plain, share};

/// Who scores highest on each benchmark, of those with an interval: without one a score says next to nothing.
pub(crate) fn conclusion(cells: &[Named<'_>]) -> String {
    let told = by_bench(cells).into_iter().filter_map(|(bench, cells)| {
        let known = best_first(&cells);
        let (best, score, ci95) = known.iter().find(|(_, _, ci95)| ci95.is_some()).or(known.first())?;
        let of = if known.len() == 1 {
            String::new()
        } else {
            format!(", the highest of {} (chosen as that, it is likely a little too high)", count(known.len()))
        };
        let is_fair = cells.iter().all(|named| named.cell.has_items_of(best.cell));
        let unfair = if is_fair { "" } else { " Not all were asked about the same items: tribunal compare holds them against each other on those they share." };
        Some(format!(
            "{} scores {}{} on {}{of}.{unfair}",
            best.name,
            share(*score),
            in_brackets(*ci95, share),
            plain(bench)
        ))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "No cell has an overall score.".to_owned() } else { told.join(" ") }
}
