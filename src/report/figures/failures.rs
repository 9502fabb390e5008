//! What went wrong: replies without a verdict by reason, and asks without a reply.

use super::draw::{GridRow, Tile, grid};
use super::figure::{Field, Figure};
use super::names::Named;
use crate::report::json::CellReport;
use crate::report::text::{count, plain};

/// The name of the figure in links.
pub(crate) const FAILURES: &str = "failures";

/// The asks of a cell that have no reply.
fn unanswered(cell: &CellReport) -> u64 {
    cell.usage.asks.saturating_sub(cell.usage.answered) as u64
}

/// Cells by reasons; nothing where every ask has a verdict.
pub(super) fn failures(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let mut reasons: Vec<&str> =
        cells.iter().flat_map(|named| named.cell.unparsed.keys()).map(String::as_str).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let has_unanswered = cells.iter().any(|named| unanswered(named.cell) > 0);
    if reasons.is_empty() && !has_unanswered {
        return None;
    }
    let counts = |cell: &CellReport| -> Vec<u64> {
        let of_reasons = reasons.iter().map(|reason| cell.unparsed.get(*reason).copied().unwrap_or_default());
        of_reasons.chain(has_unanswered.then(|| unanswered(cell))).collect()
    };
    let part = |number: u64, cell: &CellReport| number as f64 / cell.usage.asks.max(1) as f64;
    let most =
        cells.iter().flat_map(|named| counts(named.cell).into_iter().map(|n| part(n, named.cell))).fold(0.0, f64::max);
    let tile = |number: u64, cell: &CellReport| Tile {
        text: count(number),
        level: (number > 0).then(|| part(number, cell) / most),
        is_marked: false,
    };
    let tiles: Vec<GridRow> = cells
        .iter()
        .map(|named| {
            let tiles = counts(named.cell).into_iter().map(|number| tile(number, named.cell)).collect();
            GridRow { group: named.judge.clone(), name: named.variant_with_tags(), tiles }
        })
        .collect();
    let unread = reasons.iter().map(|reason| ["unparsed:".to_owned(), plain(reason).replace('_', " ")]);
    let heads: Vec<[String; 2]> = unread.chain(has_unanswered.then(|| ["no".to_owned(), "reply".to_owned()])).collect();
    let table = cells.iter().map(|named| {
        let numbers = counts(named.cell).into_iter().map(Field::Count);
        [Field::cell(named), Field::Count(named.cell.usage.asks as u64)].into_iter().chain(numbers).collect()
    });
    let words: Vec<String> = heads.iter().map(|head| head.join(" ")).collect();
    let heads_of_table: Vec<&str> = ["judge", "asks"].into_iter().chain(words.iter().map(String::as_str)).collect();
    Some(Figure::new(
        FAILURES,
        "What went wrong?",
        &format!(
            "Replies without a verdict by reason, and asks without a reply. The deeper the colour, the larger the share of the asks: up to {:.2} %.",
            100.0 * most
        ),
        grid(&heads, &tiles),
        &heads_of_table,
        table.collect(),
    ))
}
