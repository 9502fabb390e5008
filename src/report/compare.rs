//! Comparisons of cells for people and programs: the conclusion of each pair first, then its subsets.

use serde::Serialize;

use super::table::{Width, column, grid, wrapped};
use super::text::{count, dash, in_brackets, plain, share, signed};
use crate::across::{CellName, Comparison, Difference, Finding};

/// So many ids of items are named.
const NAMED: usize = 3;

#[derive(Serialize)]
struct Compared<'a> {
    schema: u32,
    comparisons: &'a [Comparison],
}

/// All that was found, in full precision.
pub fn compare_json(comparisons: &[Comparison]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Compared { schema: 1, comparisons }).map(|text| text + "\n")
}

/// One block a pair of cells.
#[must_use]
pub fn compare_table(comparisons: &[Comparison], margin: Option<f64>, width: Width) -> String {
    let runs_differ = comparisons.iter().any(|one| one.a.run != one.b.run);
    let name = |cell: &CellName| {
        let run = if runs_differ { format!(" ({})", plain(&cell.run)) } else { String::new() };
        format!("{}{run}", plain(&cell.to_string()))
    };
    let blocks = comparisons.iter().map(|one| {
        let text = format!("{} against {}: {}", name(&one.a), name(&one.b), conclusion(one, margin));
        let mut rows: Vec<(String, &Difference)> = one
            .subsets
            .iter()
            .map(|subset| (format!("{} {}", plain(&subset.group), subset.task.label()), &subset.difference))
            .collect();
        rows.push(("overall".to_owned(), &one.overall));
        let columns = vec![
            column(3, "items", |difference: &Difference| count(difference.n)),
            column(1, "first", |difference| share(difference.a)),
            column(1, "second", |difference| share(difference.b)),
            column(0, "difference (95%)", of_difference),
            column(0, "p (Holm)", |difference| p(difference.p_holm)),
            column(2, "McNemar", |difference| difference.mcnemar.map_or_else(dash, |test| p(test.exact))),
            column(4, "could show", |difference| difference.detectable.map_or_else(dash, share)),
            column(0, "flips", |difference| {
                format!("+{} -{}", count(difference.a_better.len()), count(difference.b_better.len()))
            }),
        ];
        wrapped(&text, 0, width) + &grid("subset", &rows, columns, width) + &notes(one, width)
    });
    blocks.collect::<Vec<_>>().join("\n")
}

fn of_difference(difference: &Difference) -> String {
    signed(difference.difference) + &in_brackets(difference.ci95, signed)
}

fn p(p: f64) -> String {
    if p < 0.001 { "<.001".to_owned() } else { format!("{p:.3}").trim_start_matches('0').to_owned() }
}

fn conclusion(one: &Comparison, margin: Option<f64>) -> String {
    let overall = &one.overall;
    let could = overall.detectable.map_or_else(String::new, |difference| {
        format!("; a difference of {} would be seen in 80% of cases", share(difference))
    });
    let margin = margin.map_or_else(String::new, share);
    let what = match one.finding {
        Finding::Better => "better".to_owned(),
        Finding::Worse => "worse".to_owned(),
        Finding::NotShown => "no difference shown".to_owned(),
        Finding::AsGood => format!("as good, but for at most {margin}"),
        Finding::NotShownAsGood => format!("not shown to be as good, but for at most {margin}"),
        Finding::WorseThanMargin => format!("worse by more than {margin}"),
    };
    let could = if matches!(one.finding, Finding::NotShown | Finding::NotShownAsGood) { could } else { String::new() };
    let (items, conversations) = (count(overall.n), count(overall.clusters));
    format!("{what}: {}, {items} items of {conversations} conversations{could}", of_difference(overall))
}

fn notes(one: &Comparison, width: Width) -> String {
    let ids = |ids: &[String]| {
        let some: Vec<String> = ids.iter().take(NAMED).map(|id| plain(id)).collect();
        let more = if ids.len() > NAMED { ", ..." } else { "" };
        if some.is_empty() { "none".to_owned() } else { some.join(", ") + more }
    };
    let overall = &one.overall;
    let mut text = format!(
        "flips      only the first right or nearer: {}; only the second: {}",
        ids(&overall.a_better),
        ids(&overall.b_better)
    );
    text += " (all with --format json)";
    let mut lines = wrapped(&text, 11, width);
    if one.only_a + one.only_b > 0 {
        let text = format!(
            "left out   {} that only the first has a score for, {} that only the second has",
            count(one.only_a),
            count(one.only_b)
        );
        lines += &wrapped(&text, 11, width);
    }
    lines
}
