//! The report as one HTML page: no network, readable without scripts, light and dark, with the table behind each picture.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::figures::{FAILURES, Field, Figure, Section, all_simulated, conclusion, named, sections};
use super::json::Report;
use super::made::{Made, made};

const PAGE: &str = include_str!("page.html");

/// What the template shows.
#[derive(Serialize)]
struct Page {
    conclusion: String,
    sections: Vec<SectionView>,
    made: Made,
    version: &'static str,
    is_complete: bool,
    all_simulated: bool,
    has_failures: bool,
}

/// A section of the page.
#[derive(Serialize)]
struct SectionView {
    id: String,
    title: String,
    figures: Vec<FigureView>,
    folded: Vec<(String, Vec<FigureView>)>,
}

/// A figure as the page shows it.
#[derive(Serialize)]
struct FigureView {
    id: String,
    title: String,
    caption: String,
    svg: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl From<Figure> for FigureView {
    fn from(figure: Figure) -> Self {
        let Figure { id, title, caption, picture, heads, rows } = figure;
        let svg = picture.on_page(&id, &title, "The numbers are in the table below the picture.");
        let shown = |row: Vec<Field>| row.iter().map(Field::shown).collect();
        Self { id, title, caption, svg, heads, rows: rows.into_iter().map(shown).collect() }
    }
}

impl From<Section> for SectionView {
    fn from(section: Section) -> Self {
        let views = |figures: Vec<Figure>| figures.into_iter().map(FigureView::from).collect();
        let Section { id, title, figures, folded } = section;
        let folded = folded.into_iter().map(|fold| (fold.summary, views(fold.figures))).collect();
        Self { id, title, figures: views(figures), folded }
    }
}

/// The page of some reports.
pub fn html(reports: &[Report]) -> Result<String, String> {
    let cells = named(reports);
    let sections: Vec<SectionView> = sections(reports, &cells)?.into_iter().map(SectionView::from).collect();
    let page = Page {
        conclusion: conclusion(&cells),
        has_failures: sections.iter().any(|section| section.id == FAILURES),
        sections,
        made: made(reports, &cells),
        version: env!("CARGO_PKG_VERSION"),
        is_complete: reports.iter().all(|report| report.complete),
        all_simulated: all_simulated(cells.iter().map(|named| named.cell)),
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(PAGE, Value::from(Serde(&page))).map_err(|error| format!("the page: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::STRONGEST;

    /// The colours of a theme by name, each as red, green and blue.
    fn colours(theme: &str) -> Vec<(&str, [f64; 3])> {
        let rule = theme.split_once(":root {").unwrap().1.split_once('}').unwrap().0;
        let declared = rule.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        declared
            .map(|(name, value)| {
                let value = if value.len() == 3 { value.repeat(2) } else { value.to_owned() };
                (name, [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0))
            })
            .collect()
    }

    /// WCAG 2.2's contrast ratio.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let [red, green, blue] =
                colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        light(one).max(light(other)) / light(one).min(light(other))
    }

    #[test]
    fn texts_and_pictures_can_be_read_on_light_and_dark_ground() {
        let (light, dark) = PAGE.split_once("@media screen and (prefers-color-scheme: dark)").unwrap();
        for theme in [light, dark] {
            let colours = colours(theme);
            let of = |name: &str| colours.iter().find(|(other, _)| *other == name).unwrap().1;
            let ground = of("ground");
            for text in ["ink", "faint", "link"] {
                assert!(contrast(of(text), ground) >= 4.5, "{text}");
            }
            for (name, colour) in colours.iter().filter(|(name, _)| name.starts_with("series")) {
                assert!(contrast(*colour, ground) >= 3.0, "{name}");
            }
            let warm = of("warm");
            let tile = [0, 1, 2].map(|at| STRONGEST * warm[at] + (1.0 - STRONGEST) * ground[at]);
            assert!(contrast(of("ink"), tile) >= 4.5, "the deepest tile");
        }
    }
}
