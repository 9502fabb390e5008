//! Figures as files: each an SVG that stands alone, and its numbers as CSV.

use super::figure::Figure;
use super::names::named;
use super::sections::sections;
use crate::report::json::Report;

/// A file of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureFile {
    /// Its name: letters, digits, hyphens, and its ending.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The files of all figures of some reports.
pub fn figure_files(reports: &[Report]) -> Result<Vec<FigureFile>, String> {
    let sections = sections(reports, &named(reports))?;
    let figures = sections.into_iter().flat_map(|section| {
        section.figures.into_iter().chain(section.folded.into_iter().flat_map(|fold| fold.figures))
    });
    let mut files = Vec::new();
    for figure in figures {
        let Figure { id, title, caption, picture, .. } = &figure;
        let svg = picture.in_file(id, title, caption);
        files.push(FigureFile { name: format!("{id}.svg"), text: svg });
        files.push(FigureFile { name: format!("{id}.csv"), text: figure.csv()? });
    }
    Ok(files)
}
