//! One judgment with everything around it.

use std::ops::Range;

use serde::Serialize;

use super::entry::{Entry, Picked};
use super::error::CasesError;
use super::gather::Cases;
use super::link::Link;
use crate::across::{JudgmentLine, LineItem};
use crate::ask::Reply;
use crate::bench::{Bench, Item, Task};
use crate::score::Outcome;
use crate::verdict::slot_label;

/// One judgment: what was shown, and what the judge said.
#[derive(Clone, Debug)]
pub struct Case {
    /// The items that hold the comparison.
    pub items: Vec<CaseItem>,
    /// The conversation; empty where it is not at hand.
    pub conversation: Vec<Speech>,
    /// The candidates as they were shown, slot by slot.
    pub answers: Vec<Answer>,
    /// What the judge said.
    pub said: Opinion,
    /// The number of the judgment.
    number: u32,
    /// What stands in its slots, as the comparison numbers its answers; empty where that is not known.
    shown: Vec<usize>,
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
    /// A judgment with what was shown. Answers are numbered as in the item `told_by`, where the judgment speaks of it.
    pub fn case(&self, number: u32, told_by: Option<&str>) -> Result<Case, CasesError> {
        let entry = self.entry(number);
        let comparison = &self.comparisons[entry.comparison as usize];
        let run = self.cells[usize::from(entry.cell)].run;
        let text = self.text(entry)?;
        let line = self.line(entry, &text)?;
        let shown = self.shown(comparison, run, &line).unwrap_or_default();
        let of = |id: &str| line.items.iter().find(|item| *item.id == *id);
        let told = told_by.and_then(of).or_else(|| of(self.teller(comparison))).or(line.items.first());
        // What this run does not have at hand another may: of the item that its line about the same is told by.
        let of_other = |item: &LineItem<'_>| {
            let source = comparison.source.as_ref()?;
            (**self.items.name(source.item) == *item.id).then(|| self.told(comparison)).flatten()
        };
        let with_texts = told.and_then(|item| self.own(run, &line, item).or_else(|| of_other(item)));
        let item = |item: &LineItem<'_>| CaseItem {
            id: item.id.clone().into_owned(),
            task: item.task,
            group: item.group.clone().into_owned(),
            outcome: item.outcome,
        };
        let picked = slot_of_pick(entry.picked, &shown);
        Ok(Case {
            items: line.items.iter().map(item).collect(),
            conversation: with_texts.or_else(|| self.told(comparison)).map_or_else(Vec::new, conversation),
            answers: told.map_or_else(Vec::new, |item| answers(with_texts, &item.shown, picked)),
            said: self.said(number, &line, &shown),
            number,
            shown: shown.into_owned(),
        })
    }

    /// What is said of a case's comparison by all cells, in all orders and samples: this judgment too.
    pub fn opinions(&self, case: &Case) -> Result<Vec<Opinion>, CasesError> {
        let said = |number: &u32| {
            if *number == case.number {
                return Ok(case.said.clone());
            }
            let entry = self.entry(*number);
            let text = self.text(entry)?;
            Ok(self.said(*number, &self.line(entry, &text)?, &case.shown))
        };
        self.beside(self.entry(case.number).comparison).iter().map(said).collect()
    }

    /// The beginning of what the user asked last, for lists.
    #[must_use]
    pub fn query(&self, number: u32) -> Option<&str> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        let (bench, item) = self.told(comparison)?;
        let turn = bench.conversation(item.conversation).last()?;
        Some(bench.texts.get(turn.content))
    }

    /// The items that hold the comparison of a judgment: ids and group paths.
    pub fn items(&self, number: u32) -> impl Iterator<Item = (&str, &str)> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        comparison.legs.iter().map(|leg| (&**self.items.name(leg.item), &**self.groups.name(leg.group)))
    }

    /// What a judge said, without its reply: for lists.
    pub fn summary(&self, number: u32) -> Result<Opinion, CasesError> {
        let entry = self.entry(number);
        let text = self.text(entry)?;
        Ok(self.opinion(number, &self.line(entry, &text)?, &[]))
    }

    pub(super) fn line<'a>(&self, entry: &Entry, text: &'a str) -> Result<JudgmentLine<'a>, CasesError> {
        let line = JudgmentLine::parse(text, 0).ok().flatten();
        line.ok_or_else(|| CasesError::Changed { path: self.files[usize::from(entry.file)].0.clone() })
    }

    /// What a judge said, with its reply. `shown` is of the case that is looked at.
    fn said(&self, number: u32, line: &JudgmentLine<'_>, shown: &[usize]) -> Opinion {
        let material = &self.materials[self.cells[usize::from(self.entry(number).cell)].run];
        let reply = line.reply().map(|text| {
            let reply = Reply { text, finish_reason: line.finish_reason().map(str::to_owned), ..Reply::default() };
            let strategy = line.strategy().and_then(|name| material.strategy(name));
            let slots = line.items.first().map_or(0, |item| item.shown.len());
            let span = strategy.and_then(|strategy| strategy.rule.read(&reply, slots).span);
            Marked::new(&reply.text, span.unwrap_or_default())
        });
        Opinion { reply, ..self.opinion(number, line, shown) }
    }

    fn opinion(&self, number: u32, line: &JudgmentLine<'_>, shown: &[usize]) -> Opinion {
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

/// The conversation of an item.
fn conversation((bench, item): (&Bench, &Item)) -> Vec<Speech> {
    let turns = bench.conversation(item.conversation).iter();
    turns.map(|turn| Speech { role: turn.role.as_str(), text: bench.texts.get(turn.content).to_string() }).collect()
}

/// The candidates of an item in their slots.
fn answers(item: Option<(&Bench, &Item)>, shown: &[usize], picked: Option<usize>) -> Vec<Answer> {
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
