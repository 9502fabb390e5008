//! Gathers the judgments of runs: what each is, which speak of the same, and which contradict each other.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{Entry, Outcomes, Picked};
use super::error::CasesError;
use super::filter::Odd;
use super::material::Material;
use crate::across::{CellName, JudgmentLine, LineItem};
use crate::bench::Task;
use crate::digest::Fields;
use crate::score::{Outcome, Said, said};

/// Digits of a cell's key.
const KEY: usize = 8;

/// The judgments of runs, with their texts left in the files.
#[derive(Debug, Default)]
pub struct Cases {
    pub(super) cells: Vec<Cell>,
    pub(super) materials: Vec<Arc<Material>>,
    pub(super) files: Vec<(PathBuf, File)>,
    pub(super) items: Names,
    pub(super) groups: Names,
    pub(super) reasons: Names,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) entries: Vec<Entry>,
    /// The numbers of the judgments of each comparison, one after the other; where those of a comparison begin.
    beside: Vec<u32>,
    starts: Vec<u32>,
}

/// A cell of a run.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) name: CellName,
    /// Its name in links: the same whatever else is looked at.
    pub(super) key: String,
    pub(super) run: usize,
}

/// What several judgments are about.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The first digits of the hash of its texts.
    pub(super) hash: u64,
    pub(super) bench_name: Arc<str>,
    /// The run of its first line.
    pub(super) run: usize,
    /// The items that hold it. The first is the one by whose candidates its answers are numbered.
    pub(super) legs: Vec<Leg>,
    /// The candidates of the first item that are shown, in ascending order.
    pub(super) candidates: Vec<u16>,
    /// Where its texts are taken from, if they are at hand.
    pub(super) source: Option<Source>,
}

/// An item of a run that has the texts of a comparison.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) run: usize,
    /// The place of its benchmark among the run's.
    pub(super) bench: usize,
    /// The number of its id.
    pub(super) item: u32,
    /// Its candidates that are shown, in ascending order.
    pub(super) candidates: Vec<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    pub(super) item: u32,
    pub(super) group: u32,
    pub(super) task: Task,
}

/// Names with numbers.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    pub(super) fn known(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn name(&self, number: u32) -> &Arc<str> {
        &self.names[number as usize]
    }
}

/// How many judgments there are of each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of outcomes")]
pub struct Counts {
    pub right: usize,
    pub wrong: usize,
    pub tie: usize,
    pub unparsed: usize,
    pub failed: usize,
    /// Right for one item and wrong for another: their golds are contrary.
    pub contrary: usize,
    /// Scores of single answers.
    pub scored: usize,
}

/// Gathers [`Cases`], file by file.
#[derive(Debug, Default)]
pub struct CasesBuilder {
    cases: Cases,
    numbers: HashMap<(Arc<str>, u64), u32>,
}

impl CasesBuilder {
    /// Adds a run: the file of its judgments with its path, and what these speak of.
    pub fn add(&mut self, run: &str, (path, file): (&Path, File), material: Arc<Material>) -> Result<(), CasesError> {
        let wrong = |error| CasesError::Io { path: path.to_path_buf(), error };
        (&file).rewind().map_err(wrong)?;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        self.cases.materials.push(material);
        let (mut text, mut offset, mut number) = (String::new(), 0, 0);
        loop {
            text.clear();
            let length = reader.read_line(&mut text).map_err(wrong)?;
            if length == 0 {
                break;
            }
            number += 1;
            let line = JudgmentLine::parse(&text, number)
                .map_err(|error| CasesError::Line { path: path.to_path_buf(), error })?;
            if let Some(line) = line {
                self.judgment(run, &text, &line, offset);
            }
            offset += length as u64;
        }
        self.cases.files.push((path.to_path_buf(), file));
        Ok(())
    }

    fn judgment(&mut self, run: &str, text: &str, line: &JudgmentLine<'_>, offset: u64) {
        let Some(first) = line.items.first() else { return };
        let cell = self.cell(run, line);
        let comparison = self.comparison(line, first);
        let cases = &self.cases;
        let shown = cases.shown(&cases.comparisons[comparison as usize], cases.materials.len() - 1, line);
        let picked = picked(line.verdict(), first.shown.len(), shown.as_deref().unwrap_or_default());
        let arrangement = shown.as_deref().map_or(!u32::from(line.order), arrangement);
        let mut outcomes = Outcomes::default();
        line.items.iter().filter_map(|item| item.outcome).for_each(|outcome| outcomes.add(outcome));
        let reason = line.reason().map_or(0, |reason| self.cases.reasons.number(reason) + 1);
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (at, reply) = line.reply_place(text);
        self.cases.entries.push(Entry {
            cell,
            order: line.order,
            sample: line.sample,
            comparison,
            arrangement,
            picked,
            outcomes,
            reason: u8::try_from(reason).unwrap_or(u8::MAX),
            odds: 0,
            file: u16::try_from(self.cases.files.len()).unwrap_or(u16::MAX),
            offset,
            length: short(text.len()),
            reply: (short(at), short(reply)),
        });
    }

    fn cell(&mut self, run: &str, line: &JudgmentLine<'_>) -> u16 {
        let is_of = |cell: &Cell| {
            let name = &cell.name;
            *name.judge == *line.judge
                && name.strategy.as_deref() == line.strategy()
                && *name.bench == *line.bench
                && *name.run == *run
        };
        // Judgments of a cell stand together.
        let at = self.cases.cells.iter().rposition(is_of).unwrap_or_else(|| {
            let (run, judge, bench) = (Arc::from(run), Arc::from(&*line.judge), Arc::from(&*line.bench));
            let name = CellName { run, judge, strategy: line.strategy().map(Arc::from), bench };
            let key = key(&name);
            self.cases.cells.push(Cell { name, key, run: self.cases.materials.len() - 1 });
            self.cases.cells.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The number of what a line is about. Items that hold it in one run and not in another are put together.
    fn comparison(&mut self, line: &JudgmentLine<'_>, first: &LineItem<'_>) -> u32 {
        let hash = hash_number(&line.hash);
        let cases = &mut self.cases;
        let leg = |cases: &mut Cases, item: &LineItem<'_>| Leg {
            item: cases.items.number(&item.id),
            group: cases.groups.number(&item.group),
            task: item.task,
        };
        let key = (Arc::from(&*line.bench), hash);
        let at = self.numbers.get(&key).copied().unwrap_or_else(|| {
            let (run, bench_name, candidates) =
                (cases.materials.len() - 1, Arc::clone(&key.0), ascending(&first.shown));
            cases.comparisons.push(Comparison { hash, bench_name, run, legs: Vec::new(), candidates, source: None });
            let at = u32::try_from(cases.comparisons.len() - 1).unwrap_or(u32::MAX);
            self.numbers.insert(key, at);
            at
        });
        for item in &line.items {
            let leg = leg(cases, item);
            let legs = &mut cases.comparisons[at as usize].legs;
            if !legs.contains(&leg) {
                legs.push(leg);
            }
        }
        self.find_texts(at, line);
        at
    }

    /// Takes the texts of a comparison from the run of a line about it, unless they are at hand: best by the item that numbers its answers.
    fn find_texts(&mut self, at: u32, line: &JudgmentLine<'_>) {
        let cases = &self.cases;
        let comparison = &cases.comparisons[at as usize];
        if comparison.is_told_by_teller() {
            return;
        }
        let teller = cases.teller(comparison);
        let same_id = line.items.iter().find(|item| *item.id == *teller);
        let run = cases.materials.len() - 1;
        let Some(item) = same_id.or(line.items.first().filter(|_| comparison.source.is_none())) else { return };
        let Some(bench) = cases.materials[run].bench(&line.bench) else { return };
        if cases.materials[run].item(bench, &item.id).is_none() {
            return;
        }
        let candidates = ascending(&item.shown);
        let item = self.cases.items.number(&item.id);
        self.cases.comparisons[at as usize].source = Some(Source { run, bench, item, candidates });
    }

    /// Everything that was added.
    #[must_use]
    pub fn build(self) -> Cases {
        let mut cases = self.cases;
        let key = |at: &u32| {
            let entry = &cases.entries[*at as usize];
            (entry.comparison, entry.cell, entry.sample, entry.order)
        };
        let mut beside: Vec<u32> = (0..u32::try_from(cases.entries.len()).unwrap_or(u32::MAX)).collect();
        beside.sort_by_key(key);
        cases.starts = vec![0; cases.comparisons.len() + 1];
        for entry in &cases.entries {
            cases.starts[entry.comparison as usize + 1] += 1;
        }
        for at in 1..cases.starts.len() {
            cases.starts[at] += cases.starts[at - 1];
        }
        cases.beside = beside;
        cases.contradict();
        cases
    }
}

impl Cases {
    /// How many judgments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A judgment, by its number.
    #[must_use]
    pub fn entry(&self, number: u32) -> &Entry {
        &self.entries[number as usize]
    }

    /// The benchmark of a judgment, by its name.
    #[must_use]
    pub fn bench(&self, number: u32) -> &str {
        &self.cells[usize::from(self.entry(number).cell)].name.bench
    }

    /// The name and the key in links of each cell.
    pub fn cells(&self) -> impl Iterator<Item = (&CellName, &str)> {
        self.cells.iter().map(|cell| (&cell.name, cell.key.as_str()))
    }

    /// All group paths and those above them, sorted.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let above = |path: &Arc<str>| {
            let path = path.to_string();
            let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect();
            ends.into_iter().map(move |end| path[..end].to_owned())
        };
        let mut groups: Vec<String> = self.groups.names.iter().flat_map(above).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The ids of all items.
    pub fn item_ids(&self) -> impl Iterator<Item = &str> {
        self.items.names.iter().map(|id| &**id)
    }

    /// All reasons why there is no verdict.
    #[must_use]
    pub fn reasons(&self) -> &[Arc<str>] {
        &self.reasons.names
    }

    /// What is not at hand, and why.
    pub fn gaps(&self) -> impl Iterator<Item = &str> {
        self.materials.iter().flat_map(|material| material.gaps()).map(String::as_str)
    }

    /// How many of these judgments there are of each outcome.
    #[must_use]
    pub fn counts(&self, numbers: &[u32]) -> Counts {
        let mut counts = Counts::default();
        for number in numbers {
            let entry = self.entry(*number);
            *match entry.outcome() {
                Some(Outcome::Right) => &mut counts.right,
                Some(Outcome::Wrong) => &mut counts.wrong,
                Some(Outcome::Tie) => &mut counts.tie,
                Some(Outcome::Unparsed) => &mut counts.unparsed,
                Some(Outcome::Failed) => &mut counts.failed,
                None if entry.is_contrary() => &mut counts.contrary,
                None => &mut counts.scored,
            } += 1;
        }
        counts
    }

    /// The numbers of all judgments of a comparison, by cell, sample and order.
    pub(super) fn beside(&self, comparison: u32) -> &[u32] {
        let at = comparison as usize;
        &self.beside[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The line of a judgment in its file.
    pub(super) fn text(&self, entry: &Entry) -> Result<String, CasesError> {
        let (path, file) = &self.files[usize::from(entry.file)];
        let mut bytes = vec![0; entry.length as usize];
        let changed = || CasesError::Changed { path: path.clone() };
        match file.read_exact_at(&mut bytes, entry.offset) {
            Ok(()) => String::from_utf8(bytes).map_err(|_| changed()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(changed()),
            Err(error) => Err(CasesError::Io { path: path.clone(), error }),
        }
    }

    /// Marks what contradicts each other.
    fn contradict(&mut self) {
        for comparison in 0..self.comparisons.len() {
            let comparison = u32::try_from(comparison).unwrap_or(u32::MAX);
            let all = self.beside(comparison).to_vec();
            self.mark(&all, Odd::Cells, |entry| (0, entry.arrangement, entry.sample));
            self.mark(&all, Odd::Orders, |entry| (entry.cell, 0, entry.sample));
            self.mark(&all, Odd::Samples, |entry| (entry.cell, entry.arrangement, 0));
        }
    }

    /// Marks those of one key that prefer different answers.
    fn mark(&mut self, all: &[u32], odd: Odd, key: impl Fn(&Entry) -> (u16, u32, u32)) {
        let mut first: HashMap<(u16, u32, u32), (Picked, bool)> = HashMap::new();
        for number in all {
            let entry = self.entry(*number);
            if entry.picked != Picked::Nothing {
                let (picked, differ) = first.entry(key(entry)).or_insert((entry.picked, false));
                *differ |= *picked != entry.picked;
            }
        }
        for number in all {
            let entry = &mut self.entries[*number as usize];
            let differ = first.get(&key(entry)).is_some_and(|(_, differ)| *differ);
            if differ && entry.picked != Picked::Nothing {
                entry.odds |= odd.bit();
            }
        }
    }
}

/// Candidates in ascending order.
fn ascending(shown: &[usize]) -> Vec<u16> {
    let mut candidates: Vec<u16> = shown.iter().map(|at| u16::try_from(*at).unwrap_or(u16::MAX)).collect();
    candidates.sort_unstable();
    candidates
}

/// What stands in which slot as one number: the order of one run may be another's other order, where their seeds differ.
fn arrangement(shown: &[usize]) -> u32 {
    shown.iter().fold(0, |number: u32, at| number.wrapping_mul(31).wrapping_add(u32::try_from(*at).unwrap_or(u32::MAX)))
}

/// The first sixteen digits of a hash as a number.
fn hash_number(hash: &str) -> u64 {
    hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// The key of a cell in links: a hash of its names.
fn key(name: &CellName) -> String {
    let fields = Fields::new("tribunal cell key v1").text(&name.run).text(&name.judge).text(&name.bench);
    fields.optional(name.strategy.as_ref().map(|strategy| strategy.as_bytes())).finish().short(KEY)
}

/// What a verdict on so many slots prefers of the candidates in them.
fn picked(verdict: Option<&str>, slots: usize, shown: &[usize]) -> Picked {
    match verdict.and_then(|word| said(word, slots)) {
        Some(Said::First(slots)) => match slots[..] {
            [slot] => {
                let candidate = shown.get(usize::from(slot)).and_then(|candidate| u16::try_from(*candidate).ok());
                candidate.map_or(Picked::Nothing, Picked::Candidate)
            }
            _ => Picked::Tie,
        },
        Some(Said::Score(_)) | None => Picked::Nothing,
    }
}
