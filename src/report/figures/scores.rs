//! Who is right most often: overall, by judge and strategy, in each subset.

use super::draw::{Axis, Dot, GridRow, Tile, grid, rows};
use super::figure::{Field, Figure};
use super::names::{Named, not_shown};
use crate::report::json::CellReport;
use crate::report::text::{dash, plain, share};
use crate::score::Record;

/// Cells by their overall score, the highest first; those that have none are last.
pub(crate) fn by_score<'a, 'b>(cells: &'b [Named<'a>]) -> Vec<&'b Named<'a>> {
    let score = |named: &Named<'_>| named.cell.overall.as_ref().map_or(f64::NEG_INFINITY, |overall| overall.score);
    let mut sorted: Vec<&Named<'a>> = cells.iter().collect();
    sorted.sort_by(|one, other| score(other).total_cmp(&score(one)));
    sorted
}

/// A cell with its overall score and the interval of that.
pub(super) type Scored<'a, 'b> = (&'b Named<'a>, f64, Option<[f64; 2]>);

/// Those that have an overall score, the highest first.
pub(super) fn best_first<'a, 'b>(cells: &'b [Named<'a>]) -> Vec<Scored<'a, 'b>> {
    let known = |named: &'b Named<'a>| {
        let overall = named.cell.overall.as_ref()?;
        Some((named, overall.score, overall.ci95))
    };
    by_score(cells).into_iter().filter_map(known).collect()
}

pub(super) fn overall(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let known = best_first(cells);
    if known.is_empty() {
        return None;
    }
    let dots: Vec<Dot> = known
        .iter()
        .map(|(named, value, ci95)| Dot {
            group: String::new(),
            name: named.name.clone(),
            value: *value,
            ci95: *ci95,
            reference: None,
            series: named.series,
            note: share(*value),
            heading: None,
        })
        .collect();
    let ends = known.iter().flat_map(|(_, value, ci95)| ci95.unwrap_or([*value; 2]));
    let axis = Axis::shares("overall score", ends);
    let table = known
        .iter()
        .map(|(named, value, ci95)| vec![Field::cell(named), Field::Share(Some(*value)), Field::Interval(*ci95)]);
    let others = not_shown("there is no overall score", cells.iter().filter(|named| named.cell.overall.is_none()));
    Some(Figure::new(
        "overall",
        "Who is right most often?",
        &format!(
            "The mean of the subsets, with its 95 % interval. Intervals that overlap do not say that two are alike: tribunal compare looks at the items both were asked about, and tribunal matrix says which cannot be told from the best.{others}"
        ),
        rows(&dots, &axis),
        &["judge", "overall", "95 % interval"],
        table.collect(),
    ))
}

/// The lowest and the highest of some scores.
fn ends(scores: impl Iterator<Item = f64>) -> [f64; 2] {
    scores.fold([1.0, 0.0], |[low, high], score| [score.min(low), score.max(high)])
}

fn tile(score: Option<f64>, [low, high]: [f64; 2], best: Option<f64>) -> Tile {
    let level = score.map(|score| if high > low { (score - low) / (high - low) } else { 0.5 });
    // The lowest has a colour too, so that it is not taken for a gap.
    let level = level.map(|level| 0.08 + 0.92 * level);
    Tile { text: score.map_or_else(dash, share), level, is_marked: score.is_some() && score == best }
}

fn best(scores: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    scores.flatten().max_by(f64::total_cmp)
}

/// Each once, in the order of first appearance.
pub(super) fn distinct<T: PartialEq>(names: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn scale([low, high]: [f64; 2]) -> String {
    format!("The deeper the colour, the higher the score: from {} to {}", share(low), share(high))
}

/// Judges by strategies, where there are several of both.
pub(super) fn strategies(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let judges = distinct(cells.iter().map(|named| named.judge.clone()));
    let variants = distinct(cells.iter().map(|named| named.variant.clone()));
    let pairs = distinct(cells.iter().map(|named| (&named.judge, &named.variant)));
    // Cells of the same names, as of two runs, have no tile each.
    if judges.len() < 2 || variants.len() < 2 || pairs.len() < cells.len() {
        return None;
    }
    // Nor would tiles say that some are scored on other items.
    if !cells.iter().all(|named| named.cell.is_scored_like(cells[0].cell)) {
        return None;
    }
    let score = |judge: &str, variant: &str| {
        let found = cells.iter().find(|named| named.judge == judge && named.variant == variant);
        found.and_then(|named| Some(named.cell.overall.as_ref()?.score))
    };
    let range = ends(cells.iter().filter_map(|named| Some(named.cell.overall.as_ref()?.score)));
    if range[0] > range[1] {
        return None;
    }
    let row = |judge: &String| {
        let scores: Vec<Option<f64>> = variants.iter().map(|variant| score(judge, variant)).collect();
        let best = best(scores.iter().copied());
        let tiles = scores.into_iter().map(|score| tile(score, range, best)).collect();
        GridRow { group: String::new(), name: judge.clone(), tiles }
    };
    let tiles: Vec<GridRow> = judges.iter().map(row).collect();
    let head = |variant: &String| if variant.is_empty() { "no strategy".to_owned() } else { variant.clone() };
    let heads: Vec<[String; 2]> = variants.iter().map(|variant| [String::new(), head(variant)]).collect();
    let table = cells
        .iter()
        .map(|named| vec![Field::cell(named), Field::Share(named.cell.overall.as_ref().map(|overall| overall.score))]);
    Some(Figure::new(
        "strategies",
        "Which strategy suits which judge?",
        &format!("Overall scores. {}; the best of each judge is bold.", scale(range)),
        grid(&heads, &tiles),
        &["judge", "overall"],
        table.collect(),
    ))
}

fn subset_name(record: &Record) -> [String; 2] {
    [plain(&record.group), record.task.label().to_owned()]
}

/// Judges and strategies by subsets.
pub(super) fn subsets(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let subsets = distinct(cells.iter().flat_map(|named| &named.cell.subsets).map(subset_name));
    let score = |cell: &CellReport, subset: &[String; 2]| {
        cell.subsets.iter().find(|record| subset_name(record) == *subset)?.score
    };
    let range = ends(cells.iter().flat_map(|named| &named.cell.subsets).filter_map(|record| record.score));
    if subsets.is_empty() || range[0] > range[1] {
        return None;
    }
    let bests: Vec<Option<f64>> =
        subsets.iter().map(|subset| best(cells.iter().map(|named| score(named.cell, subset)))).collect();
    let tiles: Vec<GridRow> = cells
        .iter()
        .map(|named| {
            let of = subsets.iter().zip(&bests).map(|(subset, best)| tile(score(named.cell, subset), range, *best));
            GridRow { group: named.judge.clone(), name: named.variant_with_tags(), tiles: of.collect() }
        })
        .collect();
    let table = cells.iter().flat_map(|named| {
        named.cell.subsets.iter().map(|record| {
            vec![
                Field::cell(named),
                Field::Text(subset_name(record).join(" ")),
                Field::Count(record.n as u64),
                Field::Count(record.scored as u64),
                Field::Share(record.score),
                Field::Interval(record.ci95),
            ]
        })
    });
    Some(Figure::new(
        "subsets",
        "Who is good at what?",
        &format!("Scores in each subset. {}; the best of each column is bold.", scale(range)),
        grid(&subsets, &tiles),
        &["judge", "subset", "items", "scored", "score", "95 % interval"],
        table.collect(),
    ))
}
