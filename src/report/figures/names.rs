//! What cells are called in pictures: by what differs between them.

use crate::report::json::{CellReport, Report};
use crate::report::text::{counted, plain};

/// A cell and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) cell: &'a CellReport,
    /// The number of its run among those that are shown, counted from 1.
    pub(crate) run: usize,
    /// All of it that differs between cells: `judge / strategy on bench`.
    pub(crate) name: String,
    /// The judge.
    pub(crate) judge: String,
    /// Its strategy and benchmark, where they differ.
    pub(crate) variant: String,
    /// What stands behind its name: its run where others have the same name, how much it was asked about where that differs.
    pub(crate) tags: String,
    /// Name and variant without the benchmark.
    own: [String; 2],
    /// Which colour and shape: one a judge, or one a variant where there is one judge.
    pub(crate) series: usize,
    /// Which pattern of lines: one a variant.
    pub(crate) pattern: usize,
}

/// The cells of some reports, in their order.
pub(crate) fn named(reports: &[Report]) -> Vec<Named<'_>> {
    let cells: Vec<(usize, &CellReport)> =
        (1..).zip(reports).flat_map(|(run, report)| report.cells.iter().map(move |cell| (run, cell))).collect();
    let is_alone = |cell: &CellReport| {
        let is_same = |other: &CellReport| {
            (&other.judge, &other.strategy, &other.bench) == (&cell.judge, &cell.strategy, &cell.bench)
        };
        cells.iter().filter(|(_, other)| is_same(other)).count() < 2
    };
    let differ = |part: fn(&CellReport) -> &str| cells.windows(2).any(|two| part(two[0].1) != part(two[1].1));
    let (judges, strategies, benches) = (
        differ(|cell| &cell.judge),
        differ(|cell| cell.strategy.as_deref().unwrap_or_default()),
        differ(|cell| &cell.bench),
    );
    let all_simulated = all_simulated(cells.iter().map(|(_, cell)| *cell));
    let mut known_judges: Vec<String> = Vec::new();
    let mut known_variants: Vec<String> = Vec::new();
    let named = cells.iter().map(|&(run, cell)| {
        let judge = judge(cell, all_simulated);
        let strategy = cell.strategy.as_deref().filter(|_| strategies).map(plain).unwrap_or_default();
        let mut own = if strategy.is_empty() { judge.clone() } else { format!("{judge} / {strategy}") };
        let bench = if benches { format!(" on {}", plain(&cell.bench)) } else { String::new() };
        let of_run = if is_alone(cell) { String::new() } else { format!(" in {}", run_name(run, &reports[run - 1])) };
        let tags = format!("{of_run}{}{}", of_items(cell, &cells), partial(cell));
        let name = format!("{own}{bench}{tags}");
        let variant = format!("{strategy}{bench}").trim_start().to_owned();
        own += &tags;
        let of_judge = place(&mut known_judges, &judge);
        let of_variant = place(&mut known_variants, &variant);
        let (series, pattern) = if judges { (of_judge, of_variant) } else { (of_variant, 0) };
        Named { cell, run, name, judge, variant, tags, own: [own, strategy], series, pattern }
    });
    named.collect()
}

impl Named<'_> {
    /// Its name in a row under its judge.
    pub(crate) fn variant_with_tags(&self) -> String {
        format!("{}{}", self.variant, self.tags).trim_start().to_owned()
    }
}

/// The end of a caption: which cells a picture leaves out, and why; nothing where there is none.
pub(crate) fn not_shown<'a>(why: &str, cells: impl Iterator<Item = &'a Named<'a>>) -> String {
    let names: Vec<&str> = cells.map(|named| &*named.name).collect();
    if names.is_empty() { String::new() } else { format!(" Not shown, for {why}: {}.", names.join(", ")) }
}

/// The cells of each benchmark, in the order of first appearance: scores of different benchmarks are not held against each other. Their names
/// do without it.
pub(crate) fn by_bench<'a>(cells: &[Named<'a>]) -> Vec<(&'a str, Vec<Named<'a>>)> {
    let mut benches: Vec<(&str, Vec<Named<'_>>)> = Vec::new();
    for named in cells {
        let [name, variant] = named.own.clone();
        let named = Named { name, variant, ..named.clone() };
        match benches.iter_mut().find(|(bench, _)| *bench == named.cell.bench) {
            Some((_, known)) => known.push(named),
            None => benches.push((&named.cell.bench, vec![named])),
        }
    }
    benches
}

/// What a run is called: its folder, or its number among those that are shown.
pub(crate) fn run_name(number: usize, report: &Report) -> String {
    if report.run.is_empty() { format!("run {number}") } else { plain(&report.run) }
}

/// Whether all of some cells, of which there is one at least, are of the simulated judge.
pub(crate) fn all_simulated<'a>(cells: impl IntoIterator<Item = &'a CellReport>) -> bool {
    let mut cells = cells.into_iter().peekable();
    cells.peek().is_some() && cells.all(|cell| cell.simulated)
}

/// What stands behind the name of a cell where another was asked about more or fewer items of the same benchmark: how many.
fn of_items(cell: &CellReport, cells: &[(usize, &CellReport)]) -> String {
    let items = |cell: &CellReport| cell.subsets.iter().map(|record| record.n).sum::<usize>();
    let is_other = |other: &CellReport| other.bench == cell.bench && items(other) != items(cell);
    let tag = || format!(" ({})", counted(items(cell), "item"));
    if cells.iter().any(|(_, other)| is_other(other)) { tag() } else { String::new() }
}

/// What stands behind the name of a cell of which a part has no reply.
pub(crate) fn partial(cell: &CellReport) -> &'static str {
    if cell.is_whole() { "" } else { " (partial)" }
}

fn judge(cell: &CellReport, all_simulated: bool) -> String {
    let simulated = if cell.simulated && !all_simulated { " (simulated)" } else { "" };
    format!("{}{simulated}", plain(&cell.judge))
}

fn place(known: &mut Vec<String>, name: &str) -> usize {
    known.iter().position(|other| other == name).unwrap_or_else(|| {
        known.push(name.to_owned());
        known.len() - 1
    })
}
