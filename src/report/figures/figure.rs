//! A figure: its picture, and the table behind it, for people and for spreadsheets.

use super::draw::{Drawn, Picture};
use super::names::Named;
use crate::report::export::{CELL, csv_text, ends, inert, number};
use crate::report::text::{count, dash, interval, share, signed};

/// A figure: its picture and the numbers behind it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// Its name in links and file names: letters, digits, hyphens.
    pub(crate) id: String,
    /// The question that it answers.
    pub(crate) title: String,
    /// How to read it.
    pub(crate) caption: String,
    /// The picture.
    pub(crate) picture: Picture,
    /// The heads of the table behind it.
    pub(crate) heads: Vec<String>,
    /// Its rows.
    pub(crate) rows: Vec<Vec<Field>>,
}

/// A value of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    /// A cell by its name on the page; by run, judge, strategy and benchmark in a file.
    Cell {
        name: String,
        parts: [String; 4],
    },
    Text(String),
    Count(u64),
    /// Between 0 and 1, or -1 and 1; nothing where there is none.
    Share(Option<f64>),
    /// Of two shares; nothing where there is none.
    Difference(Option<f64>),
    /// Two columns in a file.
    Interval(Option<[f64; 2]>),
    Dollars(f64),
}

impl Field {
    pub(crate) fn cell(named: &Named<'_>) -> Self {
        let cell = named.cell;
        let strategy = cell.strategy.clone().unwrap_or_default();
        Self::Cell {
            name: named.name.clone(),
            parts: [named.run.to_string(), cell.judge.clone(), strategy, cell.bench.clone()],
        }
    }

    /// The share of so many; nothing of none.
    pub(crate) fn part(part: u64, whole: u64) -> Self {
        Self::Share((whole > 0).then(|| part as f64 / whole as f64))
    }

    /// As the page shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Cell { name: text, .. } | Self::Text(text) => text.clone(),
            Self::Count(number) => count(*number),
            Self::Share(value) => value.map_or_else(dash, share),
            Self::Difference(value) => value.map_or_else(dash, signed),
            Self::Interval(ends) => interval(*ends),
            Self::Dollars(usd) => format!("{usd:.4}"),
        }
    }

    /// As a file holds it: in full precision, and nothing that a spreadsheet takes for a formula.
    fn written(&self) -> Vec<String> {
        match self {
            Self::Cell { parts, .. } => parts.iter().map(|part| inert(part)).collect(),
            Self::Text(text) => vec![inert(text)],
            Self::Count(number) => vec![number.to_string()],
            Self::Share(value) | Self::Difference(value) => vec![number(*value)],
            Self::Interval(ci95) => ends(*ci95).to_vec(),
            Self::Dollars(usd) => vec![usd.to_string()],
        }
    }

    fn heads(&self, head: &str) -> Vec<String> {
        let heads: &[&str] = match self {
            Self::Cell { .. } => &CELL,
            Self::Interval(_) => &["low", "high"],
            _ => return vec![inert(head)],
        };
        heads.iter().map(|head| (*head).to_owned()).collect()
    }
}

impl Figure {
    /// A figure of a picture. `Err` says which one cannot be drawn, and why.
    pub(crate) fn new(
        id: &str,
        title: &str,
        caption: &str,
        picture: Drawn,
        heads: &[&str],
        rows: Vec<Vec<Field>>,
    ) -> Result<Self, String> {
        let [id, title, caption] = [id, title, caption].map(str::to_owned);
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        let picture = picture.map_err(|problem| format!("figure {id}: {problem}"))?;
        Ok(Self { id, title, caption, picture, heads, rows })
    }

    /// The table as CSV.
    pub(crate) fn csv(&self) -> Result<String, String> {
        let first = self.rows.first().map(Vec::as_slice).unwrap_or_default();
        let heads = first.iter().zip(&self.heads).flat_map(|(field, head)| field.heads(head)).collect();
        let rows = self.rows.iter().map(|row| row.iter().flat_map(Field::written).collect());
        csv_text(std::iter::once(heads).chain(rows))
    }
}

/// A name as a part of links and file names: letters, digits, hyphens.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().map(|character| character.to_ascii_lowercase()) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(48);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless_whatever_a_judge_is_called() {
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("GPT-4o / pairwise"), "gpt-4o-pairwise");
        assert_eq!(slug("\u{202e}<script>"), "script");
        assert!(slug(&"x".repeat(500)).len() < 50);
    }
}
