//! Which figures a report has, in the order in which one reads them.

use super::figure::Figure;
use super::names::Named;
use super::scenarios::{Folded, scenarios};
use super::{cost, failures, leanings, scores, sureness};

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

/// The figures of some cells.
pub(crate) fn sections(cells: &[Named<'_>]) -> Result<Vec<Section>, String> {
    let mut sections = Vec::new();
    sections.extend(alone(scores::overall(cells))?);
    sections.extend(alone(scores::strategies(cells))?);
    sections.extend(alone(scores::subsets(cells))?);
    sections.extend(scenarios(cells)?);
    sections.extend(alone(leanings::position(cells))?);
    sections.extend(alone(leanings::length(cells))?);
    sections.extend(alone(sureness::reliability(cells))?);
    sections.extend(alone(sureness::coverage(cells))?);
    sections.extend(alone(sureness::voting(cells))?);
    sections.extend(alone(cost::cost(cells))?);
    sections.extend(alone(failures::failures(cells))?);
    Ok(sections)
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
