//! What judges look at that they should not: the place of an answer, and its length.

use super::draw::{Axis, Dot, Line, curves, heights, rows};
use super::figure::{Field, Figure};
use super::names::Named;
use crate::report::notes::ENOUGH_VERDICTS;
use crate::report::text::share;
use crate::score::Length;

/// Of two slots one is picked so often by a judge without a lean.
const HALF: f64 = 0.5;

/// How often the first slot would be picked were all as likely.
fn expected(named: &Named<'_>) -> f64 {
    named.cell.position.first_slot.expected.unwrap_or(HALF)
}

pub(super) fn position(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let known: Vec<&Named<'_>> = cells.iter().filter(|named| named.cell.position.first_slot.n > 0).collect();
    if known.is_empty() {
        return None;
    }
    let dots: Vec<Dot> = known
        .iter()
        .map(|named| {
            let slot = &named.cell.position.first_slot;
            let value = slot.picked as f64 / slot.n as f64;
            Dot {
                group: String::new(),
                name: named.name.clone(),
                value,
                ci95: slot.ci95,
                reference: Some(expected(named)),
                series: named.series,
                note: share(value),
                heading: None,
            }
        })
        .collect();
    let table = known.iter().map(|named| {
        let position = &named.cell.position;
        vec![
            Field::cell(named),
            Field::part(position.first_slot.picked, position.first_slot.n),
            Field::Interval(position.first_slot.ci95),
            Field::Share(Some(expected(named))),
            Field::part(position.gold_first.right, position.gold_first.n),
            Field::part(position.gold_second.right, position.gold_second.n),
            Field::Share(position.consistency),
        ]
    });
    let ends = || dots.iter().flat_map(|dot| dot.ci95.unwrap_or([dot.value; 2]));
    let name = "share of verdicts for the first slot";
    let are_pairs = dots.iter().all(|dot| dot.reference == Some(HALF));
    let axis = if are_pairs {
        Axis::around(name, HALF, ends())
    } else {
        Axis::shares(name, ends().chain(dots.iter().filter_map(|dot| dot.reference)))
    };
    Some(Figure::new(
        "position",
        "Does the place of an answer matter?",
        "How often the first slot is picked. To a judge without a lean all slots are as likely: the dashed line, at a half for pairs.",
        rows(&dots, &axis),
        &[
            "judge",
            "first slot picked",
            "95 % interval",
            "were all as likely",
            "right with the gold first",
            "with it second",
            "consistent in both orders",
        ],
        table.collect(),
    ))
}

pub(super) fn length(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let mut lines = Vec::new();
    let mut table = Vec::new();
    for named in cells {
        let is_told = |length: &&Length| length.n >= ENOUGH_VERDICTS && !length.quintiles.is_empty();
        let Some(length) = named.cell.length.as_ref().filter(is_told) else { continue };
        let points = length.quintiles.iter().map(|part| (f64::midpoint(part.low, part.high), part.accuracy)).collect();
        lines.push(Line { name: named.name.clone(), points, series: named.series, pattern: named.pattern });
        table.extend(length.quintiles.iter().map(|part| {
            vec![
                Field::cell(named),
                Field::Count(part.n as u64),
                Field::Interval(Some([part.low, part.high])),
                Field::Share(Some(part.accuracy)),
            ]
        }));
    }
    (!lines.is_empty()).then_some(())?;
    let x = Axis::between("relative length of the better answer", -1.0, 1.0);
    let y = Axis::shares("accuracy", heights(&lines));
    Some(Figure::new(
        "length",
        "Does length win?",
        &format!(
            "Accuracy by how much longer the better answer is than the other: (better - other) / (better + other), in fifths of all pairs. A level line is a judge that does not look at length. Ties and replies without a verdict are left out, and so are judges with fewer than {ENOUGH_VERDICTS} verdicts."
        ),
        curves(&lines, [&x, &y], false),
        &["judge", "verdicts", "relative length", "accuracy"],
        table,
    ))
}
