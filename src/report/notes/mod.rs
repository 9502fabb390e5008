//! What stands under a cell's table, each with its label.

mod insights;
mod limits;

pub(super) use insights::ENOUGH_VERDICTS;
pub(super) use limits::limits;

use self::insights::insights;
use super::json::CellReport;
use super::text::{count, in_brackets, percent, plain, share, signed};
use crate::score::Position;

/// Digits of a hash that are shown.
const HASH: usize = 8;

/// What limits the scores, how the judge leans and where it fails, and how the cell was made.
pub(super) fn notes(cell: &CellReport) -> Vec<(&'static str, String)> {
    let mut notes = limits(cell);
    notes.extend(without_undecidable(cell).map(|note| ("", note)));
    if cell.position.first_slot.n > 0 {
        notes.push(("position", slots(&cell.position)));
    }
    if let Some(both) = both_orders(&cell.position) {
        notes.push(("", both));
    }
    notes.extend(repeats(cell).map(|note| ("samples", note)));
    notes.extend(insights(cell));
    notes.extend(bounds(cell).map(|note| ("bounds", note)));
    if !cell.unparsed.is_empty() {
        let reasons: Vec<String> = cell.unparsed.iter().map(|(reason, n)| format!("{reason} {}", count(*n))).collect();
        notes.push(("unparsed", reasons.join(", ")));
    }
    if let Some(reasked) = cell.reasked {
        let replies = if reasked == 1 { "1 reply" } else { &format!("{} replies", count(reasked)) };
        notes.push(("reasked", format!("{replies} without a verdict, each followed by another try")));
    }
    notes.push(("asks", asks(cell)));
    notes.push(("made from", made_from(cell)));
    notes
}

fn slots(position: &Position) -> String {
    let Position { first_slot, gold_first, gold_second, .. } = position;
    let ends = in_brackets(first_slot.ci95, share);
    let expected = first_slot.expected.map_or_else(String::new, |even| format!(", {} were all as likely", share(even)));
    format!(
        "first slot picked {}{ends} of {}{expected}; right {} with the gold first, {} with it second",
        percent(first_slot.picked, first_slot.n),
        count(first_slot.n),
        percent(gold_first.right, gold_first.n),
        percent(gold_second.right, gold_second.n)
    )
}

fn both_orders(position: &Position) -> Option<String> {
    let (n, consistent, primacy, recency) = (position.n?, position.consistent?, position.primacy?, position.recency?);
    let unread = match n.saturating_sub(consistent + primacy + recency) {
        0 => String::new(),
        unread => format!(", unparsed in one at least {}", percent(unread, n)),
    };
    Some(format!(
        "of {} pairs in both orders: consistent {}, right in both {}, leaning to A {}, to B {}{unread}",
        count(n),
        percent(consistent, n),
        percent(position.both_right?, n),
        percent(primacy, n),
        percent(recency, n)
    ))
}

/// How often the samples contradict each other, and what a majority of them wins.
fn repeats(cell: &CellReport) -> Option<String> {
    let repeats = cell.repeats.as_ref()?;
    let last = repeats.voting.len().saturating_sub(1);
    let points =
        repeats.voting.iter().enumerate().filter(|(at, _)| *at == 0 || *at == last || (*at == last / 2 && last > 2));
    let points = points.map(|(_, point)| match point.samples {
        1 => format!("by one sample {}", share(point.score)),
        samples => {
            let gain = signed(point.gain);
            format!("by {samples} {}: {gain}{}", share(point.score), in_brackets(point.gain_ci95, signed))
        }
    });
    let flips = format!("flip rate {}{}", share(repeats.flip_rate?), in_brackets(repeats.ci95, share));
    Some(std::iter::once(flips).chain(points).collect::<Vec<_>>().join("; "))
}

fn without_undecidable(cell: &CellReport) -> Option<String> {
    let mean = (cell.undecidable > 0).then(|| cell.decidable_score())??;
    let what = if cell.subsets.len() == 1 { "score" } else { "mean of the subsets" };
    Some(format!("without them: {what} {}", share(mean)))
}

fn bounds(cell: &CellReport) -> Option<String> {
    let [low, high] = cell.overall.as_ref().filter(|_| cell.has_unread())?.bounds;
    let left_out: usize = cell.subsets.iter().map(|record| record.n - record.scored).sum();
    let left_out = match left_out {
        0 => String::new(),
        items => format!("; over all items, {} of which the score leaves out", count(items)),
    };
    let ends = format!("{} to {}", share(low), share(high));
    Some(format!("{ends}: were everything unparsed or failed wrong, and were it right{left_out}"))
}

fn asks(cell: &CellReport) -> String {
    let usage = &cell.usage;
    let tokens = match (usage.prompt_tokens, usage.completion_tokens) {
        (Some(prompt @ 1..), Some(completion)) => {
            let price = match usage.usd {
                Some(usd) => format!(", ${usd:.4}"),
                None if cell.simulated => String::new(),
                None => ", no price known".to_owned(),
            };
            format!("; {} tokens in, {} out{price}", count(prompt), count(completion))
        }
        _ => String::new(),
    };
    format!("{} of {} answered{tokens}", count(usage.answered), count(usage.asks))
}

/// Hashes of the benchmark and the strategy, by their first digits, and who answered.
fn made_from(cell: &CellReport) -> String {
    let short = |hash: &str| hash.chars().take(HASH).collect::<String>();
    let strategy = cell.hashes.strategy.as_ref().map(|hash| format!(", strategy {}", short(hash))).unwrap_or_default();
    let model = match cell.models.keys().next() {
        Some(model) if cell.models.len() == 1 => format!("; answered by {}", plain(model)),
        _ => String::new(),
    };
    format!("benchmark {}{strategy}{model}", short(&cell.hashes.bench))
}
