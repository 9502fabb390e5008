//! What a cell's score does not cover.

use std::collections::BTreeMap;

use crate::report::json::CellReport;
use crate::report::text::{count, counted, plain, share, word};
use crate::score::{Policy, UnparsedPolicy};

/// The most names of models or fingerprints that are listed.
const MOST_LISTED: usize = 5;

/// What limits what the scores say, each with its label: what was not asked, was not at hand, is known only so well, changed, or
/// cannot be decided.
pub(in crate::report) fn limits(cell: &CellReport) -> Vec<(&'static str, String)> {
    let limits = [
        ("partial", partial(cell)),
        ("coverage", coverage(cell)),
        ("precision", precision(cell)),
        ("changed", changed(cell)),
        ("undecided", undecided(cell)),
        ("policy", policy(cell)),
    ];
    limits.into_iter().filter_map(|(label, limit)| Some((label, limit?))).collect()
}

fn partial(cell: &CellReport) -> Option<String> {
    if cell.is_whole() {
        return None;
    }
    let whole = cell.covered.map_or_else(String::new, |covered| {
        format!(", {} of {} conversations to their end", count(covered.conversations), count(covered.of))
    });
    let why = "conversations are asked in an order drawn by the seed, a fair sample where the rest was not asked; what failed may be the \
               easier or the harder part";
    let (answered, asks) = (count(cell.usage.answered), count(cell.usage.asks));
    Some(format!("{answered} of {asks} asks{whole}: {why}"))
}

fn coverage(cell: &CellReport) -> Option<String> {
    let (items, of) = (cell.coverage.items, cell.coverage.of);
    (items < of)
        .then(|| format!("{} of the benchmark's {} items: not comparable with results on all", count(items), count(of)))
}

fn precision(cell: &CellReport) -> Option<String> {
    let known = cell.precision?;
    let [low, high] = known.ci95;
    Some(format!(
        "the benchmark's own score lies within {} to {} (95%, whenever it is looked at), by {} of {} conversations; {} is half the width \
         that was wanted",
        share(low),
        share(high),
        count(known.conversations),
        count(known.of),
        share(known.aim)
    ))
}

fn undecided(cell: &CellReport) -> Option<String> {
    let items = (cell.undecidable > 0).then(|| counted(cell.undecidable, "item"))?;
    Some(format!("the scores are over {items} too that nobody can decide (equal texts, no question, contrary golds)"))
}

/// What ties and unparsed replies are worth, where that is not what they are worth to most.
fn policy(cell: &CellReport) -> Option<String> {
    let usual = Policy::default();
    let Policy { ties, unparsed } = cell.policy;
    let ties = (ties != usual.ties).then(|| format!("a tie counts as {}", word(ties).unwrap_or_default()));
    let unparsed = (unparsed != usual.unparsed).then(|| match unparsed {
        UnparsedPolicy::Drop => "items with an unparsed reply are left out".to_owned(),
        other => format!("an unparsed reply counts as {}", word(other).unwrap_or_default()),
    });
    let told: Vec<String> = ties.into_iter().chain(unparsed).collect();
    (!told.is_empty())
        .then(|| format!("{}: not comparable with scores where they are wrong, as is usual", told.join(", ")))
}

/// What changed behind the judge's back while it was asked.
fn changed(cell: &CellReport) -> Option<String> {
    let listed = |counts: &BTreeMap<String, u64>| {
        let some = counts.iter().take(MOST_LISTED).map(|(name, n)| format!("{} {}", plain(name), count(*n)));
        let more = if counts.len() > MOST_LISTED { ", ..." } else { "" };
        some.collect::<Vec<_>>().join(", ") + more
    };
    let mut parts = Vec::new();
    if cell.models.len() > 1 {
        parts.push(format!("{} models answered ({})", cell.models.len(), listed(&cell.models)));
    }
    if cell.fingerprints.len() > 1 {
        parts.push(format!("{} system fingerprints ({})", cell.fingerprints.len(), listed(&cell.fingerprints)));
    }
    (!parts.is_empty()).then(|| format!("{}: these are not the replies of one judge", parts.join("; ")))
}
