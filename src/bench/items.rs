//! The project's own items, records of
//! `{"id","group","task"?,"conversation":[{"role","content"}],"candidates":[{"text","model"?}],"best":0}`.

use std::borrow::Cow;

use serde::Deserialize;

use super::item::{Builder, Item};
use super::record::{Record, RecordKind, Wrong};
use super::task::Task;
use crate::ask::Role;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speech<'a> {
    role: Role,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an index, such as 0, or a list of indexes, such as [0, 2]")]
enum Best {
    One(usize),
    Several(Vec<usize>),
}

#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    group: Cow<'a, str>,
    #[serde(default)]
    task: Option<Task>,
    #[serde(borrow)]
    conversation: Vec<Speech<'a>>,
    #[serde(borrow)]
    candidates: Vec<Answer<'a>>,
    best: Best,
}

impl<'a> Record<'a> for Line<'a> {
    const KIND: RecordKind = RecordKind::Items;

    fn add(&self, builder: &mut Builder, _unnamed: String) -> Result<(), Wrong> {
        add(builder, self)
    }
}

fn add(builder: &mut Builder, line: &Line<'_>) -> Result<(), Wrong> {
    let wrong = |field, problem: &str| Err(Wrong::field(field, problem));
    match line.conversation.last() {
        None => return wrong("conversation", "expected at least one turn, found an empty list"),
        Some(turn) if turn.role != Role::User => {
            return wrong("conversation", "expected the last turn to be the user's, for the candidates answer it");
        }
        Some(_) => {}
    }
    let count = line.candidates.len();
    if count < 2 {
        return Err(Wrong::field("candidates", format!("expected two or more candidates, found {count}")));
    }
    if line.task == Some(Task::Pairwise) && count != 2 {
        return Err(Wrong::field("task", format!("expected two candidates in a pairwise item, found {count}")));
    }
    let mut best = match &line.best {
        Best::One(index) => vec![*index],
        Best::Several(indexes) => indexes.clone(),
    };
    best.sort_unstable();
    best.dedup();
    if let Some(beyond) = best.iter().find(|index| **index >= count) {
        let last = count - 1;
        return Err(Wrong::field("best", format!("expected indexes from 0 to {last}, found {beyond}")));
    }
    if best.is_empty() {
        return wrong("best", "expected the index of at least one candidate, found an empty list");
    }
    if best.len() == count {
        return Err(Wrong::field("best", format!("expected one candidate or more not to be best, found all {count}")));
    }
    let conversation = builder.conversation(line.conversation.iter().map(|turn| (turn.role, turn.content.as_ref())));
    let candidates =
        line.candidates.iter().map(|answer| builder.candidate(&answer.text, answer.model.as_deref())).collect();
    let task = line.task.unwrap_or(if count == 2 { Task::Pairwise } else { Task::Bon });
    let group = builder.group(&line.group);
    let item = Item { id: line.id.clone().into_owned(), group, task, conversation, candidates, best };
    builder.add(item).map_err(|earlier| Wrong::Taken(line.id.clone().into_owned(), earlier))
}
