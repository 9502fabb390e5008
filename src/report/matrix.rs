//! Boards of cells for people: places, effects, costs; and where cells stand among published scores.

use super::table::{Width, column, grid, wrapped};
use super::text::{count, dash, interval, plain, share, signed};
use crate::across::{Board, CellName, Correlation, Effect, Published, Row};

/// One board a benchmark.
#[must_use]
pub fn matrix_table(boards: &[Board], width: Width) -> String {
    boards.iter().map(|board| one_board(board, width)).collect::<Vec<_>>().join("\n")
}

fn one_board(board: &Board, width: Width) -> String {
    let mut text = wrapped(&conclusion(board), 0, width);
    let columns = vec![
        column(0, "place", places),
        column(0, "score", |row| row.score.map_or_else(dash, share)),
        column(0, "95% interval", |row| interval(row.ci95)),
        column(3, "items", |row| count(row.n)),
        column(2, "tokens", tokens),
        column(1, "usd", |row| row.cost.usd.map_or_else(dash, |usd| format!("{usd:.4}"))),
        column(1, "front", |row| if row.pareto == Some(true) { "*".to_owned() } else { String::new() }),
    ];
    let is_priced = board.rows.iter().any(|row| row.cost.usd.is_some_and(|usd| usd > 0.0));
    let columns =
        columns.into_iter().filter(|column| is_priced || !["usd", "front"].contains(&column.head())).collect();
    text += &grid("judge", &named(&board.rows), columns, width);
    if is_priced {
        text += &wrapped("front      no other cell here scores as high for less an item", 11, width);
    }
    if let Some((best, noise)) = board.rows.iter().find_map(|row| Some((row, row.noise?))) {
        let line = format!(
            "noise      of {}: standard deviation {} between conversations, {} between items of one, {} between orders; the standard error of its pairs is {} in one order, {} in \
             both, and {} for as many asks about twice the conversations",
            plain(&best.cell.to_string()),
            share(noise.conversation),
            share(noise.item),
            share(noise.order),
            share(noise.se_one_order),
            share(noise.se_both_orders),
            share(noise.se_twice_the_conversations)
        );
        text += &wrapped(&line, 11, width);
    }
    if let (Some(strategy), Some(judge)) = (board.strategy_sd, board.judge_sd) {
        let line = format!(
            "spread     standard deviation {} between judges, {} between strategies, sampling noise taken out",
            share(judge),
            share(strategy)
        );
        text += &wrapped(&line, 11, width);
    }
    for (head, effects) in [("strategy", &board.strategies), ("judge", &board.judges)] {
        if effects.is_empty() {
            continue;
        }
        let columns =
            vec![column(0, "effect", |effect: &Effect| signed(effect.effect)), column(0, "95% interval", of_effect)];
        let rows: Vec<(String, &Effect)> = effects.iter().map(|effect| (plain(&effect.name), effect)).collect();
        text += &grid(head, &rows, columns, width);
    }
    text
}

fn named(rows: &[Row]) -> Vec<(String, &Row)> {
    let runs_differ = rows.iter().any(|row| row.cell.run != rows[0].cell.run);
    let name = |row: &Row| {
        let run = if runs_differ { format!(" ({})", plain(&row.cell.run)) } else { String::new() };
        format!("{}{run}", plain(&row.cell.to_string()))
    };
    rows.iter().map(|row| (name(row), row)).collect()
}

fn conclusion(board: &Board) -> String {
    let first: Vec<&Row> = board.rows.iter().filter(|row| row.rank == 1 && row.score.is_some()).collect();
    let bench = plain(&board.bench);
    match first.as_slice() {
        [] => format!("{bench}: nothing is scored"),
        [only] if only.rank_to == 1 && board.rows.len() > 1 => {
            format!("{bench}: {} is best, ahead of all others", plain(&only.cell.to_string()))
        }
        [only] if board.rows.len() == 1 => format!("{bench}: one cell, {}", plain(&only.cell.to_string())),
        [best, ..] => format!(
            "{bench}: {} scores highest; {} of {} cells cannot be told from the best",
            plain(&best.cell.to_string()),
            board.rows.iter().filter(|row| row.score.is_some() && row.rank <= best.rank_to).count(),
            board.rows.len()
        ),
    }
}

fn places(row: &Row) -> String {
    if row.score.is_none() {
        return dash();
    }
    if row.rank == row.rank_to { row.rank.to_string() } else { format!("{}-{}", row.rank, row.rank_to) }
}

fn tokens(row: &Row) -> String {
    let sum = row.cost.prompt_tokens.unwrap_or_default().saturating_add(row.cost.completion_tokens.unwrap_or_default());
    if sum == 0 { dash() } else { count(sum) }
}

fn of_effect(effect: &Effect) -> String {
    effect.ci95.map_or_else(dash, |[low, high]| format!("{} to {}", signed(low), signed(high)))
}

/// Correlations with a table of one's own, or the place of cells among the published scores of RMB. Cells in `partial` are not of the whole
/// benchmark.
#[must_use]
pub fn correlate_table(
    rows_of_cells: &[Row],
    published: &[Published],
    found: &[Correlation],
    partial: &[CellName],
    width: Width,
) -> String {
    let mut text = String::new();
    for one in found {
        let interval = one.spearman_ci95.map_or_else(String::new, |[low, high]| {
            format!(" ({} to {}, judges drawn again)", signed(low), signed(high))
        });
        let line = format!(
            "{}: Spearman {}{interval}, Kendall tau-b {}, over {} judges",
            plain(&one.what),
            signed(one.spearman),
            signed(one.kendall),
            count(one.n)
        );
        text += &wrapped(&line, 2, width);
    }
    if published.is_empty() {
        return text;
    }
    let mut rows: Vec<(String, f64)> = published.iter().map(|row| (plain(&row.judge), row.overall)).collect();
    let mut is_marked = false;
    for row in rows_of_cells {
        let Some(score) = row.score else { continue };
        let is_partial = partial.contains(&row.cell);
        is_marked |= is_partial;
        let mark = if is_partial { " (not comparable)" } else { "" };
        rows.push((format!("> {} on {}{mark}", plain(&row.cell.to_string()), plain(&row.cell.bench)), score));
    }
    rows.sort_by(|one, other| other.1.total_cmp(&one.1));
    let rows: Vec<(String, &f64)> = rows.iter().map(|(name, score)| (name.clone(), score)).collect();
    text += &wrapped("Among published scores of RMB (RM-R1, Table 8), yours marked with >:", 0, width);
    text += &grid("judge", &rows, vec![column(0, "overall", |score: &f64| share(*score))], width);
    if is_marked {
        text += &wrapped(
            "not comparable: not all of RMB was at hand and answered, so the published scores are of other items too",
            2,
            width,
        );
    }
    text + &wrapped(
        "Prompts, orders and temperatures behind published scores of generative judges are not known.",
        2,
        width,
    )
}
