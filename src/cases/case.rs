//! One judgment with everything around it.

use serde::Serialize;

use super::entry::{Entry, Picked};
use super::error::CasesError;
use super::gather::{Cases, Comparison, hash_number};
use super::line::{Line, LineItem};
use super::material::Material;
use crate::ask::Reply;
use crate::bench::Task;
use crate::score::Outcome;
use crate::verdict::slot_label;

/// One judgment: what was shown, what the judge said, and what all others said of the same.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The items that hold the comparison.
    pub items: Vec<CaseItem>,
    /// The conversation; empty where it is not at hand.
    pub conversation: Vec<Speech>,
    /// The candidates as they were shown, slot by slot.
    pub answers: Vec<Answer>,
    /// What the judge said.
    pub said: Opinion,
    /// What is said of the same comparison by all cells, in all orders and samples: this judgment too.
    pub all: Vec<Opinion>,
}

/// An item that holds the comparison.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct Speech {
    /// Who speaks.
    pub role: &'static str,
    /// What is said.
    pub text: String,
}

/// A candidate in a slot.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct Opinion {
    /// The number of the judgment.
    pub number: u32,
    /// The key of its cell in links.
    pub cell: String,
    /// The first digits of the comparison's hash.
    pub comparison: String,
    /// The run.
    pub run: String,
    /// The judge.
    pub judge: String,
    /// The strategy.
    pub strategy: Option<String>,
    /// 0: the seeded order.
    pub order: u8,
    /// The number of the sample.
    pub sample: u32,
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
    /// The number of a judgment, by the words of a link.
    #[must_use]
    pub fn number(&self, cell: &str, comparison: &str, order: u8, sample: u32) -> Option<u32> {
        let hash = hash_number(comparison);
        let cell = self.cells.iter().position(|known| known.key == cell)?;
        let bench = &self.cells[cell].name.bench;
        let is_it = |known: &Comparison| known.hash == hash && known.bench_name == *bench;
        let at = u32::try_from(self.comparisons.iter().position(is_it)?).ok()?;
        self.beside(at).iter().copied().find(|number| {
            let entry = self.entry(*number);
            usize::from(entry.cell) == cell && entry.order == order && entry.sample == sample
        })
    }

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
        let all = self.beside(entry.comparison).iter().map(|number| self.said(*number, &shown));
        Ok(Case {
            items: line.items.iter().map(item).collect(),
            conversation: self.conversation(comparison),
            answers: match teller {
                Some(item) => self.answers(comparison, &item.id, &item.shown, slot_of_pick(entry.picked, &shown)),
                None => self.answers(comparison, self.teller(comparison), &shown, slot_of_pick(entry.picked, &shown)),
            },
            said: self.said(number, &shown)?,
            all: all.collect::<Result<_, _>>()?,
        })
    }

    /// The beginning of what the user asked last, for lists.
    #[must_use]
    pub fn query(&self, number: u32) -> Option<&str> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        let (material, bench) = (&self.materials[comparison.run], comparison.bench?);
        let item = material.item(bench, self.items.name(comparison.legs.first()?.item))?;
        let turn = material.benches[bench].conversation(item.conversation).last()?;
        Some(material.benches[bench].texts.get(turn.content))
    }

    /// The items that hold the comparison of a judgment: ids, tasks and group paths.
    pub fn items(&self, number: u32) -> impl Iterator<Item = (&str, Task, &str)> {
        let comparison = &self.comparisons[self.entry(number).comparison as usize];
        comparison.legs.iter().map(|leg| (&**self.items.name(leg.item), leg.task, &**self.groups.name(leg.group)))
    }

    /// What a judge said; without its reply, where lists show it.
    pub fn summary(&self, number: u32) -> Result<Opinion, CasesError> {
        self.said(number, &[])
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
    fn teller(&self, comparison: &Comparison) -> &str {
        comparison.legs.first().map_or("", |leg| self.items.name(leg.item))
    }

    fn conversation(&self, comparison: &Comparison) -> Vec<Speech> {
        let material = &self.materials[comparison.run];
        let (Some(bench), Some(leg)) = (comparison.bench, comparison.legs.first()) else { return Vec::new() };
        let Some(item) = material.item(bench, self.items.name(leg.item)) else { return Vec::new() };
        let bench = &material.benches[bench];
        let turns = bench.conversation(item.conversation).iter();
        turns.map(|turn| Speech { role: turn.role.as_str(), text: bench.texts.get(turn.content).to_string() }).collect()
    }

    fn answers(&self, comparison: &Comparison, id: &str, shown: &[usize], picked: Option<usize>) -> Vec<Answer> {
        let material: &Material = &self.materials[comparison.run];
        let item = comparison.bench.and_then(|bench| Some((&material.benches[bench], material.item(bench, id)?)));
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

    fn said(&self, number: u32, shown: &[usize]) -> Result<Opinion, CasesError> {
        let entry = self.entry(number);
        let text = self.text(entry)?;
        let line = self.line(entry, &text)?;
        let cell = &self.cells[usize::from(entry.cell)];
        let reply = line.reply().map(|text| {
            let reply = Reply { text, finish_reason: line.finish_reason().map(str::to_owned), ..Reply::default() };
            let material = &self.materials[cell.run];
            let strategy = line.strategy().and_then(|name| material.strategy(name));
            let slots = line.items.first().map_or(0, |item| item.shown.len());
            let span = strategy.and_then(|strategy| strategy.rule.read(&reply, slots).span);
            Marked::new(&reply.text, span.unwrap_or_default())
        });
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ok(Opinion {
            number,
            cell: cell.key.clone(),
            comparison: format!("{:016x}", self.comparisons[entry.comparison as usize].hash),
            run: cell.name.run.to_string(),
            judge: cell.name.judge.to_string(),
            strategy: own(line.strategy()),
            order: entry.order,
            sample: entry.sample,
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
            reply,
            finish_reason: own(line.finish_reason()),
            tokens: line.usage.map_or([None, None], |usage| [usage.prompt_tokens, usage.completion_tokens]),
        })
    }
}

/// The slot in which the preferred candidate stands.
fn slot_of_pick(picked: Picked, shown: &[usize]) -> Option<usize> {
    let Picked::Candidate(picked) = picked else { return None };
    shown.iter().position(|candidate| *candidate == usize::from(picked))
}

impl Marked {
    fn new(text: &str, span: std::ops::Range<usize>) -> Self {
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
        if span.is_empty() {
            return Self { before: text.to_owned(), mark: String::new(), after: String::new() };
        }
        Self { before: part(0..span.start), mark: part(span.clone()), after: part(span.end..text.len()) }
    }

    /// The whole reply.
    #[must_use]
    pub fn whole(&self) -> String {
        [&*self.before, &*self.mark, &*self.after].concat()
    }
}
