//! What a run will take, as a terminal shows it.

use serde::Serialize;

use super::listing::listing;
use super::table::Width;
use super::text::{count, counted, dash, judge_and_strategy, plain};
use crate::money::Usd;
use crate::run::{Basis, Cell, CellEstimate, Foretold};

/// A row a cell, then what they take together.
#[must_use]
pub fn estimate_table(estimates: &[CellEstimate], cells: &[Cell<'_>], width: Width) -> String {
    let heads = ["judge / strategy", "new asks", "tokens in", "tokens out", "US dollars", "hours"];
    let is_one_bench = cells.iter().all(|cell| cell.bench.name == cells[0].bench.name);
    let short_name = |cell: &Cell<'_>| {
        let (name, on) = (name(cell), format!(" on {}", plain(&cell.bench.name)));
        if is_one_bench { name.strip_suffix(&on).unwrap_or(&name).to_owned() } else { name }
    };
    let mut rows: Vec<[String; 6]> =
        estimates.iter().map(|estimate| row(&short_name(&cells[estimate.cell]), estimate)).collect();
    if estimates.len() > 1 {
        rows.push(row("together", &together(estimates)));
    }
    let mut text = listing(heads, &rows, width);
    for line in remarks(estimates, cells) {
        text.push_str(&super::wrapped(&line, 2, width));
    }
    text
}

/// An estimate for programs.
#[derive(Serialize)]
struct Row<'a> {
    judge: &'a str,
    strategy: Option<&'a str>,
    bench: &'a str,
    asks: usize,
    new: usize,
    input_tokens: Foretold,
    output_tokens: Foretold,
    usd: Option<Foretold>,
    most_usd: Option<Usd>,
    hours: Option<f64>,
}

/// The same as JSON: an array of cells.
pub fn estimate_json(estimates: &[CellEstimate], cells: &[Cell<'_>]) -> serde_json::Result<String> {
    let row = |estimate: &CellEstimate| {
        let cell = &cells[estimate.cell];
        let CellEstimate { cell: _, asks, new, input, output, usd, most, hours, basis: _ } = *estimate;
        Row {
            judge: &cell.judge.name,
            strategy: cell.strategy.map(|strategy| strategy.name.as_str()),
            bench: &cell.bench.name,
            asks,
            new,
            input_tokens: input,
            output_tokens: output,
            usd,
            most_usd: most,
            hours,
        }
    };
    let rows: Vec<Row<'_>> = estimates.iter().map(row).collect();
    serde_json::to_string_pretty(&rows).map(|text| text + "\n")
}

/// The money of all cells in a line: likely, from low to high; `None` where a price is missing.
#[must_use]
pub fn estimated_cost(estimates: &[CellEstimate]) -> Option<String> {
    together(estimates).usd.map(range_of_dollars)
}

/// All cells as one.
#[must_use]
pub fn together(estimates: &[CellEstimate]) -> CellEstimate {
    let sum = |of: fn(&CellEstimate) -> Foretold| estimates.iter().map(of).fold(Foretold::default(), Foretold::plus);
    let priced = estimates.iter().all(|estimate| estimate.usd.is_some());
    CellEstimate {
        cell: 0,
        asks: estimates.iter().map(|estimate| estimate.asks).sum(),
        new: estimates.iter().map(|estimate| estimate.new).sum(),
        input: sum(|estimate| estimate.input),
        output: sum(|estimate| estimate.output),
        usd: priced.then(|| sum(|estimate| estimate.usd.unwrap_or_default())),
        most: estimates.iter().map(|estimate| estimate.most).try_fold(Usd::ZERO, |sum, most| Some(sum + most?)),
        // Judges are asked at the same time, cells of one judge in turn: no sum tells it. The longest is the least.
        hours: estimates.iter().filter_map(|estimate| estimate.hours).max_by(f64::total_cmp),
        basis: Basis::Nothing,
    }
}

fn name(cell: &Cell<'_>) -> String {
    let strategy = cell.strategy.map(|strategy| strategy.name.as_str());
    format!("{} on {}", judge_and_strategy(&cell.judge.name, strategy), plain(&cell.bench.name))
}

fn row(name: &str, estimate: &CellEstimate) -> [String; 6] {
    [
        name.to_owned(),
        count(estimate.new),
        range(estimate.input),
        range(estimate.output),
        estimate.usd.map_or_else(|| "no price".to_owned(), range_of_dollars),
        estimate.hours.map_or_else(dash, |hours| format!("{hours:.1}")),
    ]
}

/// `1.2M (1.1M to 1.4M)`.
fn range(foretold: Foretold) -> String {
    let Foretold { low, likely, high } = foretold;
    format!("{} ({}\u{2013}{})", short(likely), short(low), short(high))
}

fn range_of_dollars(foretold: Foretold) -> String {
    let Foretold { low, likely, high } = foretold;
    format!("{} ({} to {})", dollars(likely), dollars(low), dollars(high))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an amount of dollars")]
fn dollars(amount: f64) -> String {
    Usd::from_nanos((amount * 1e9).round() as u64).to_string()
}

/// A number in three digits or so: 950, 12.3k, 1.2M.
#[must_use]
pub fn short(number: f64) -> String {
    match number {
        ..1e3 => format!("{number:.0}"),
        ..1e6 => format!("{:.1}k", number / 1e3),
        ..1e9 => format!("{:.1}M", number / 1e6),
        number => format!("{:.1}G", number / 1e9),
    }
}

/// From what it was foretold, and what is the most that it can cost.
fn remarks(estimates: &[CellEstimate], cells: &[Cell<'_>]) -> Vec<String> {
    let mut lines = Vec::new();
    let all = together(estimates);
    if let Some(most) = all.most.filter(|most| *most > Usd::ZERO) {
        lines.push(format!("at the most {most}: every prompt a token a byte, every reply as long as it may be"));
    }
    if all.new < all.asks {
        lines.push(format!(
            "{} of {} asks are in the store already, or in another row",
            count(all.asks - all.new),
            count(all.asks)
        ));
    }
    for estimate in estimates.iter().filter(|estimate| estimate.new > 0) {
        let from = match estimate.basis {
            Basis::Own(replies) => format!("from {} to these prompts", counted_replies(replies)),
            Basis::Others(replies) => {
                format!(
                    "prompts from {} of this judge to others; replies between a label and their limit",
                    counted_replies(replies)
                )
            }
            Basis::Nothing => {
                "from bytes alone; a first run with --limit 100 makes it much closer, and its replies are used again"
                    .to_owned()
            }
        };
        lines.push(format!("{}: {from}", name(&cells[estimate.cell])));
    }
    lines
}

fn counted_replies(replies: usize) -> String {
    counted(replies, "reply").replace("replys", "replies")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([7.0, 999.0, 12_345.0, 1_250_000.0, 3e9].map(short), ["7", "999", "12.3k", "1.2M", "3.0G"]);
        assert_eq!((counted_replies(1), counted_replies(20)), ("1 reply".to_owned(), "20 replies".to_owned()));
    }
}
