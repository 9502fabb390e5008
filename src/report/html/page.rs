//! A report as one HTML page: no network, readable without scripts, light and dark, with the table behind each picture.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::figures::Figure;
use super::gather::{figures, name};
use crate::report::json::{CellReport, Report};
use crate::report::text::{count, share};

const PAGE: &str = include_str!("page.html");

/// What the template shows.
#[derive(Serialize)]
struct Page {
    conclusion: String,
    figures: Vec<Figure>,
    subsets: Vec<String>,
    warm: Vec<Warm>,
    made: Vec<Made>,
    version: &'static str,
    seeds: Vec<u64>,
    is_complete: bool,
}

/// A row of the heat map: a cell and its subsets.
#[derive(Serialize)]
struct Warm {
    name: String,
    values: Vec<Warmth>,
}

#[derive(Serialize)]
struct Warmth {
    score: String,
    /// From 0 to 100; null where there is no score.
    level: Option<u8>,
}

/// How a cell was made.
#[derive(Serialize)]
struct Made {
    name: String,
    rows: Vec<(&'static str, String)>,
    failures: Vec<(String, String)>,
}

/// The page of some reports.
pub fn html(reports: &[Report]) -> Result<String, String> {
    let cells: Vec<&CellReport> = reports.iter().flat_map(|report| &report.cells).collect();
    let figures = figures(&cells)?;
    let mut subsets: Vec<String> = Vec::new();
    for record in cells.iter().flat_map(|cell| &cell.subsets) {
        let subset = format!("{} {}", record.group, record.task.label());
        if !subsets.contains(&subset) {
            subsets.push(subset);
        }
    }
    let warm: Vec<Warm> = cells.iter().map(|cell| warm(cell, &subsets)).collect();
    let made: Vec<Made> = cells.iter().map(|cell| made(cell)).collect();
    let best = cells
        .iter()
        .filter_map(|cell| Some((cell, cell.overall.as_ref()?)))
        .max_by(|one, other| one.1.score.total_cmp(&other.1.score));
    let conclusion = best.map_or_else(
        || "No cell has an overall score.".to_owned(),
        |(cell, overall)| {
            let ends =
                overall.ci95.map_or_else(String::new, |[low, high]| format!(" ({} to {})", share(low), share(high)));
            format!("{} scores {}{ends}, the highest of {}.", name(cell), share(overall.score), count(cells.len()))
        },
    );
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let version = env!("CARGO_PKG_VERSION");
    let seeds: Vec<u64> = reports.iter().map(|report| report.seed).collect();
    let is_complete = reports.iter().all(|report| report.complete);
    let page = Page { conclusion, figures, subsets, warm, made, version, seeds, is_complete };
    environment.render_str(PAGE, Value::from(Serde(&page))).map_err(|error| format!("the page: {error}"))
}

fn warm(cell: &CellReport, subsets: &[String]) -> Warm {
    let value = |subset: &String| {
        let record = cell.subsets.iter().find(|record| format!("{} {}", record.group, record.task.label()) == *subset);
        let score = record.and_then(|record| record.score);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
        let level = score.map(|score| (score * 100.0).round() as u8);
        Warmth { score: score.map_or_else(|| "-".to_owned(), share), level }
    };
    Warm { name: name(cell), values: subsets.iter().map(value).collect() }
}

fn made(cell: &CellReport) -> Made {
    let usage = &cell.usage;
    let models: Vec<&str> = cell.models.keys().map(String::as_str).collect();
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let policy = |value: Result<serde_json::Value, serde_json::Error>| value.map_or_else(|_| String::new(), word);
    let rows = vec![
        ("rule", cell.rule.clone()),
        ("orders, samples", format!("{}, {}", cell.orders, cell.samples)),
        (
            "ties, unparsed",
            format!(
                "{}, {}",
                policy(serde_json::to_value(cell.policy.ties)),
                policy(serde_json::to_value(cell.policy.unparsed))
            ),
        ),
        ("items at hand", format!("{} of {}", count(cell.coverage.items), count(cell.coverage.of))),
        ("asks answered", format!("{} of {}", count(usage.answered), count(usage.asks))),
        ("tokens in, out", format!("{}, {}", told(usage.prompt_tokens), told(usage.completion_tokens))),
        ("US dollars", usage.usd.map_or_else(|| "-".to_owned(), |usd| format!("{usd:.4}"))),
        ("answered by", models.join(", ")),
        ("benchmark", cell.hashes.bench.clone()),
        ("strategy", cell.hashes.strategy.clone().unwrap_or_else(|| "-".to_owned())),
    ];
    let mut failures: Vec<(String, String)> =
        cell.unparsed.iter().map(|(reason, n)| (format!("unparsed: {reason}"), count(*n))).collect();
    if usage.answered < usage.asks {
        failures.push(("no reply".to_owned(), count(usage.asks - usage.answered)));
    }
    Made { name: name(cell), rows, failures }
}

fn told(tokens: Option<u64>) -> String {
    tokens.map_or_else(|| "-".to_owned(), count)
}
