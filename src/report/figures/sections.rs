//! Which figures a report has, in the order in which one reads them.

use super::attacks::attacks;
use super::figure::Figure;
use super::names::{Named, by_bench};
use super::scenarios::{Folded, scenarios};
use super::{cost, failures, leanings, scores, sureness};
use crate::report::json::Report;
use crate::report::text::plain;

/// Figures under one heading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    /// Its name in links.
    pub(crate) id: String,
    /// The question that it answers.
    pub(crate) title: String,
    /// What is shown.
    pub(crate) figures: Vec<Figure>,
    /// What is shown to those who open it.
    pub(crate) folded: Vec<Folded>,
}

/// The figures of some reports and their cells.
pub(crate) fn sections(reports: &[Report], cells: &[Named<'_>]) -> Result<Vec<Section>, String> {
    let mut sections = Vec::new();
    sections.extend(by_benches(cells, scores::overall)?);
    sections.extend(by_benches(cells, scores::strategies)?);
    sections.extend(by_benches(cells, scores::subsets)?);
    sections.extend(scenarios(cells)?);
    sections.extend(alone(leanings::position(cells))?);
    sections.extend(alone(leanings::length(cells))?);
    sections.extend(alone(attacks(reports, cells))?);
    sections.extend(alone(sureness::reliability(cells))?);
    sections.extend(alone(sureness::coverage(cells))?);
    sections.extend(by_benches(cells, sureness::voting)?);
    sections.extend(by_benches(cells, cost::cost)?);
    sections.extend(alone(failures::failures(cells))?);
    Ok(sections)
}

/// What may become of cells.
type Drawing = fn(&[Named<'_>]) -> Option<Result<Figure, String>>;

/// A section of a figure for each benchmark.
fn by_benches(cells: &[Named<'_>], figure: Drawing) -> Result<Option<Section>, String> {
    let benches = by_bench(cells);
    if benches.len() < 2 {
        return alone(figure(cells));
    }
    let mut section: Option<Section> = None;
    for (at, (bench, cells)) in benches.iter().enumerate() {
        let Some(mut figure) = figure(cells).transpose()? else { continue };
        let section = section.get_or_insert_with(|| Section {
            id: figure.id.clone(),
            title: figure.title.clone(),
            figures: Vec::new(),
            folded: Vec::new(),
        });
        figure.id = format!("{}-{}", figure.id, at + 1);
        figure.title = format!("On {}", plain(bench));
        section.figures.push(figure);
    }
    Ok(section)
}

/// A section of one figure.
fn alone(figure: Option<Result<Figure, String>>) -> Result<Option<Section>, String> {
    let figure = figure.transpose()?;
    Ok(figure.map(|figure| Section {
        id: figure.id.clone(),
        title: figure.title.clone(),
        figures: vec![figure],
        folded: Vec::new(),
    }))
}
