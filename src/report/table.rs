//! The report as a terminal shows it: the conclusion first, then a table that fits the width.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use unicode_width::UnicodeWidthStr as _;

use super::attack::attack_table;
use super::figures::{self, named};
use super::json::{CellReport, Report};
use super::notes::insights;
use super::text::{count, counted, dash, in_brackets, percent, plain, share, signed};
use crate::bench::Task;
use crate::score::{Position, Record};

/// Where the text of a note begins.
const INDENT: usize = 11;

/// Digits of a hash that are shown.
const HASH: usize = 8;
/// The most names of models or fingerprints that are listed.
const MOST_LISTED: usize = 5;

/// How many columns there are to write in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(pub u16);

impl Width {
    /// The columns of the terminal, within reason; 100 where there is none.
    #[must_use]
    pub fn of_terminal() -> Self {
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        Self(table.width().unwrap_or(100).clamp(40, 160))
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

/// The whole report.
#[must_use]
pub fn table(report: &Report, width: Width) -> String {
    let mut parts: Vec<String> = report.attacks.iter().map(|attacks| attack_table(attacks, width)).collect();
    if report.cells.len() > 1 {
        parts.push(leaderboard(report, width));
    }
    parts.extend(report.cells.iter().map(|cell| one_cell(cell, width)));
    parts.push(format!("tribunal {}, seed {}\n", plain(&report.tribunal), report.seed));
    parts.join("\n")
}

/// What the cells come to, and one row a cell, the best first, each by what differs between them.
fn leaderboard(report: &Report, width: Width) -> String {
    let mut cells = named(std::slice::from_ref(report));
    let told = wrapped(&figures::conclusion(&cells), 0, width);
    let score = |cell: &CellReport| cell.overall.as_ref().map_or(f64::NEG_INFINITY, |overall| overall.score);
    cells.sort_by(|a, b| score(b.cell).total_cmp(&score(a.cell)));
    let columns = vec![
        column(0, "overall", |cell: &CellReport| {
            cell.overall.as_ref().map_or_else(dash, |overall| share(overall.score))
        }),
        column(0, "95% interval", |cell| interval(cell.overall.as_ref().and_then(|overall| overall.ci95))),
        column(0, "unparsed", |cell| count(cell.unparsed.values().sum::<u64>())),
        column(0, "failed", |cell| count(cell.usage.asks.saturating_sub(cell.usage.answered))),
        column(3, "first slot", |cell| percent(cell.position.first_slot.picked, cell.position.first_slot.n)),
        column(4, "tokens out", |cell| cell.usage.completion_tokens.map_or_else(dash, count)),
    ];
    let rows: Vec<_> =
        cells.iter().map(|named| (format!("{}{}", named.name, partial(named.cell)), named.cell)).collect();
    told + &grid("judge", &rows, columns, width)
}

fn title(cell: &CellReport) -> String {
    let simulated = if cell.simulated { " (simulated)" } else { "" };
    let strategy = cell.strategy.as_ref().map_or_else(String::new, |name| format!(" / {}", plain(name)));
    format!("{}{simulated}{strategy} on {}{}", plain(&cell.judge), plain(&cell.bench), partial(cell))
}

fn partial(cell: &CellReport) -> &'static str {
    if cell.usage.answered < cell.usage.asks { " (partial)" } else { "" }
}

fn one_cell(cell: &CellReport, width: Width) -> String {
    let mut text = wrapped(&conclusion(cell), 0, width);
    if cell.usage.answered == 0 {
        return text;
    }
    let rows: Vec<_> = cell.subsets.iter().map(|record| (subset_name(&record.group, record.task), record)).collect();
    text.push_str(&grid("subset", &rows, columns(&cell.subsets), width));
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
        column(5, "std. err.", |record| record.se.map_or_else(dash, share)),
        column(4, "clusters", |record| count(record.clusters)),
        column(3, "strict", |record| record.strict.map_or_else(dash, share)),
        column(0, "right", |record| count(record.right)),
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

pub(super) fn grid<T>(first: &str, rows: &[(String, &T)], mut columns: Vec<Column<T>>, width: Width) -> String {
    let mut hidden = Vec::new();
    loop {
        let mut table = drawn(first, rows, &columns);
        let fits = table.lines().next().is_none_or(|line| line.width() <= usize::from(width.0));
        let spare = columns.iter().map(|column| column.spare).max().filter(|spare| *spare > 0);
        match spare {
            Some(spare) if !fits => {
                hidden.extend(columns.iter().filter(|column| column.spare == spare).map(|column| column.head));
                columns.retain(|column| column.spare != spare);
            }
            _ => {
                if !fits {
                    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
                }
                return format!("{table}\n{}", not_shown(&hidden, width));
            }
        }
    }
}

/// What there is no room for, where that is a result and not only a detail.
fn not_shown(hidden: &[&str], width: Width) -> String {
    if hidden.iter().all(|head| ["std. err.", "clusters", "strict", "macro", "tokens out", "first slot"].contains(head))
    {
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

/// What stands under the table, each with its label.
pub(super) fn notes(cell: &CellReport) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if cell.usage.answered < cell.usage.asks {
        let whole = cell.covered.map_or_else(String::new, |covered| {
            format!(", {} of {} conversations to their end", count(covered.conversations), count(covered.of))
        });
        let why = "conversations are asked in an order drawn by the seed, a fair sample where the rest was not asked; what failed may be the \
                   easier or the harder part";
        let (answered, asks) = (count(cell.usage.answered), count(cell.usage.asks));
        notes.push(("partial", format!("{answered} of {asks} asks{whole}: {why}")));
    }
    if let Some(known) = cell.precision {
        let [low, high] = known.ci95;
        notes.push((
            "precision",
            format!(
                "the benchmark's own score lies within {} to {} (95%, whenever it is looked at), by {} of {} conversations; {} is half the width \
                 that was wanted",
                share(low),
                share(high),
                count(known.conversations),
                count(known.of),
                share(known.aim)
            ),
        ));
    }
    if cell.position.first_slot.n > 0 {
        notes.push(("position", slots(&cell.position)));
    }
    if let Some(both) = both_orders(&cell.position) {
        notes.push(("", both));
    }
    notes.extend(repeats(cell).map(|note| ("samples", note)));
    notes.extend(insights(cell));
    notes.extend(decidable(cell).map(|note| ("undecided", note)));
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
    notes.extend(changed(cell).map(|note| ("changed", note)));
    if cell.coverage.items < cell.coverage.of {
        let (items, of) = (count(cell.coverage.items), count(cell.coverage.of));
        notes.push(("coverage", format!("{items} of the benchmark's {of} items: not comparable with results on all")));
    }
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
    let n = position.n?;
    Some(format!(
        "of {} pairs in both orders: consistent {}, right in both {}, leaning to A {}, to B {}",
        count(n),
        percent(position.consistent?, n),
        percent(position.both_right?, n),
        percent(position.primacy?, n),
        percent(position.recency?, n)
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

fn decidable(cell: &CellReport) -> Option<String> {
    if cell.undecidable == 0 {
        return None;
    }
    let mean = cell.decidable_score()?;
    let what = if cell.subsets.len() == 1 { "score" } else { "mean of the subsets" };
    let items = match cell.undecidable {
        1 => "1 item".to_owned(),
        n => format!("{} items", count(n)),
    };
    Some(format!(
        "{items} nobody can decide (equal texts, no question, contrary golds); without: {what} {}",
        share(mean)
    ))
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

pub(super) fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(dash, |[low, high]| format!("{} to {}", share(low), share(high)))
}

/// The text in lines that fit; further lines are indented.
#[must_use]
pub fn wrapped(text: &str, indent: usize, width: Width) -> String {
    let margin = " ".repeat(indent);
    let options = textwrap::Options::new(usize::from(width.0).max(indent + 20)).subsequent_indent(&margin);
    textwrap::fill(text, options) + "\n"
}
