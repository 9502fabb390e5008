//! What accuracy costs.

use super::draw::{Axis, Spot, scatter};
use super::figure::{Field, Figure};
use super::names::{Named, not_shown};
use crate::stats::front;

pub(super) fn cost(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let mut known: Vec<(&Named<'_>, (f64, f64))> = Vec::new();
    for named in cells {
        let usd = named.cell.usd_per_thousand();
        known.extend(usd.zip(named.cell.overall.as_ref()).map(|(usd, overall)| (named, (usd, overall.score))));
    }
    let priced: Vec<f64> = known.iter().map(|(_, (usd, _))| *usd).filter(|usd| *usd > 0.0).collect();
    if known.len() < 2 || priced.is_empty() {
        return None;
    }
    let points: Vec<(f64, f64)> = known.iter().map(|(_, point)| *point).collect();
    let fronts = front(&points);
    let spot = |((named, (usd, score)), is_on_front): (&(&Named<'_>, (f64, f64)), &bool)| Spot {
        name: if *usd > 0.0 { named.name.clone() } else { format!("{} (free)", named.name) },
        x: *usd,
        y: *score,
        is_on_front: *is_on_front,
        series: named.series,
    };
    let spots: Vec<Spot> = known.iter().zip(&fronts).map(spot).collect();
    let table = known.iter().zip(&fronts).map(|((named, (usd, score)), is_on_front)| {
        let word = if *is_on_front { "yes" } else { "no" };
        let all = named.cell.usage.usd.unwrap_or_default();
        vec![
            Field::cell(named),
            Field::Dollars(all),
            Field::Dollars(*usd),
            Field::Share(Some(*score)),
            Field::Text(word.to_owned()),
        ]
    });
    let free = if priced.len() < known.len() { " What is free stands on the left." } else { "" };
    let is_unpriced = |named: &&Named<'_>| named.cell.usage.usd.is_none();
    let unpriced = not_shown("no price is known", cells.iter().filter(is_unpriced));
    let is_unscored = |named: &&Named<'_>| !is_unpriced(named) && named.cell.overall.is_none();
    let unscored = not_shown("there is no overall score", cells.iter().filter(is_unscored));
    let x = Axis::amounts("US dollars for 1,000 items", priced);
    let y = Axis::shares("overall score", points.iter().map(|(_, score)| *score));
    Some(Figure::new(
        "cost",
        "What does accuracy cost?",
        &format!(
            "Each by what its replies cost for 1,000 scored items, and its score. Full marks and bold names, joined by the line of steps: no other scores as high for less.{free}{unpriced}{unscored}"
        ),
        scatter(&spots, [&x, &y]),
        &["judge", "US dollars", "for 1,000 items", "overall", "on the front"],
        table.collect(),
    ))
}
