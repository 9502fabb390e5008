//! The pages: a list of judgments, and one of them with everything around it.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::markdown::rendered;
use super::query::{CaseLink, Query, written};
use super::shelf::Look;
use crate::cases::{Answer, Case, CasesError, Counts, Marked, Opinion};
use crate::report::{count, plain, visible};

/// Judgments on a page of a list.
const PER_PAGE: usize = 50;
/// The beginning of a text in a list, in characters.
const BEGINNING: usize = 160;
/// A text longer than this, in bytes, is cut: a browser would stand still.
const LONGEST: usize = 400_000;

/// The templates.
pub(super) fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("base", include_str!("pages/base.html"))?;
    environment.add_template("list", include_str!("pages/list.html"))?;
    environment.add_template("case", include_str!("pages/case.html"))?;
    Ok(environment)
}

/// What stands around every page.
#[derive(Serialize)]
struct Frame {
    version: u64,
    progress: Option<String>,
    problem: Option<String>,
    gaps: Vec<String>,
}

impl Frame {
    fn of(look: &Look) -> Self {
        let progress = look.progress.as_ref();
        Self {
            version: look.version,
            progress: progress.map(|progress| format!("{} of {}", count(progress.there), count(progress.of))),
            problem: look.problem.as_deref().map(plain),
            gaps: look.cases.gaps().map(plain).collect(),
        }
    }
}

/// A way to filter: its word in addresses, what it is called, and what may be chosen.
#[derive(Serialize)]
struct Choice {
    key: &'static str,
    label: &'static str,
    options: Vec<Choosable>,
}

#[derive(Serialize)]
struct Choosable {
    value: String,
    label: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct List {
    frame: Frame,
    choices: Vec<Choice>,
    query: String,
    item: String,
    is_raw: bool,
    is_filtered: bool,
    conclusion: String,
    counts: Counts,
    rows: Vec<Row>,
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
    let counts = look.cases.counts(found);
    let all = look.cases.len();
    let page = List {
        frame: Frame::of(look),
        choices: choices(look, query),
        query: query.filter.text.clone().unwrap_or_default(),
        item: query.filter.item.clone().unwrap_or_default(),
        is_raw: query.is_raw,
        is_filtered: query.filter != crate::cases::Filter::default(),
        conclusion: conclusion(&counts, found.len(), all),
        counts,
        rows,
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
    let items: Vec<(&str, _, &str)> = look.cases.items(number).collect();
    let path = items.first().map_or_else(String::new, |item| plain(item.2));
    let (above, group) = path
        .rsplit_once('/')
        .map_or((String::new(), path.clone()), |(above, group)| (above.to_owned(), group.to_owned()));
    let beginning = look.cases.query(number).map_or_else(String::new, beginning);
    Ok(Row {
        address: query.case(&CaseLink::of(&said)),
        beginning: if beginning.is_empty() {
            items.first().map_or_else(String::new, |item| plain(item.0))
        } else {
            beginning
        },
        items: items.iter().map(|item| plain(item.0)).collect(),
        group,
        above,
        judge: judge(&said),
        asked: if said.sample == 0 { said.order.to_string() } else { format!("{}.{}", said.order, said.sample) },
        verdict: said.verdict.as_deref().or(said.reason.as_deref()).map_or_else(String::new, plain),
        outcome: outcome(&said),
    })
}

fn outcome(said: &Opinion) -> String {
    let other = if said.is_contrary { "contrary" } else { "scored" };
    written(said.outcome).unwrap_or_else(|| other.to_owned())
}

fn judge(said: &Opinion) -> String {
    let strategy = said.strategy.as_ref().map_or_else(String::new, |strategy| format!(" / {}", plain(strategy)));
    format!("{}{strategy}", plain(&said.judge))
}

fn beginning(text: &str) -> String {
    let line = plain(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut short: String = line.chars().take(BEGINNING).collect();
    if short.len() < line.len() {
        short.push('\u{2026}');
    }
    short
}

/// What may be chosen. Where there is only one of a kind, it is not asked about.
fn choices(look: &Look, query: &Query) -> Vec<Choice> {
    let filter = &query.filter;
    let cells: Vec<_> = look.cases.cells().collect();
    let names = |name: &dyn Fn(usize) -> String| {
        let mut names: Vec<String> = (0..cells.len()).map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let choice = |key, label, chosen: Option<String>, options: Vec<(String, String)>| {
        let option = |(value, label): (String, String)| Choosable {
            is_chosen: chosen.as_ref() == Some(&value),
            label: plain(&label),
            value,
        };
        Choice { key, label, options: options.into_iter().map(option).collect() }
    };
    let same = |names: Vec<String>| names.into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>();
    let words = |words: &[(&str, &str)]| {
        words.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect::<Vec<_>>()
    };
    let against = cells.iter().map(|(name, key)| {
        let run =
            if names(&|at| cells[at].0.run.to_string()).len() > 1 { format!(" ({})", name.run) } else { String::new() };
        ((*key).to_owned(), format!("{name}{run}"))
    });
    let reasons = look.cases.reasons().iter().map(ToString::to_string).collect();
    let mut choices = vec![
        choice("run", "run", filter.run.clone(), same(names(&|at| cells[at].0.run.to_string()))),
        choice("judge", "judge", filter.judge.clone(), same(names(&|at| cells[at].0.judge.to_string()))),
        choice(
            "strategy",
            "strategy",
            filter.strategy.clone(),
            same(names(&|at| cells[at].0.strategy.as_deref().unwrap_or_default().to_owned())),
        ),
        choice("bench", "benchmark", filter.bench.clone(), same(names(&|at| cells[at].0.bench.to_string()))),
        choice("group", "scenario", filter.group.clone(), same(look.cases.groups())),
        choice("task", "task", written(filter.task), words(&[("pairwise", "pairwise"), ("bon", "best-of-N")])),
        choice(
            "outcome",
            "outcome",
            written(filter.outcome),
            words(&[
                ("right", "right"),
                ("wrong", "wrong"),
                ("tie", "tie"),
                ("unparsed", "unparsed"),
                ("failed", "failed"),
            ]),
        ),
        choice("reason", "reason", filter.reason.clone(), same(reasons)),
        choice(
            "odd",
            "contradicted by",
            written(filter.odd),
            words(&[
                ("cells", "another judge or strategy"),
                ("orders", "itself in another order"),
                ("samples", "itself in another sample"),
            ]),
        ),
        choice("against", "other outcome than", filter.against.clone(), against.collect()),
        choice(
            "flip",
            "which of these",
            filter.against.as_ref().and(written(Some(filter.flip))),
            words(&[("any", "any other"), ("won", "right where it is not"), ("lost", "not right where it is")]),
        ),
    ];
    choices.retain(|choice| {
        let is_empty = choice.options.iter().all(|option| option.value.is_empty());
        let always = ["task", "outcome", "odd"].contains(&choice.key);
        let depends = choice.key == "flip" || choice.key == "against";
        always
            || (depends && cells.len() > 1)
            || (!depends && choice.options.len() > 1 && !is_empty)
            || (choice.key == "reason" && !is_empty)
    });
    choices
}

/// A text as the page shows it.
#[derive(Serialize)]
struct Text {
    /// As HTML; null where it is shown as it is written.
    html: Option<String>,
    plain: String,
}

impl Text {
    fn new(text: &str, is_raw: bool) -> Self {
        let html = if is_raw { None } else { rendered(text) };
        let plain = if html.is_some() { String::new() } else { visible(cut(text)) };
        Self { html, plain }
    }
}

/// As much of a text as a browser bears.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[derive(Serialize)]
struct Turn {
    role: &'static str,
    text: Text,
}

#[derive(Serialize)]
struct Shown {
    slot: String,
    candidate: usize,
    model: Option<String>,
    is_best: Option<bool>,
    is_picked: bool,
    text: Option<Text>,
}

#[derive(Serialize)]
struct Spoken {
    address: String,
    is_this: bool,
    /// Whether it is the same judge in another order.
    is_turned: bool,
    judge: String,
    run: String,
    order: u8,
    sample: u32,
    verdict: String,
    prefers: String,
    outcome: String,
    preference: Option<String>,
    finish: Option<String>,
    tokens: Option<String>,
    reply: Option<Marked>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    group: String,
    task: &'static str,
    outcome: String,
    address: String,
}

#[derive(Serialize)]
struct CasePage {
    frame: Frame,
    place: Option<String>,
    list: String,
    before: Option<String>,
    after: Option<String>,
    other_order: Option<String>,
    toggle: String,
    is_raw: bool,
    items: Vec<Item>,
    conversation: Vec<Turn>,
    answers: Vec<Shown>,
    said: Spoken,
    all: Vec<Spoken>,
    runs: bool,
}

/// The page of a judgment: the `number`th of all, looked at among those that were found.
pub(super) fn case(
    templates: &Environment<'_>,
    look: &Look,
    query: &Query,
    found: &[u32],
    number: u32,
) -> Result<String, PageError> {
    let case = look.cases.case(number, query.filter.item.as_deref())?;
    let address = |number: u32| Ok::<_, CasesError>(query.case(&CaseLink::of(&look.cases.summary(number)?)));
    let at = found.binary_search(&number);
    let before = at.unwrap_or_else(|at| at).checked_sub(1).and_then(|before| found.get(before));
    let after = found.get(at.map_or_else(|at| at, |at| at + 1));
    let this = CaseLink::of(&case.said);
    let page = CasePage {
        frame: Frame::of(look),
        place: at.ok().map(|at| format!("{} of {}", count(at + 1), count(found.len()))),
        list: query.list(at.unwrap_or_else(|at| at) / PER_PAGE),
        before: before.map(|number| address(*number)).transpose()?,
        after: after.map(|number| address(*number)).transpose()?,
        other_order: other_order(&case).map(|said| query.case(&CaseLink::of(said))),
        toggle: query.toggled().case(&this),
        is_raw: query.is_raw,
        items: items(&case, query),
        conversation: case
            .conversation
            .iter()
            .map(|speech| Turn { role: speech.role, text: Text::new(&speech.text, query.is_raw) })
            .collect(),
        answers: case.answers.iter().map(|answer| shown(answer, query.is_raw)).collect(),
        said: spoken(&case.said, &this, query),
        all: case.all.iter().map(|said| spoken(said, &this, query)).collect(),
        runs: case.all.iter().any(|said| said.run != case.said.run),
    };
    Ok(templates.get_template("case")?.render(Value::from(Serde(&page)))?)
}

/// What the same judge said of the same in another order.
fn other_order(case: &Case) -> Option<&Opinion> {
    let said = &case.said;
    case.all.iter().find(|other| other.cell == said.cell && other.sample == said.sample && other.order != said.order)
}

fn items(case: &Case, query: &Query) -> Vec<Item> {
    let item = |item: &crate::cases::CaseItem| {
        let filter = crate::cases::Filter { item: Some(item.id.clone()), ..crate::cases::Filter::default() };
        Item {
            id: plain(&item.id),
            group: plain(&item.group),
            task: item.task.label(),
            outcome: written(item.outcome).unwrap_or_else(|| "scored".to_owned()),
            address: Query { filter, is_raw: query.is_raw, ..Query::default() }.list(0),
        }
    };
    case.items.iter().map(item).collect()
}

fn shown(answer: &Answer, is_raw: bool) -> Shown {
    Shown {
        slot: answer.slot.clone(),
        candidate: answer.candidate,
        model: answer.model.as_deref().map(plain),
        is_best: answer.is_best,
        is_picked: answer.is_picked,
        text: answer.text.as_deref().map(|text| Text::new(text, is_raw)),
    }
}

fn spoken(said: &Opinion, this: &CaseLink, query: &Query) -> Spoken {
    let link = CaseLink::of(said);
    let tokens =
        |[prompt, completion]: [Option<u64>; 2]| Some(format!("{} in, {} out", count(prompt?), count(completion?)));
    let part = |text: &str| visible(cut(text));
    Spoken {
        address: query.case(&link),
        is_this: link == *this,
        is_turned: link.cell == this.cell && link.order != this.order && link.sample == this.sample,
        judge: judge(said),
        run: plain(&said.run),
        order: said.order,
        sample: said.sample,
        verdict: said.verdict.as_deref().or(said.reason.as_deref()).map_or_else(String::new, plain),
        prefers: said.prefers.clone().unwrap_or_default(),
        outcome: outcome(said),
        preference: said.preference.map(|first| format!("{:.1} %", first * 100.0)),
        finish: said.finish_reason.as_deref().filter(|reason| *reason != "stop").map(plain),
        tokens: tokens(said.tokens),
        reply: said.reply.as_ref().map(|reply| Marked {
            before: part(&reply.before),
            mark: part(&reply.mark),
            after: part(&reply.after),
        }),
    }
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error("the page: {0}")]
    Page(#[from] minijinja::Error),
}
