//! The project's own items: JSON lines of
//! `{"id","group","task"?,"conversation":[{"role","content"}],"candidates":[{"text","model"?}],"best":0}`.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;

use super::error::{BenchError, Place, not_json, read, utf8, wrong_shape};
use super::item::{Bench, Builder, Coverage, Item};
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
struct Line<'a> {
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

/// Reads a file of items, one a line; blank lines are passed over.
pub fn read_jsonl(path: &Path, name: &str) -> Result<Bench, BenchError> {
    let bytes = read(path)?;
    let text = utf8(path, &bytes)?;
    let mut builder = Builder::default();
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let place = Place::Line(line);
        let entry = parse(path, line, text)?;
        let (field, problem) = match add(&mut builder, &entry) {
            Ok(()) => {
                lines.push(line);
                continue;
            }
            Err(Wrong::Field(field, problem)) => (field, problem),
            Err(Wrong::Taken(earlier)) => {
                let problem = format!("expected ids that are unique, found {:?} of line {}", entry.id, lines[earlier]);
                ("id", problem)
            }
        };
        return Err(BenchError::new(path, place, problem).in_field(field));
    }
    if builder.is_empty() {
        return Err(BenchError::new(path, Place::File, "no items: expected one JSON object a line"));
    }
    let coverage = Coverage { files: 1, files_of: 1, items_of: builder.len() };
    Ok(builder.build(name, coverage, None))
}

fn parse<'a>(path: &Path, line: usize, text: &'a str) -> Result<Line<'a>, BenchError> {
    let wrong = |problem: String| BenchError::new(path, Place::Line(line), problem);
    if text.trim_start().starts_with('[') {
        return Err(wrong(
            "expected one JSON object a line, found a list: write each item on a line of its own".to_owned(),
        ));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize::<_, Line<'a>>(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            return wrong(format!("expected one JSON object a line; {}", not_json(&inner)));
        }
        let (missing, problem) = wrong_shape(&inner);
        let above = (field != ".").then_some(field);
        match (above, missing) {
            (None, None) => wrong(problem),
            (Some(field), None) | (None, Some(field)) => wrong(problem).in_field(field),
            (Some(above), Some(field)) => wrong(problem).in_field(format!("{above}.{field}")),
        }
    })?;
    reader.end().map_err(|error| {
        wrong(format!("expected one JSON object a line, found more text before column {}", error.column() + 1))
    })?;
    Ok(parsed)
}

enum Wrong {
    Field(&'static str, String),
    Taken(usize),
}

fn add(builder: &mut Builder, line: &Line<'_>) -> Result<(), Wrong> {
    let wrong = |field, problem: &str| Err(Wrong::Field(field, problem.to_owned()));
    match line.conversation.last() {
        None => return wrong("conversation", "expected at least one turn, found an empty list"),
        Some(turn) if turn.role != Role::User => {
            return wrong("conversation", "expected the last turn to be the user's, for the candidates answer it");
        }
        Some(_) => {}
    }
    let count = line.candidates.len();
    if count < 2 {
        return Err(Wrong::Field("candidates", format!("expected two or more candidates, found {count}")));
    }
    if line.task == Some(Task::Pairwise) && count != 2 {
        return Err(Wrong::Field("task", format!("expected two candidates in a pairwise item, found {count}")));
    }
    let mut best = match &line.best {
        Best::One(index) => vec![*index],
        Best::Several(indexes) => indexes.clone(),
    };
    best.sort_unstable();
    best.dedup();
    if let Some(beyond) = best.iter().find(|index| **index >= count) {
        let last = count - 1;
        return Err(Wrong::Field("best", format!("expected indexes from 0 to {last}, found {beyond}")));
    }
    if best.is_empty() {
        return wrong("best", "expected the index of at least one candidate, found an empty list");
    }
    if best.len() == count {
        return Err(Wrong::Field("best", format!("expected one candidate or more not to be best, found all {count}")));
    }
    let conversation = builder.conversation(line.conversation.iter().map(|turn| (turn.role, turn.content.as_ref())));
    let candidates =
        line.candidates.iter().map(|answer| builder.candidate(&answer.text, answer.model.as_deref())).collect();
    let task = line.task.unwrap_or(if count == 2 { Task::Pairwise } else { Task::Bon });
    let group = builder.group(&line.group);
    let item = Item { id: line.id.clone().into_owned(), group, task, conversation, candidates, best };
    builder.add(item).map_err(Wrong::Taken)
}
