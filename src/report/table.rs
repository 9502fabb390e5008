//! The report as a terminal shows it: the conclusion first, then a table that fits the width.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

use unicode_width::UnicodeWidthStr as _;

use super::attack::attack_table;
use super::figures::{by_score, headline, named, partial, run_name};
use super::json::{CellReport, Report};
use super::notes::notes;
use super::text::{count, counted, dash, in_brackets, interval, percent, plain, share};
use crate::bench::Task;
use crate::score::Record;

/// Where the text of a note begins.
const INDENT: usize = 11;

/// How short names are made before columns go, in characters.
const NARROWEST: usize = 12;

/// The head of a column that is not missed.
const STANDARD_ERROR: &str = "std. err.";

/// How many columns there are to write in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(pub u16);

impl Width {
    /// The columns of the terminal, within reason; where there is none what `COLUMNS` says, or 100.
    #[must_use]
    pub fn of_terminal() -> Self {
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        let told = || std::env::var("COLUMNS").ok()?.parse().ok();
        Self(table.width().or_else(told).unwrap_or(100).clamp(40, 160))
    }
}

/// A column of a table.
pub(super) struct Column<T> {
    head: &'static str,
    show: fn(&T) -> String,
    /// Where there is no room for all columns, those with the highest number go first; those with 0 stay.
    spare: u8,
}

impl<T> Column<T> {
    /// What stands above it.
    pub(super) fn head(&self) -> &'static str {
        self.head
    }
}

pub(super) fn column<T>(spare: u8, head: &'static str, show: fn(&T) -> String) -> Column<T> {
    Column { head, show, spare }
}

/// Reports: all cells against each other, then each of them; what attacks did comes first.
#[must_use]
pub fn table(reports: &[Report], width: Width) -> String {
    let attacks = |report: &Report| report.attacks.iter().map(|attack| attack_table(attack, width)).collect::<Vec<_>>();
    let board =
        (reports.iter().map(|report| report.cells.len()).sum::<usize>() > 1).then(|| leaderboard(reports, width));
    let mut hidden = Vec::new();
    let mut cells = |report: &Report| {
        let cells: Vec<String> = report.cells.iter().map(|cell| one_cell(cell, width, &mut hidden)).collect();
        cells.into_iter().chain([format!("tribunal {}, seed {}\n", plain(&report.tribunal), report.seed)])
    };
    let parts: Vec<String> = match reports {
        [report] => attacks(report).into_iter().chain(board).chain(cells(report)).collect(),
        several => {
            let of_run = (1..).zip(several).flat_map(|(number, report)| {
                let heading = format!("== {}\n", run_name(number, report));
                std::iter::once(heading).chain(attacks(report)).chain(cells(report)).collect::<Vec<_>>()
            });
            board.into_iter().chain(of_run).collect()
        }
    };
    parts.join("\n")
}

/// What the cells come to, and one row a cell, the best first, each by what differs between them.
fn leaderboard(reports: &[Report], width: Width) -> String {
    let cells = named(reports);
    let told = wrapped(&headline(&cells), 0, width);
    let mut columns = vec![
        column(0, "overall", |cell: &CellReport| {
            cell.overall.as_ref().map_or_else(dash, |overall| share(overall.score))
        }),
        column(0, "95% interval", |cell| interval(cell.overall.as_ref().and_then(|overall| overall.ci95))),
        column(0, "unparsed", |cell| count(cell.unparsed.values().sum::<u64>())),
        column(0, "failed", |cell| count(cell.usage.asks.saturating_sub(cell.usage.answered))),
        column(3, "first slot", |cell| percent(cell.position.first_slot.picked, cell.position.first_slot.n)),
        column(4, "tokens out", |cell| cell.usage.completion_tokens.map_or_else(dash, count)),
    ];
    if cells.iter().any(|named| named.cell.usage.usd.is_some()) {
        columns.push(column(2, "US dollars", |cell| cell.usage.usd.map_or_else(dash, |usd| format!("{usd:.4}"))));
    }
    let rows: Vec<_> = by_score(&cells).into_iter().map(|named| (named.name.clone(), named.cell)).collect();
    told + &grid("judge", &rows, columns, width)
}

fn title(cell: &CellReport) -> String {
    let simulated = if cell.simulated { " (simulated)" } else { "" };
    let strategy = cell.strategy.as_ref().map_or_else(String::new, |name| format!(" / {}", plain(name)));
    format!("{}{simulated}{strategy} on {}{}", plain(&cell.judge), plain(&cell.bench), partial(cell))
}

/// One cell. Columns for which there is no room are told the first time, and are then among those that are hidden.
fn one_cell(cell: &CellReport, width: Width, hidden: &mut Vec<&'static str>) -> String {
    let mut text = wrapped(&conclusion(cell), 0, width);
    if cell.usage.answered == 0 {
        return text;
    }
    let rows: Vec<_> = cell.subsets.iter().map(|record| (subset_name(&record.group, record.task), record)).collect();
    let (grid, mut gone) = fitting("subset", &rows, columns(&cell.subsets), width);
    gone.retain(|head| !hidden.contains(head));
    text += &(grid + &not_shown(&gone, width));
    hidden.extend(gone);
    for (label, note) in notes(cell) {
        text.push_str(&wrapped(&format!("{label:<INDENT$}{note}"), INDENT, width));
    }
    text
}

fn conclusion(cell: &CellReport) -> String {
    if cell.usage.answered == 0 {
        return format!("{}: none of {} answered", title(cell), counted(cell.usage.asks, "ask"));
    }
    let Some(overall) = &cell.overall else {
        return format!("{}: no overall score, {}", title(cell), absent(cell));
    };
    let of = match overall.subsets {
        1 => String::new(),
        subsets => format!("the mean of {subsets} subsets, "),
    };
    let ends = in_brackets(overall.ci95, share);
    format!("{}: {}{ends}, {of}{} conversations", title(cell), share(overall.score), count(overall.clusters))
}

fn absent(cell: &CellReport) -> String {
    if cell.missing.is_empty() {
        return "for a subset has no scored item".to_owned();
    }
    let names: Vec<String> = cell.missing.iter().map(|subset| subset_name(&subset.group, subset.task)).collect();
    format!("for it is the mean of all subsets and these are missing: {}", names.join(", "))
}

fn subset_name(group: &str, task: Task) -> String {
    format!("{} {}", plain(group), task.label())
}

/// The columns of records, without those that would say nothing.
fn columns(records: &[Record]) -> Vec<Column<Record>> {
    let mut columns = vec![
        column(0, "score", |record: &Record| record.score.map_or_else(dash, share)),
        column(0, "95% interval", |record| interval(record.ci95)),
        column(2, "macro", |record| record.r#macro.map_or_else(dash, share)),
        column(5, STANDARD_ERROR, |record| record.se.map_or_else(dash, share)),
        column(4, "clusters", |record| count(record.clusters)),
        column(3, "strict", |record| record.strict.map_or_else(dash, share)),
        column(1, "right", |record| count(record.right)),
        column(1, "wrong", |record| count(record.wrong)),
    ];
    let any = |part: fn(&Record) -> usize| records.iter().any(|record| part(record) > 0);
    if any(|record| record.tie) {
        columns.push(column(0, "tie", |record| count(record.tie)));
    }
    if any(|record| record.unparsed) {
        columns.push(column(0, "unparsed", |record| count(record.unparsed)));
    }
    if any(|record| record.failed) {
        columns.push(column(0, "failed", |record| count(record.failed)));
    }
    columns
}

/// Rows under heads. Columns for which there is no room are told below it.
pub(super) fn grid<T>(first: &str, rows: &[(String, &T)], columns: Vec<Column<T>>, width: Width) -> String {
    let (grid, hidden) = fitting(first, rows, columns, width);
    grid + &not_shown(&hidden, width)
}

/// Rows under heads, without the columns for which there is no room, and the heads of these. Names are broken where they must be, numbers never.
fn fitting<T>(
    first: &str,
    rows: &[(String, &T)],
    mut columns: Vec<Column<T>>,
    width: Width,
) -> (String, Vec<&'static str>) {
    let mut hidden = Vec::new();
    let is_wide = |table: &Table| table.lines().next().is_some_and(|line| line.width() > usize::from(width.0));
    let short: Vec<(String, &T)> =
        rows.iter().map(|(name, row)| (name.chars().take(NARROWEST).collect(), *row)).collect();
    loop {
        let mut table = drawn(first, rows, &columns);
        if !is_wide(&table) {
            return (format!("{table}\n"), hidden);
        }
        let spare = columns.iter().map(|column| column.spare).max().unwrap_or_default();
        if spare == 0 && (columns.len() < 2 || !is_wide(&drawn(first, &short, &columns))) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
            for column in table.column_iter_mut().skip(1) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            return (format!("{table}\n"), hidden);
        }
        // Where all are as important, the last goes first.
        let last = columns.iter().rposition(|column| column.spare == spare).unwrap_or_default();
        hidden.push(columns.remove(last).head);
    }
}

/// What there is no room for; but for a standard error, which its interval tells too.
fn not_shown(hidden: &[&str], width: Width) -> String {
    let hidden: Vec<&str> = hidden.iter().copied().filter(|head| *head != STANDARD_ERROR).collect();
    if hidden.is_empty() {
        return String::new();
    }
    let text = format!("{:<INDENT$}{}: a wider terminal shows them, and --format json", "not shown", hidden.join(", "));
    wrapped(&text, INDENT, width)
}

fn drawn<T>(first: &str, rows: &[(String, &T)], columns: &[Column<T>]) -> Table {
    let mut table = Table::new();
    table.load_style(lines());
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let heads = columns.iter().map(|column| right(column.head.to_owned()));
    table.set_header(std::iter::once(Cell::new(first)).chain(heads));
    for (name, row) in rows {
        let cells = columns.iter().map(|column| right((column.show)(row)));
        table.add_row(std::iter::once(Cell::new(name)).chain(cells));
    }
    table
}

/// A line above, one under the head, one below: no more ink than that.
pub(super) fn lines() -> TableStyle {
    let line = || LineStyle::none().fill('\u{2500}').junction('\u{2500}');
    TableStyle::new().top_border(line()).header_separator(line()).bottom_border(line())
}

/// The text in lines that fit; further lines are indented.
#[must_use]
pub fn wrapped(text: &str, indent: usize, width: Width) -> String {
    let margin = " ".repeat(indent);
    let options = textwrap::Options::new(usize::from(width.0).max(indent + 20)).subsequent_indent(&margin);
    textwrap::fill(text, options) + "\n"
}
