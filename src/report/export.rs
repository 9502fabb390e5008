//! Reports as CSV, a line for each record.

use super::json::{CellReport, Report};
use super::text::{plain, word};
use crate::score::Record;

/// The columns that say which cell it is: the number of the run among those that are shown, counted from 1, and the cell in it.
pub(super) const CELL: [&str; 4] = ["run", "judge", "strategy", "bench"];
/// What a record holds.
const RECORD: [&str; 19] = [
    "task",
    "group",
    "n",
    "scored",
    "clusters",
    "score",
    "se",
    "low",
    "high",
    "method",
    "macro",
    "strict",
    "right",
    "wrong",
    "tie",
    "unparsed",
    "failed",
    "bound_low",
    "bound_high",
];
/// What must be known of its cell to read it: which run, whether a model was asked at all, how, of how much, and at what price.
const CIRCUMSTANCES: [&str; 14] = [
    "folder",
    "seed",
    "simulated",
    "rule",
    "ties_as",
    "unparsed_as",
    "orders",
    "samples",
    "items",
    "items_of",
    "asks",
    "answered",
    "undecidable",
    "usd",
];

/// A line for the overall score of each cell (without task and group), and one for each subset and group.
pub fn csv(reports: &[Report]) -> Result<String, String> {
    let heads = CELL.iter().chain(&RECORD).chain(&CIRCUMSTANCES);
    let mut lines: Vec<Vec<String>> = vec![heads.map(|head| (*head).to_owned()).collect()];
    let cells = (1..).zip(reports).flat_map(|(run, report)| report.cells.iter().map(move |cell| (run, report, cell)));
    for (run, report, cell) in cells {
        let circumstances = circumstances(report, cell);
        let line = |record: Vec<String>| record.into_iter().chain(circumstances.clone()).collect::<Vec<_>>();
        if let Some(overall) = &cell.overall {
            let [low, high] = ends(overall.ci95);
            let method = overall.ci_method.clone().unwrap_or_default();
            let numbers =
                [overall.clusters.to_string(), overall.score.to_string(), number(overall.se), low, high, method];
            let head = names(run, cell, "", "").into_iter().chain([String::new(), String::new()]);
            let none = std::iter::repeat_n(String::new(), 7);
            lines.push(line(head.chain(numbers).chain(none).chain(ends(Some(overall.bounds))).collect()));
        }
        lines.extend(cell.subsets.iter().chain(&cell.groups).map(|record| line(of_record(run, cell, record))));
    }
    csv_text(lines)
}

/// Lines of fields as CSV. `Err` says what cannot be written, such as lines of different lengths.
pub(super) fn csv_text(lines: impl IntoIterator<Item = Vec<String>>) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn names(run: usize, cell: &CellReport, task: &str, group: &str) -> Vec<String> {
    let strategy = cell.strategy.as_deref().unwrap_or_default();
    [&*run.to_string(), &cell.judge, strategy, &cell.bench, task, group].map(inert).to_vec()
}

/// Text that no spreadsheet takes for a formula, and no terminal for an order.
pub(super) fn inert(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = plain(text);
    if is_formula { format!("'{text}") } else { text }
}

/// A number in full precision; nothing where there is none.
pub(super) fn number(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

/// Both ends of an interval.
pub(super) fn ends(ci95: Option<[f64; 2]>) -> [String; 2] {
    ci95.map_or_else(Default::default, |ends| ends.map(|end| end.to_string()))
}

fn circumstances(report: &Report, cell: &CellReport) -> [String; 14] {
    let usage = &cell.usage;
    let [items, of, asks, answered, undecidable] =
        [cell.coverage.items, cell.coverage.of, usage.asks, usage.answered, cell.undecidable]
            .map(|count| count.to_string());
    let orders = cell.orders.to_string();
    let (seed, simulated, samples) = (report.seed.to_string(), cell.simulated.to_string(), cell.samples.to_string());
    let (folder, rule, usd) = (inert(&report.run), inert(&cell.rule), number(usage.usd));
    let [ties, unparsed] = [word(cell.policy.ties), word(cell.policy.unparsed)].map(Option::unwrap_or_default);
    [folder, seed, simulated, rule, ties, unparsed, orders, samples, items, of, asks, answered, undecidable, usd]
}

fn of_record(run: usize, cell: &CellReport, record: &Record) -> Vec<String> {
    let [low, high] = ends(record.ci95);
    let counts = [record.n, record.scored, record.clusters].map(|count| count.to_string());
    let method = record.ci_method.clone().unwrap_or_default();
    let numbers =
        [number(record.score), number(record.se), low, high, method, number(record.r#macro), number(record.strict)];
    let outcomes =
        [record.right, record.wrong, record.tie, record.unparsed, record.failed].map(|count| count.to_string());
    let head = names(run, cell, record.task.as_str(), &record.group);
    head.into_iter().chain(counts).chain(numbers).chain(outcomes).chain(ends(Some(record.bounds))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_text_and_nothing_else() {
        assert_eq!(inert("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(inert("gpt-4o"), "gpt-4o");
    }
}
