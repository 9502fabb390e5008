//! One judgment with everything around it.

use std::ops::Range;

use serde::Serialize;

use super::entry::{Entry, Picked};
use super::error::CasesError;
use super::gather::{Cases, Comparison};
use super::line::{Line, LineItem};
use super::link::Link;
use crate::ask::Reply;
use crate::bench::{Bench, Item, Task};
use crate::score::Outcome;
use crate::verdict::slot_label;

/// One judgment: what was shown, what the judge said, and what all others said of the same.
#[derive(Clone, Debug)]
pub struct Case {
    /// The items that hold the comparison.
    pub items: Vec<CaseItem>,
    /// The conversation; empty where it is not at hand.
    pub conversation: Vec<Speech>,
    /// The candidates as they were shown, slot by slot.
    pub answers: Vec<Answer>,
    /// What is said of the same comparison by all cells, in all orders and samples: this judgment too.
    pub all: Vec<Opinion>,
    /// Which of these is this judgment.
    this: usize,
}

/// An item that holds the comparison.
#[derive(Clone, Debug)]
pub struct CaseItem {
    /// Its id.
    pub id: String,
    /// Its task.
    pub task: Task,
    /// Its group path.
    pub group: String,
    /// What the verdict is to its gold; `None` of the score of a single answer.
    pub outcome: Option<Outcome>,
}

/// A turn of the conversation.
#[derive(Clone, Debug)]
pub struct Speech {
    /// Who speaks.
    pub role: &'static str,
    /// What is said.
    pub text: String,
}

/// A candidate in a slot.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The slot's label.
    pub slot: String,
    /// Its index in the item.
    pub candidate: usize,
    /// The text; `None` where it is not at hand.
    pub text: Option<String>,
    /// The model that wrote it, where the benchmark says so.
    pub model: Option<String>,
    /// Whether it is a best one; `None` where that is not at hand.
    pub is_best: Option<bool>,
    /// Whether the judge prefers it to all others.
    pub is_picked: bool,
}

/// What a judge said.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// The link to it: cell, comparison, order and sample.
    pub link: Link,
    /// The run.
    pub run: String,
    /// The judge.
    pub judge: String,
    /// The strategy.
    pub strategy: Option<String>,
    /// The verdict in its word, by the slots that this judge was shown.
    pub verdict: Option<String>,
    /// The slot of the case in which the preferred answer stands; `tie`, or `None` where nothing is preferred.
    pub prefers: Option<String>,
    /// Why there is no verdict.
    pub reason: Option<String>,
    /// What the verdict is to the gold; `None` of the score of a single answer, and where items have contrary golds.
    pub outcome: Option<Outcome>,
    /// Whether items have contrary golds.
    pub is_contrary: bool,
    /// The probability of the first slot against the second.
    pub preference: Option<f64>,
    /// The reply, with the verdict marked; `None` where there is none.
    pub reply: Option<Marked>,
    /// Why the reply ended.
    pub finish_reason: Option<String>,
    /// Tokens of the prompt and of the reply.
    pub tokens: [Option<u64>; 2],
}

/// A reply, with what was read as its verdict set apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// What stands before it; all, where nothing is marked.
    pub before: String,
    /// What was read.
    pub mark: String,
    /// What stands after it.
    pub after: String,
}

impl Cases {
    /// A judgment with everything around it. Answers are numbered as in the item `told_by`, where it holds the comparison.
    pub fn case(&self, number: u32, told_by: Option<&str>) -> Result<Case, CasesError> {
        let entry = self.entry(number);
        let comparison = &self.comparisons[entry.comparison as usize];
        let text = self.text(entry)?;
        let line = self.line(entry, &text)?;
        let shown = self.shown(comparison, &line);
        let teller = line.items.iter().find(|item| told_by == Some(&*item.id));
        let item = |item: &LineItem<'_>| CaseItem {
            id: item.id.clone().into_owned(),
            task: item.task,
            group: item.group.clone().into_owned(),
            outcome: item.outcome,
        };
        let picked = slot_of_pick(entry.picked, &shown);
        let beside = self.beside(entry.comparison);
        let all = beside.iter().map(|number| self.said(*number, &shown));
        Ok(Case {
            items: line.items.iter().map(item).collect(),
            conversation: self.conversation(comparison),
            answers: match teller {
                Some(item) => self.answers(comparison, &item.id, &item.shown, picked),
                None => self.answers(comparison, self.teller(comparison), &shown, picked),
            },
            all: all.collect::<Result<_, _>>()?,
            this: beside.iter().position(|other| *other == number).unwrap_or_default(),
        })
    }

    /// The beginning of what the user asked last, for lists.
    #[must_use]
    pub fn query(&self, number: u32) -> Option<&str> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        let (bench, item) = self.item(comparison, self.teller(comparison))?;
        let turn = bench.conversation(item.conversation).last()?;
        Some(bench.texts.get(turn.content))
    }

    /// The items that hold the comparison of a judgment: ids, tasks and group paths.
    pub fn items(&self, number: u32) -> impl Iterator<Item = (&str, Task, &str)> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        comparison.legs.iter().map(|leg| (&**self.items.name(leg.item), leg.task, &**self.groups.name(leg.group)))
    }

    /// What a judge said, without its reply: for lists.
    pub fn summary(&self, number: u32) -> Result<Opinion, CasesError> {
        let entry = self.entry(number);
        let text = self.text(entry)?;
        Ok(self.opinion(number, &self.line(entry, &text)?, &[]))
    }

    fn line<'a>(&self, entry: &Entry, text: &'a str) -> Result<Line<'a>, CasesError> {
        Line::parse(text.trim_end()).map_err(|_| CasesError::Io {
            path: self.files[usize::from(entry.file)].0.clone(),
            error: std::io::Error::other("it was written over since it was opened: start again"),
        })
    }

    /// The candidates of the item by which a comparison is told, as a line shows them.
    fn shown(&self, comparison: &Comparison, line: &Line<'_>) -> Vec<usize> {
        let told = line.items.iter().find(|item| *item.id == *self.teller(comparison));
        told.map_or_else(Vec::new, |item| item.shown.clone())
    }

    /// The id of the item by which a comparison is told.
    pub(super) fn teller(&self, comparison: &Comparison) -> &str {
        comparison.legs.first().map_or("", |leg| self.items.name(leg.item))
    }

    /// An item that holds a comparison, where its benchmark is at hand.
    pub(super) fn item(&self, comparison: &Comparison, id: &str) -> Option<(&Bench, &Item)> {
        let (material, bench) = (&self.materials[comparison.run], comparison.bench?);
        Some((&material.benches[bench], material.item(bench, id)?))
    }

    fn conversation(&self, comparison: &Comparison) -> Vec<Speech> {
        let Some((bench, item)) = self.item(comparison, self.teller(comparison)) else { return Vec::new() };
        let turns = bench.conversation(item.conversation).iter();
        turns.map(|turn| Speech { role: turn.role.as_str(), text: bench.texts.get(turn.content).to_string() }).collect()
    }

    fn answers(&self, comparison: &Comparison, id: &str, shown: &[usize], picked: Option<usize>) -> Vec<Answer> {
        let item = self.item(comparison, id);
        let answer = |(slot, candidate): (usize, &usize)| {
            let written = item.and_then(|(bench, item)| Some((bench, item.candidates.get(*candidate)?)));
            Answer {
                slot: slot_label(slot),
                candidate: *candidate,
                text: written.map(|(bench, written)| bench.texts.get(written.text).to_string()),
                model: written.and_then(|(_, written)| written.model.as_ref().map(ToString::to_string)),
                is_best: item.map(|(_, item)| item.best.contains(candidate)),
                is_picked: picked == Some(slot),
            }
        };
        shown.iter().enumerate().map(answer).collect()
    }

    /// What a judge said, with its reply.
    fn said(&self, number: u32, shown: &[usize]) -> Result<Opinion, CasesError> {
        let entry = self.entry(number);
        let text = self.text(entry)?;
        let line = self.line(entry, &text)?;
        let material = &self.materials[self.cells[usize::from(entry.cell)].run];
        let reply = line.reply().map(|text| {
            let reply = Reply { text, finish_reason: line.finish_reason().map(str::to_owned), ..Reply::default() };
            let strategy = line.strategy().and_then(|name| material.strategy(name));
            let slots = line.items.first().map_or(0, |item| item.shown.len());
            let span = strategy.and_then(|strategy| strategy.rule.read(&reply, slots).span);
            Marked::new(&reply.text, span.unwrap_or_default())
        });
        Ok(Opinion { reply, ..self.opinion(number, &line, shown) })
    }

    fn opinion(&self, number: u32, line: &Line<'_>, shown: &[usize]) -> Opinion {
        let entry = self.entry(number);
        let name = &self.cells[usize::from(entry.cell)].name;
        let own = |text: Option<&str>| text.map(str::to_owned);
        Opinion {
            link: self.link(number),
            run: name.run.to_string(),
            judge: name.judge.to_string(),
            strategy: own(line.strategy()),
            verdict: own(line.verdict()),
            prefers: match entry.picked {
                Picked::Candidate(_) => slot_of_pick(entry.picked, shown).map(slot_label),
                Picked::Tie => Some("tie".to_owned()),
                Picked::Nothing => None,
            },
            reason: own(line.reason()),
            outcome: entry.outcome(),
            is_contrary: entry.is_contrary(),
            preference: line.preference,
            reply: None,
            finish_reason: own(line.finish_reason()),
            tokens: line.usage.map_or([None, None], |usage| [usage.prompt_tokens, usage.completion_tokens]),
        }
    }
}

impl Case {
    /// What the judge said.
    #[must_use]
    pub fn said(&self) -> &Opinion {
        &self.all[self.this]
    }
}

/// The slot in which the preferred candidate stands.
fn slot_of_pick(picked: Picked, shown: &[usize]) -> Option<usize> {
    let Picked::Candidate(picked) = picked else { return None };
    shown.iter().position(|candidate| *candidate == usize::from(picked))
}

impl Marked {
    fn new(text: &str, span: Range<usize>) -> Self {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        if span.is_empty() {
            return Self { before: text.to_owned(), mark: String::new(), after: String::new() };
        }
        Self { before: part(0..span.start), mark: part(span.clone()), after: part(span.end..text.len()) }
    }
}
