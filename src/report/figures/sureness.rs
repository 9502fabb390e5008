//! Whether judges know when they are right, and whether asking again helps.

use super::draw::{Axis, Line, curves, heights};
use super::figure::{Field, Figure};
use super::names::Named;
use crate::report::json::CellReport;

/// Lines of cells that have points, and their table: the cell, and what `fields` says of each point.
fn of_lines(
    cells: &[Named<'_>],
    points: impl Fn(&CellReport) -> Option<Vec<(f64, f64)>>,
    fields: impl Fn((f64, f64)) -> [Field; 2],
) -> Option<(Vec<Line>, Vec<Vec<Field>>)> {
    let mut lines = Vec::new();
    let mut table = Vec::new();
    for named in cells {
        let Some(points) = points(named.cell).filter(|points| !points.is_empty()) else { continue };
        table.extend(points.iter().map(|point| {
            let [x, y] = fields(*point);
            vec![Field::cell(named), x, y]
        }));
        lines.push(Line { name: named.name.clone(), points, series: named.series, pattern: named.pattern });
    }
    (!lines.is_empty()).then_some((lines, table))
}

fn shares((x, y): (f64, f64)) -> [Field; 2] {
    [Field::Share(Some(x)), Field::Share(Some(y))]
}

pub(super) fn reliability(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let points = |cell: &CellReport| {
        let bins = &cell.confidence.as_ref()?.bins;
        Some(bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect())
    };
    let (lines, _) = of_lines(cells, points, shares)?;
    let bins = cells.iter().flat_map(|named| named.cell.confidence.iter().map(move |told| (named, &told.bins)));
    let table = bins.flat_map(|(named, bins)| {
        bins.iter().map(|bin| {
            let [x, y] = shares((bin.confidence, bin.accuracy));
            vec![Field::cell(named), Field::Count(bin.n as u64), x, y]
        })
    });
    let x = Axis::between("stated probability", 0.5, 1.0);
    let y = Axis::shares("accuracy", heights(&lines).chain([0.5, 1.0]));
    Some(Figure::new(
        "reliability",
        "Is it right as often as it says?",
        "Accuracy by stated probability, in bins as equal in size as ties allow; a pair asked in both orders is one case, and a tie is half right. On the dashed diagonal a judge is as right as it says; below it, too sure.",
        curves(&lines, [&x, &y], true),
        &["judge", "cases", "stated probability", "accuracy"],
        table.collect(),
    ))
}

pub(super) fn coverage(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let points = |cell: &CellReport| {
        let points = &cell.confidence.as_ref()?.coverage;
        Some(points.iter().map(|point| (point.coverage, point.accuracy)).collect())
    };
    let (lines, table) = of_lines(cells, points, shares)?;
    let x = Axis::between("share of cases kept", 0.0, 1.0);
    let y = Axis::shares("accuracy", heights(&lines));
    Some(Figure::new(
        "coverage",
        "What if it only spoke where it is sure?",
        "Accuracy over the share of cases that it is surest of; a pair asked in both orders is one case, and a tie is half right, so all together are not its score. The steeper a line falls, the better a judge knows when it is right.",
        curves(&lines, [&x, &y], false),
        &["judge", "kept", "accuracy"],
        table,
    ))
}

pub(super) fn voting(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let points = |cell: &CellReport| {
        let points = &cell.repeats.as_ref()?.voting;
        Some(points.iter().map(|point| (point.samples as f64, point.score)).collect())
    };
    let fields = |(samples, score): (f64, f64)| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of samples")]
        let samples = samples as u64;
        [Field::Count(samples), Field::Share(Some(score))]
    };
    let (lines, table) = of_lines(cells, points, fields)?;
    let most = cells.iter().filter_map(|named| named.cell.repeats.as_ref()).map(|repeats| repeats.voting.len()).max();
    let x = Axis::numbers("samples that vote", most.unwrap_or_default());
    let y = Axis::shares("score", heights(&lines));
    Some(Figure::new(
        "voting",
        "Does asking again help?",
        "The score by the majority of so many samples, over all ways to choose them. An even number can tie, and a tie counts as how it was run says.",
        curves(&lines, [&x, &y], false),
        &["judge", "samples", "score"],
        table,
    ))
}
