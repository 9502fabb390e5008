//! How cells were made, and what limits what they say: the end of a page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::{Named, run_name};
use super::json::{CellReport, Report};
use super::notes::limits;
use super::text::{count, dash, interval, plain, share, word};

/// How everything was made.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    /// What all cells have in common, each with its name.
    pub(super) common: Vec<(&'static str, String)>,
    /// The heads of the table of cells.
    pub(super) heads: Vec<&'static str>,
    /// A row a cell: its name and the values.
    pub(super) rows: Vec<(String, Vec<String>)>,
    /// What limits the scores: what it is, and the cells that it is about.
    pub(super) limits: Vec<(String, String)>,
    /// Hashes of what was asked: what it is, and its hash.
    pub(super) hashes: Vec<(String, String)>,
}

/// How the cells of some reports were made.
pub(super) fn made(reports: &[Report], cells: &[Named<'_>]) -> Made {
    let facts = |named: &Named<'_>| {
        let report = &reports[named.run - 1];
        let run = (reports.len() > 1).then(|| ("run", run_name(named.run, report)));
        let seed = ("seed", report.seed.to_string());
        run.into_iter().chain([seed]).chain(facts(named.cell)).collect()
    };
    let facts: Vec<Vec<(&'static str, String)>> = cells.iter().map(facts).collect();
    let first = facts.first().cloned().unwrap_or_default();
    let is_common = |at: usize| facts.iter().all(|fact| fact[at].1 == first[at].1);
    let (same, differ): (Vec<usize>, Vec<usize>) = (0..first.len()).partition(|at| is_common(*at));
    let row = |(named, facts): (&Named<'_>, &Vec<(&'static str, String)>)| {
        (named.name.clone(), differ.iter().map(|at| facts[*at].1.clone()).collect())
    };
    let is_known = |at: &&usize| first[**at].1 != dash();
    Made {
        common: same.iter().filter(is_known).map(|at| first[*at].clone()).collect(),
        heads: differ.iter().map(|at| first[*at].0).collect(),
        rows: if differ.is_empty() { Vec::new() } else { cells.iter().zip(&facts).map(row).collect() },
        limits: limits_of_all(cells),
        hashes: hashes(cells),
    }
}

fn facts(cell: &CellReport) -> Vec<(&'static str, String)> {
    let usage = &cell.usage;
    let listed = |counts: &BTreeMap<String, u64>| match counts.keys().next() {
        None => dash(),
        Some(only) if counts.len() == 1 => plain(only),
        Some(_) => {
            counts.iter().map(|(name, n)| format!("{} ({})", plain(name), count(*n))).collect::<Vec<_>>().join(", ")
        }
    };
    let failed: usize = cell.subsets.iter().map(|record| record.failed).sum();
    let decidable = cell.decidable_score().filter(|_| cell.overall.is_some());
    let bounds = cell.overall.as_ref().filter(|_| cell.has_unread()).map(|overall| overall.bounds);
    vec![
        ("benchmark", plain(&cell.bench)),
        ("items at hand", format!("{} of {}", count(cell.coverage.items), count(cell.coverage.of))),
        ("rule", cell.rule.clone()),
        ("orders", cell.orders.to_string()),
        ("samples in each order", cell.samples.to_string()),
        ("a tie counts as", word(cell.policy.ties).unwrap_or_default()),
        ("an unparsed reply counts as", word(cell.policy.unparsed).unwrap_or_default()),
        ("simulated", if cell.simulated { "yes" } else { "no" }.to_owned()),
        ("asks", count(usage.asks)),
        ("answered", count(usage.answered)),
        ("items that failed", count(failed)),
        ("tokens in", usage.prompt_tokens.map_or_else(dash, count)),
        ("tokens out", usage.completion_tokens.map_or_else(dash, count)),
        ("US dollars", usage.usd.map_or_else(dash, |usd| format!("{usd:.4}"))),
        ("overall", cell.overall.as_ref().map_or_else(dash, |overall| share(overall.score))),
        ("where it can be decided", decidable.map_or_else(dash, share)),
        ("were all unread wrong, right", interval(bounds)),
        ("answered by", listed(&cell.models)),
        ("system fingerprint", listed(&cell.fingerprints)),
    ]
}

fn limits_of_all(cells: &[Named<'_>]) -> Vec<(String, String)> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for named in cells {
        let missing =
            named.cell.missing.iter().map(|subset| format!("{} {}", plain(&subset.group), subset.task.label()));
        let missing = missing.collect::<Vec<_>>().join(", ");
        let missing = (!missing.is_empty()).then(|| format!("missing: {missing}; so there is no overall score"));
        let limits = limits(named.cell).into_iter().map(|(label, text)| format!("{label}: {text}"));
        for text in missing.into_iter().chain(limits) {
            match told.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(&named.name),
                None => told.push((text, vec![&named.name])),
            }
        }
    }
    let whom = |names: Vec<&str>| if names.len() == cells.len() { "all".to_owned() } else { names.join(", ") };
    told.into_iter().map(|(text, names)| (text, whom(names))).collect()
}

fn hashes(cells: &[Named<'_>]) -> Vec<(String, String)> {
    let mut hashes = Vec::new();
    for Named { cell, .. } in cells {
        let bench = (format!("benchmark {}", plain(&cell.bench)), cell.hashes.bench.clone());
        let strategy = cell.strategy.as_deref().zip(cell.hashes.strategy.clone());
        let strategy = strategy.map(|(name, hash)| (format!("strategy {}", plain(name)), hash));
        for hash in std::iter::once(bench).chain(strategy) {
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
    }
    hashes.sort();
    hashes
}
