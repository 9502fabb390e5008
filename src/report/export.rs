//! Reports as CSV, a line for each record, and as Markdown tables.

use std::fmt::Write as _;

use super::json::{CellReport, Report};
use super::text::{count, dash, interval, plain, share};
use crate::score::Record;

/// The columns that say which cell it is: the number of the run among those that are shown, counted from 1, and the cell in it.
pub(super) const CELL: [&str; 4] = ["run", "judge", "strategy", "bench"];
/// The others of the CSV.
const COLUMNS: [&str; 17] = [
    "task", "group", "n", "scored", "clusters", "score", "se", "low", "high", "method", "macro", "strict", "right",
    "wrong", "tie", "unparsed", "failed",
];

/// A line for the overall score of each cell (without task and group), and one for each subset and group.
pub fn csv(reports: &[Report]) -> Result<String, String> {
    let mut lines = vec![CELL.iter().chain(&COLUMNS).map(|head| (*head).to_owned()).collect()];
    let cells = (1..).zip(reports).flat_map(|(run, report)| report.cells.iter().map(move |cell| (run, cell)));
    for (run, cell) in cells {
        if let Some(overall) = &cell.overall {
            let [low, high] = ends(overall.ci95);
            let method = overall.ci_method.clone().unwrap_or_default();
            let numbers =
                [overall.clusters.to_string(), overall.score.to_string(), number(overall.se), low, high, method];
            let head = names(run, cell, "", "").into_iter().chain([String::new(), String::new()]);
            lines.push(head.chain(numbers).chain(std::iter::repeat_n(String::new(), 7)).collect());
        }
        lines.extend(cell.subsets.iter().chain(&cell.groups).map(|record| line(run, cell, record)));
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

fn line(run: usize, cell: &CellReport, record: &Record) -> Vec<String> {
    let [low, high] = ends(record.ci95);
    let counts = [record.n, record.scored, record.clusters].map(|count| count.to_string());
    let method = record.ci_method.clone().unwrap_or_default();
    let numbers =
        [number(record.score), number(record.se), low, high, method, number(record.r#macro), number(record.strict)];
    let outcomes =
        [record.right, record.wrong, record.tie, record.unparsed, record.failed].map(|count| count.to_string());
    let head = names(run, cell, record.task.as_str(), &record.group);
    head.into_iter().chain(counts).chain(numbers).chain(outcomes).collect()
}

/// A table of all cells, and one of the subsets of each.
#[must_use]
pub fn markdown(reports: &[Report]) -> String {
    let cells: Vec<&CellReport> = reports.iter().flat_map(|report| &report.cells).collect();
    let title = |cell: &CellReport| {
        let strategy = cell.strategy.as_ref().map_or_else(String::new, |strategy| format!(" / {strategy}"));
        quiet(&format!("{}{strategy} on {}", cell.judge, cell.bench))
    };
    let mut text = String::from("| judge | overall | 95% interval | answered |\n|---|---:|---|---:|\n");
    for cell in &cells {
        let overall = cell.overall.as_ref();
        let score = overall.map_or_else(dash, |overall| share(overall.score));
        let ends = interval(overall.and_then(|overall| overall.ci95));
        let answered = format!("{} of {}", count(cell.usage.answered), count(cell.usage.asks));
        let _ = writeln!(text, "| {} | {score} | {ends} | {answered} |", title(cell));
    }
    for cell in &cells {
        let _ =
            write!(text, "\n### {}\n\n| subset | items | score | 95% interval |\n|---|---:|---:|---|\n", title(cell));
        for record in &cell.subsets {
            let score = record.score.map_or_else(dash, share);
            let name = quiet(&format!("{} {}", record.group, record.task.label()));
            let _ = writeln!(text, "| {name} | {} | {score} | {} |", count(record.n), interval(record.ci95));
        }
    }
    text
}

/// Foreign text that is nothing but text in Markdown.
fn quiet(text: &str) -> String {
    let mut quiet = String::new();
    for character in plain(text).chars() {
        match character {
            '<' => quiet.push_str("&lt;"),
            '&' => quiet.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => quiet.extend(['\\', character]),
            other => quiet.push(other),
        }
    }
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_text_and_nothing_else() {
        assert_eq!(inert("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(inert("gpt-4o"), "gpt-4o");
        assert_eq!(quiet("a|b <script> [x](y)"), "a\\|b &lt;script> \\[x\\](y)");
    }
}
