//! What accuracy costs.

use super::draw::{Axis, Spot, scatter};
use super::figure::{Field, Figure};
use super::names::Named;

pub(super) fn cost(cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let mut known: Vec<(&Named<'_>, f64, f64)> = Vec::new();
    for named in cells {
        let usd = named.cell.usage.usd.filter(|usd| *usd > 0.0);
        known.extend(usd.zip(named.cell.overall.as_ref()).map(|(usd, overall)| (named, usd, overall.score)));
    }
    if known.len() < 2 {
        return None;
    }
    let is_beaten = |usd: f64, score: f64| {
        known.iter().any(|(_, other, high)| *other <= usd && *high >= score && (*other < usd || *high > score))
    };
    let spot = |(named, usd, score): &(&Named<'_>, f64, f64)| Spot {
        name: named.name.clone(),
        x: *usd,
        y: *score,
        is_on_front: !is_beaten(*usd, *score),
        series: named.series,
    };
    let spots: Vec<Spot> = known.iter().map(spot).collect();
    let table = known.iter().zip(&spots).map(|((named, usd, score), spot)| {
        let word = if spot.is_on_front { "yes" } else { "no" };
        vec![Field::cell(named), Field::Dollars(*usd), Field::Share(Some(*score)), Field::Text(word.to_owned())]
    });
    let x = Axis::amounts("US dollars", known.iter().map(|(_, usd, _)| *usd));
    let y = Axis::shares("overall score", known.iter().map(|(.., score)| *score));
    Some(Figure::new(
        "cost",
        "What does accuracy cost?",
        "Each by what its replies cost and its score. Full marks and bold names, joined by the line of steps: no other scores as high for less.",
        scatter(&spots, [&x, &y]),
        &["judge", "US dollars", "overall", "on the front"],
        table.collect(),
    ))
}
