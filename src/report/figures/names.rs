//! What cells are called in pictures: by what differs between them.

use std::collections::BTreeMap;

use crate::report::json::{CellReport, Report};
use crate::report::text::plain;

/// A cell and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) cell: &'a CellReport,
    /// All of it that differs between cells: `judge / strategy on bench`.
    pub(crate) name: String,
    /// The judge.
    pub(crate) judge: String,
    /// Its strategy and benchmark, where they differ.
    pub(crate) variant: String,
    /// Which colour and shape: one a judge, or one a variant where there is one judge.
    pub(crate) series: usize,
    /// Which pattern of lines: one a variant.
    pub(crate) pattern: usize,
}

/// The cells of some reports, in their order.
pub(crate) fn named(reports: &[Report]) -> Vec<Named<'_>> {
    let cells: Vec<&CellReport> = reports.iter().flat_map(|report| &report.cells).collect();
    let differ = |part: fn(&CellReport) -> &str| cells.windows(2).any(|two| part(two[0]) != part(two[1]));
    let (judges, strategies, benches) = (
        differ(|cell| &cell.judge),
        differ(|cell| cell.strategy.as_deref().unwrap_or_default()),
        differ(|cell| &cell.bench),
    );
    let all_simulated = cells.iter().all(|cell| cell.simulated);
    let mut known_judges: Vec<String> = Vec::new();
    let mut known_variants: Vec<String> = Vec::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let one = |cell| {
        let judge = judge(cell, all_simulated);
        let variant = variant(cell, strategies, benches);
        let mut name = if variant.is_empty() { judge.clone() } else { format!("{judge} / {variant}") };
        let time = times.entry(name.clone()).or_default();
        *time += 1;
        if *time > 1 {
            name = format!("{name} (run {time})");
        }
        let of_judge = place(&mut known_judges, &judge);
        let of_variant = place(&mut known_variants, &variant);
        let (series, pattern) = if judges { (of_judge, of_variant) } else { (of_variant, 0) };
        Named { cell, name, judge, variant, series, pattern }
    };
    cells.iter().copied().map(one).collect()
}

fn judge(cell: &CellReport, all_simulated: bool) -> String {
    let simulated = if cell.simulated && !all_simulated { " (simulated)" } else { "" };
    format!("{}{simulated}", plain(&cell.judge))
}

fn variant(cell: &CellReport, strategies: bool, benches: bool) -> String {
    let strategy = cell.strategy.as_deref().filter(|_| strategies).map(plain);
    let bench = benches.then(|| format!("on {}", plain(&cell.bench)));
    strategy.into_iter().chain(bench).collect::<Vec<_>>().join(" ")
}

fn place(known: &mut Vec<String>, name: &str) -> usize {
    known.iter().position(|other| other == name).unwrap_or_else(|| {
        known.push(name.to_owned());
        known.len() - 1
    })
}
