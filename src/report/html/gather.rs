//! What of a report becomes a figure.

use super::figures::{Dot, Drawn, Figure, Line, dots, lines, scatter};
use crate::bench::Task;
use crate::report::json::CellReport;
use crate::report::table::interval;
use crate::report::text::share;
use crate::score::{Record, deepest};

/// A figure, or why it cannot be drawn.
type Drawing = Result<Figure, String>;

/// The figures of some cells.
pub(super) fn figures(cells: &[&CellReport]) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    let mut add = |figure: Option<Drawing>| figures.extend(figure);
    add(overall(cells));
    for (at, cell) in cells.iter().enumerate() {
        for task in [Task::Pairwise, Task::Bon] {
            add(scenarios(at, cell, task));
        }
    }
    add(position(cells));
    add(length(cells));
    add(reliability(cells));
    add(coverage(cells));
    add(voting(cells));
    add(cost(cells));
    figures.into_iter().collect()
}

/// `judge / strategy on bench`.
pub(super) fn name(cell: &CellReport) -> String {
    let strategy = cell.strategy.as_ref().map_or_else(String::new, |strategy| format!(" / {strategy}"));
    let simulated = if cell.simulated { " (simulated)" } else { "" };
    format!("{}{simulated}{strategy} on {}", cell.judge, cell.bench)
}

fn figure(id: &str, title: &str, caption: &str, svg: Drawn, heads: &[&str], rows: Vec<Vec<String>>) -> Drawing {
    let text = |text: &str| text.to_owned();
    let heads = heads.iter().map(|head| text(head)).collect();
    let figure = |svg| Figure { id: text(id), title: text(title), caption: text(caption), svg, heads, rows };
    svg.map(figure).map_err(|problem| format!("figure {id}: {problem}"))
}

fn overall(cells: &[&CellReport]) -> Option<Drawing> {
    let mut known: Vec<(&CellReport, f64, Option<[f64; 2]>)> = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.overall.as_ref()?.score, cell.overall.as_ref()?.ci95)))
        .collect();
    known.sort_by(|one, other| other.1.total_cmp(&one.1));
    if known.is_empty() {
        return None;
    }
    let points: Vec<Dot> = known
        .iter()
        .map(|(cell, value, ci95)| Dot { name: name(cell), value: *value, ci95: *ci95, colour: 0 })
        .collect();
    let rows = known.iter().map(|(cell, value, ci95)| vec![name(cell), share(*value), interval(*ci95)]).collect();
    Some(figure(
        "overall",
        "Who is right most often?",
        "The mean of the subsets, with its 95 % interval. Intervals that overlap do not say that two are alike: tribunal compare looks at the items both were asked about.",
        dots(&points, [0.0, 1.0], None, "overall score"),
        &["judge", "overall", "95 % interval"],
        rows,
    ))
}

fn scenarios(at: usize, cell: &CellReport, task: Task) -> Option<Drawing> {
    let mut groups = deepest(&cell.groups);
    groups.retain(|record| record.task == task && record.score.is_some());
    if groups.len() < 2 {
        return None;
    }
    let side = |record: &Record| record.group.split('/').next().unwrap_or_default().to_owned();
    groups.sort_by(|one, other| {
        side(other).cmp(&side(one)).then(other.score.unwrap_or(0.0).total_cmp(&one.score.unwrap_or(0.0)))
    });
    let mut sides: Vec<String> = groups.iter().map(|record| side(record)).collect();
    sides.dedup();
    let points: Vec<Dot> = groups
        .iter()
        .map(|record| Dot {
            name: record.group.split_once('/').map_or_else(|| record.group.clone(), |(_, rest)| rest.to_owned()),
            value: record.score.unwrap_or_default(),
            ci95: record.ci95,
            colour: sides.iter().position(|known| *known == side(record)).unwrap_or_default(),
        })
        .collect();
    let rows = groups.iter().map(|record| {
        vec![
            record.group.clone(),
            record.n.to_string(),
            record.score.map_or_else(|| "-".to_owned(), share),
            interval(record.ci95),
        ]
    });
    let chance = (task == Task::Pairwise).then_some(0.5);
    Some(figure(
        &format!("scenarios-{at}-{task}"),
        &format!("Where is {} weak? ({})", name(cell), task.label()),
        &format!(
            "Each scenario with its 95 % interval, sorted within {}; one colour a side. Where few items are, intervals are wide.",
            sides.join(" and ")
        ),
        dots(&points, [0.0, 1.0], chance, "score"),
        &["scenario", "items", "score", "95 % interval"],
        rows.collect(),
    ))
}

fn position(cells: &[&CellReport]) -> Option<Drawing> {
    let of = |cell: &&CellReport| {
        let slot = &cell.position.first_slot;
        (slot.n > 0).then(|| (name(cell), slot.picked as f64 / slot.n as f64, slot.ci95))
    };
    let known: Vec<(String, f64, Option<[f64; 2]>)> = cells.iter().filter_map(of).collect();
    if known.is_empty() {
        return None;
    }
    let points: Vec<Dot> = known
        .iter()
        .map(|(name, value, ci95)| Dot { name: name.clone(), value: *value, ci95: *ci95, colour: 1 })
        .collect();
    let rows = cells.iter().filter(|cell| of(cell).is_some()).map(|cell| {
        let position = &cell.position;
        let part = |right: u64, n: u64| if n == 0 { "-".to_owned() } else { share(right as f64 / n as f64) };
        vec![
            name(cell),
            part(position.first_slot.picked, position.first_slot.n),
            interval(position.first_slot.ci95),
            part(position.gold_first.right, position.gold_first.n),
            part(position.gold_second.right, position.gold_second.n),
            position.consistency.map_or_else(|| "-".to_owned(), share),
        ]
    });
    Some(figure(
        "position",
        "Does the place of an answer matter?",
        "How often the first slot is picked. Orders are drawn by a coin, so a judge without a lean picks it half of the time.",
        dots(&points, [0.0, 1.0], Some(0.5), "share of verdicts for the first slot"),
        &[
            "judge",
            "first slot picked",
            "95 % interval",
            "right with the gold first",
            "with it second",
            "consistent in both orders",
        ],
        rows.collect(),
    ))
}

/// Lines of cells that have points, and their table.
fn of_lines(
    cells: &[&CellReport],
    points: impl Fn(&CellReport) -> Option<Vec<(f64, f64)>>,
) -> (Vec<Line>, Vec<Vec<String>>) {
    let mut found = Vec::new();
    let mut rows = Vec::new();
    for cell in cells {
        let Some(points) = points(cell).filter(|points| !points.is_empty()) else { continue };
        rows.extend(points.iter().map(|(x, y)| vec![name(cell), share(*x), share(*y)]));
        found.push(Line { name: name(cell), points });
    }
    (found, rows)
}

fn length(cells: &[&CellReport]) -> Option<Drawing> {
    let (found, rows) = of_lines(cells, |cell| {
        let parts = &cell.length.as_ref()?.quintiles;
        Some(parts.iter().map(|part| (f64::midpoint(part.low, part.high), part.accuracy)).collect())
    });
    (!found.is_empty()).then_some(())?;
    Some(figure(
        "length",
        "Does length win?",
        "Accuracy by how much longer the better answer is than the other: (better - other) / (better + other). A level line is a judge that does not look at length.",
        lines(&found, [[-1.0, 1.0], [0.0, 1.0]], ["relative length of the better answer", "accuracy"], false),
        &["judge", "relative length", "accuracy"],
        rows,
    ))
}

fn reliability(cells: &[&CellReport]) -> Option<Drawing> {
    let (found, rows) = of_lines(cells, |cell| {
        let bins = &cell.confidence.as_ref()?.bins;
        Some(bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect())
    });
    (!found.is_empty()).then_some(())?;
    Some(figure(
        "reliability",
        "Is it right as often as it says?",
        "Accuracy by stated probability, in bins of equal size. On the diagonal a judge is as right as it says; below it, too sure.",
        lines(&found, [[0.5, 1.0], [0.0, 1.0]], ["stated probability", "accuracy"], true),
        &["judge", "stated probability", "accuracy"],
        rows,
    ))
}

fn coverage(cells: &[&CellReport]) -> Option<Drawing> {
    let (found, rows) = of_lines(cells, |cell| {
        Some(cell.confidence.as_ref()?.coverage.iter().map(|point| (point.coverage, point.accuracy)).collect())
    });
    (!found.is_empty()).then_some(())?;
    Some(figure(
        "coverage",
        "What if it only spoke where it is sure?",
        "Accuracy over the share of verdicts that it is surest of.",
        lines(&found, [[0.0, 1.0], [0.0, 1.0]], ["share of verdicts kept", "accuracy"], false),
        &["judge", "kept", "accuracy"],
        rows,
    ))
}

fn voting(cells: &[&CellReport]) -> Option<Drawing> {
    let most = cells.iter().map(|cell| cell.samples).max().unwrap_or(1).max(2);
    let (found, rows) = of_lines(cells, |cell| {
        Some(cell.repeats.as_ref()?.voting.iter().map(|point| (point.samples as f64, point.score)).collect())
    });
    (!found.is_empty()).then_some(())?;
    Some(figure(
        "voting",
        "Does asking again help?",
        "The score by the majority of so many samples, over all ways to choose them.",
        lines(&found, [[1.0, f64::from(most)], [0.0, 1.0]], ["samples that vote", "score"], false),
        &["judge", "samples", "score"],
        rows,
    ))
}

fn cost(cells: &[&CellReport]) -> Option<Drawing> {
    let known: Vec<(&CellReport, f64, f64)> = cells
        .iter()
        .filter_map(|cell| Some((*cell, cell.usage.usd.filter(|usd| *usd > 0.0)?, cell.overall.as_ref()?.score)))
        .collect();
    if known.len() < 2 {
        return None;
    }
    let beaten = |usd: f64, score: f64| {
        known.iter().any(|(_, other, high)| *other <= usd && *high >= score && (*other < usd || *high > score))
    };
    let points: Vec<(String, f64, f64, bool)> =
        known.iter().map(|(cell, usd, score)| (name(cell), *usd, *score, !beaten(*usd, *score))).collect();
    let most = known.iter().map(|(_, usd, _)| *usd).fold(0.0, f64::max);
    let rows = points.iter().map(|(name, usd, score, is_front)| {
        vec![name.clone(), format!("{usd:.4}"), share(*score), if *is_front { "yes" } else { "no" }.to_owned()]
    });
    Some(figure(
        "cost",
        "What does accuracy cost?",
        "Each judge by what its replies cost and its score. Blue: no other scores as high for less.",
        scatter(&points, [[0.0, most * 1.1], [0.0, 1.0]], ["US dollars", "overall score"]),
        &["judge", "US dollars", "overall", "on the front"],
        rows.collect(),
    ))
}
