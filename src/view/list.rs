//! The page of a list of judgments.

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::choices::{Choice, choices, places};
use super::frame::{Frame, PageError, judge, outcome, verdict};
use super::query::Query;
use super::shelf::Look;
use crate::cases::{CasesError, Counts, Filter, Link};
use crate::report::{count, plain};

/// Judgments on a page.
pub(super) const PER_PAGE: usize = 50;
/// The beginning of a text, in characters.
const BEGINNING: usize = 160;

#[derive(Serialize)]
struct List {
    frame: Frame,
    choices: Vec<Choice>,
    places: Choice,
    query: String,
    item: String,
    is_raw: bool,
    is_filtered: bool,
    conclusion: String,
    rows: Vec<Row>,
    /// Whether there are several runs, which are then told apart.
    has_runs: bool,
    pages: Pages,
}

#[derive(Serialize)]
struct Row {
    address: String,
    beginning: String,
    items: Vec<String>,
    /// The scenario, and what stands above it.
    group: String,
    above: String,
    run: String,
    judge: String,
    asked: String,
    verdict: String,
    outcome: String,
}

#[derive(Serialize)]
struct Pages {
    at: usize,
    of: usize,
    before: Option<String>,
    after: Option<String>,
}

/// The page of a list.
pub(super) fn list(
    templates: &Environment<'_>,
    look: &Look,
    query: &Query,
    found: &[u32],
) -> Result<String, PageError> {
    let of = found.len().div_ceil(PER_PAGE).max(1);
    let at = query.page.min(of - 1);
    let shown = found.iter().skip(at * PER_PAGE).take(PER_PAGE);
    let rows = shown.map(|number| row(look, query, *number)).collect::<Result<_, _>>()?;
    let all = look.cases.len();
    let page = List {
        frame: Frame::of(look),
        choices: choices(look, query),
        places: places(query),
        query: query.filter.text.clone().unwrap_or_default(),
        item: query.filter.item.clone().unwrap_or_default(),
        is_raw: query.is_raw,
        is_filtered: query.filter != Filter::default(),
        conclusion: conclusion(&look.cases.counts(found), found.len(), all),
        rows,
        has_runs: look.cases.cells().any(|(name, _)| look.cases.cells().any(|(other, _)| name.run != other.run)),
        pages: Pages {
            at: at + 1,
            of,
            before: at.checked_sub(1).map(|before| query.list(before)),
            after: (at + 1 < of).then(|| query.list(at + 1)),
        },
    };
    Ok(templates.get_template("list")?.render(Value::from(Serde(&page)))?)
}

fn conclusion(counts: &Counts, found: usize, all: usize) -> String {
    let Counts { right, wrong, tie, unparsed, failed, contrary, scored } = *counts;
    let parts = [
        (right, "right"),
        (wrong, "wrong"),
        (tie, "ties"),
        (unparsed, "unparsed"),
        (failed, "failed"),
        (contrary, "held against contrary golds"),
        (scored, "scores of single answers"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
    let told = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let of = if found == all { String::new() } else { format!(" of {}", count(all)) };
    format!("{}{of} judgments{told}", count(found))
}

fn row(look: &Look, query: &Query, number: u32) -> Result<Row, CasesError> {
    let said = look.cases.summary(number)?;
    let items: Vec<(&str, &str)> = look.cases.items(number).collect();
    let path = items.first().map_or_else(String::new, |item| plain(item.1));
    let (above, group) = path
        .rsplit_once('/')
        .map_or((String::new(), path.clone()), |(above, group)| (above.to_owned(), group.to_owned()));
    let beginning = look.cases.query(number).map_or_else(String::new, beginning);
    Ok(Row {
        address: query.case(&said.link),
        beginning: if beginning.is_empty() {
            items.first().map_or_else(String::new, |item| plain(item.0))
        } else {
            beginning
        },
        items: items.iter().map(|item| plain(item.0)).collect(),
        group,
        above,
        run: plain(&said.run),
        judge: judge(&said),
        asked: match said.link {
            Link { order, sample: 0, .. } => order.to_string(),
            Link { order, sample, .. } => format!("{order}.{sample}"),
        },
        verdict: verdict(&said),
        outcome: outcome(&said),
    })
}

fn beginning(text: &str) -> String {
    let line = plain(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut short: String = line.chars().take(BEGINNING).collect();
    if short.len() < line.len() {
        short.push('\u{2026}');
    }
    short
}
