//! The page of one judgment, with everything around it.

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::frame::{Frame, PageError, judge, outcome, verdict};
use super::list::PER_PAGE;
use super::markdown::rendered;
use super::query::Query;
use super::shelf::Look;
use crate::cases::{Answer, Case, CaseItem, Filter, Link, Marked, Opinion};
use crate::report::{count, plain, visible, word};

/// A text longer than this, in bytes, is cut, and so much is shown of what others said: a browser would stand still.
const LONGEST: usize = 400_000;

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
        let plain = if html.is_some() { String::new() } else { bearable(text) };
        Self { html, plain }
    }
}

/// As much of a text as a browser bears, as it is written.
fn bearable(text: &str) -> String {
    let (shown, rest) = text.split_at(text.floor_char_boundary(LONGEST));
    let more = if rest.is_empty() { String::new() } else { format!("\n\u{2026} {} more bytes\n", count(rest.len())) };
    visible(shown) + &more
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
    /// How many replies of others are too much for one page.
    left_out: usize,
    has_runs: bool,
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
    let opinions = look.cases.opinions(&case)?;
    let address = |number: &u32| query.case(&look.cases.link(*number));
    let at = found.binary_search(&number);
    let before = at.unwrap_or_else(|at| at).checked_sub(1).and_then(|before| found.get(before));
    let after = found.get(at.map_or_else(|at| at, |at| at + 1));
    let this = &case.said.link;
    let (all, left_out) = said_by_all(&opinions, this, query);
    let page = CasePage {
        frame: Frame::of(look),
        place: at.ok().map(|at| format!("{} of {}", count(at + 1), count(found.len()))),
        list: query.list(at.unwrap_or_else(|at| at) / PER_PAGE),
        before: before.map(address),
        after: after.map(address),
        other_order: opinions.iter().find(|other| is_turned(&other.link, this)).map(|said| query.case(&said.link)),
        toggle: query.toggled().case(this),
        is_raw: query.is_raw,
        items: items(&case, query),
        conversation: case
            .conversation
            .iter()
            .map(|speech| Turn { role: speech.role, text: Text::new(&speech.text, query.is_raw) })
            .collect(),
        answers: case.answers.iter().map(|answer| shown(answer, query.is_raw)).collect(),
        said: spoken(&case.said, this, query),
        all,
        left_out,
        has_runs: opinions.iter().any(|said| said.run != case.said.run),
    };
    Ok(templates.get_template("case")?.render(Value::from(Serde(&page)))?)
}

/// What all said of the same, with as many replies as one page bears, and how many are left out: those of this judge in another order first.
fn said_by_all(opinions: &[Opinion], this: &Link, query: &Query) -> (Vec<Spoken>, usize) {
    let (mut room, mut left_out) = (LONGEST, 0);
    let mut order: Vec<usize> = (0..opinions.len()).collect();
    order.sort_by_key(|at| !is_turned(&opinions[*at].link, this));
    let mut all: Vec<(usize, Spoken)> = Vec::new();
    for at in order {
        let mut said = spoken(&opinions[at], this, query);
        let length =
            said.reply.as_ref().map_or(0, |Marked { before, mark, after }| before.len() + mark.len() + after.len());
        if said.is_this {
            said.reply = None;
        } else if length > room {
            (said.reply, left_out) = (None, left_out + 1);
        } else {
            room -= length;
        }
        all.push((at, said));
    }
    all.sort_by_key(|(at, _)| *at);
    (all.into_iter().map(|(_, said)| said).collect(), left_out)
}

fn is_turned(one: &Link, other: &Link) -> bool {
    one.cell == other.cell && one.sample == other.sample && one.order != other.order
}

fn items(case: &Case, query: &Query) -> Vec<Item> {
    let item = |item: &CaseItem| {
        let filter = Filter { item: Some(item.id.clone()), ..Filter::default() };
        Item {
            id: plain(&item.id),
            group: plain(&item.group),
            task: item.task.label(),
            outcome: item.outcome.and_then(word).unwrap_or_else(|| "scored".to_owned()),
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

fn spoken(said: &Opinion, this: &Link, query: &Query) -> Spoken {
    let link = &said.link;
    let tokens =
        |[prompt, completion]: [Option<u64>; 2]| Some(format!("{} in, {} out", count(prompt?), count(completion?)));
    Spoken {
        address: query.case(link),
        is_this: link == this,
        is_turned: is_turned(link, this),
        judge: judge(said),
        run: plain(&said.run),
        order: link.order,
        sample: link.sample,
        verdict: verdict(said),
        prefers: said.prefers.clone().unwrap_or_default(),
        outcome: outcome(said),
        preference: said.preference.map(|first| format!("{:.1} %", first * 100.0)),
        finish: said.finish_reason.as_deref().filter(|reason| *reason != "stop").map(plain),
        tokens: tokens(said.tokens),
        reply: said.reply.as_ref().map(|reply| Marked {
            before: bearable(&reply.before),
            mark: bearable(&reply.mark),
            after: bearable(&reply.after),
        }),
    }
}
