//! Finds judgments.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::entry::Entry;
use super::error::CasesError;
use super::filter::{Filter, Flip, Place};
use super::gather::{Cases, Comparison, Leg, Names};
use super::material::Indexed;
use super::needle::Needle;
use crate::across::{CellName, LineItem};
use crate::bench::Bench;
use crate::score::Outcome;

/// So much of a file is read at once, in bytes.
const WINDOW: usize = 1 << 20;
/// Replies that stand so near each other are read together.
const NEAR: u64 = 64 << 10;

impl Cases {
    /// The numbers of the judgments that a filter lets through, in the order of the runs and their plans.
    pub fn find(&self, filter: &Filter) -> Result<Vec<u32>, CasesError> {
        let cells: Vec<bool> = self.cells.iter().map(|cell| filter.lets_cell(&cell.name)).collect();
        let Some(wanted) = Wanted::new(self, filter) else { return Ok(Vec::new()) };
        let comparisons: Vec<bool> = self.comparisons.iter().map(|comparison| wanted.has(comparison)).collect();
        let is_wanted = |entry: &Entry| {
            cells[usize::from(entry.cell)]
                && comparisons[entry.comparison as usize]
                && filter.outcome.is_none_or(|outcome| entry.is(outcome))
                && wanted.reason.is_none_or(|reason| entry.reason == reason)
                && filter.odd.is_none_or(|odd| entry.odds & odd.bit() != 0)
                && wanted.against.is_none_or(|cell| self.flips(entry, cell, filter.flip))
        };
        let numbers = 0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut found: Vec<u32> = numbers.filter(|number| is_wanted(self.entry(*number))).collect();
        if let Some(outcome) = filter.outcome {
            self.keep_of_wanted_items(&mut found, outcome, &wanted)?;
        }
        match filter.text.as_deref().map(Needle::new) {
            None => Ok(found),
            Some(None) => Err(CasesError::TooLong),
            Some(Some(needle)) => self.holding(&found, &needle, filter.place),
        }
    }

    /// Keeps those with an outcome for an item that is looked for: where golds are contrary, it may be that of another.
    fn keep_of_wanted_items(
        &self,
        found: &mut Vec<u32>,
        outcome: Outcome,
        wanted: &Wanted<'_>,
    ) -> Result<(), CasesError> {
        let mut kept = Vec::with_capacity(found.len());
        for number in found.iter().copied() {
            let entry = self.entry(number);
            let is_wanted = !entry.is_contrary() || {
                let text = self.text(entry)?;
                let of = |item: &LineItem<'_>| wanted.has_leg(&self.leg(item)) && item.outcome == Some(outcome);
                self.line(entry, &text)?.items.iter().any(of)
            };
            kept.extend(is_wanted.then_some(number));
        }
        *found = kept;
        Ok(())
    }

    /// An item of a line that was gathered.
    fn leg(&self, item: &LineItem<'_>) -> Leg {
        let known = |names: &Names, name: &str| names.known(name).unwrap_or(u32::MAX);
        Leg { item: known(&self.items, &item.id), group: known(&self.groups, &item.group), task: item.task }
    }

    /// Whether a judgment differs from that of another cell which was shown the same in the same slots, for the same sample. What was not
    /// answered differs from nothing.
    fn flips(&self, entry: &Entry, cell: u16, flip: Flip) -> bool {
        let is_other = |other: &&Entry| {
            other.cell == cell && other.arrangement == entry.arrangement && other.sample == entry.sample
        };
        let other = self.beside(entry.comparison).iter().map(|number| self.entry(*number)).find(is_other);
        let (Some(other), true) = (other, entry.cell != cell) else { return false };
        if entry.is(Outcome::Failed) || other.is(Outcome::Failed) {
            return false;
        }
        let right = |entry: &Entry| entry.outcome() == Some(Outcome::Right);
        match flip {
            // Golds that contradict each other say nothing of who is right, but picks differ all the same.
            Flip::Any if entry.is_contrary() && other.is_contrary() => entry.picked != other.picked,
            Flip::Any => entry.outcome() != other.outcome(),
            Flip::Won => right(entry) && !right(other),
            Flip::Lost => !right(entry) && right(other),
        }
    }

    /// Those of the judgments whose texts or replies hold a text.
    fn holding(&self, numbers: &[u32], needle: &Needle, place: Place) -> Result<Vec<u32>, CasesError> {
        let in_texts = match place {
            Place::All | Place::Texts => self.comparisons_holding(needle),
            Place::Reply => vec![false; self.comparisons.len()],
        };
        let holds = |number: &u32| in_texts[self.entry(*number).comparison as usize];
        if place == Place::Texts {
            return Ok(numbers.iter().copied().filter(holds).collect());
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let part = numbers.len().div_ceil(threads).max(1);
        let search = |numbers: &[u32]| {
            let mut replies = Replies::new(self);
            let mut found = Vec::new();
            for (at, number) in numbers.iter().enumerate() {
                let next = numbers.get(at + 1).map(|next| self.entry(*next));
                if holds(number) || needle.is_in_written(replies.of(self.entry(*number), next)?) {
                    found.push(*number);
                }
            }
            Ok(found)
        };
        let parts: Vec<Result<Vec<u32>, CasesError>> = in_threads(numbers.chunks(part), search);
        Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Whether the conversation of each comparison, or an answer that is compared, holds a text.
    fn comparisons_holding(&self, needle: &Needle) -> Vec<bool> {
        // Runs that ask about the same texts share them: these are searched once.
        let mut known: Vec<(&Arc<Indexed>, Arc<[bool]>)> = Vec::new();
        let mut found: Vec<Vec<Arc<[bool]>>> = Vec::new();
        for material in &self.materials {
            let mut of_material = Vec::new();
            for bench in &material.benches {
                let place = known.iter().position(|(known, _)| Arc::ptr_eq(known, bench)).unwrap_or_else(|| {
                    known.push((bench, texts_holding(&bench.bench, needle).into()));
                    known.len() - 1
                });
                of_material.push(Arc::clone(&known[place].1));
            }
            found.push(of_material);
        }
        let holds = |comparison: &Comparison| {
            let (Some((bench, item)), Some(source)) = (self.told(comparison), &comparison.source) else { return false };
            let found = &found[source.run][source.bench];
            let turns = bench.conversation(item.conversation).iter().map(|turn| turn.content);
            let answers = source.candidates.iter().filter_map(|at| item.candidates.get(usize::from(*at)));
            turns.chain(answers.map(|answer| answer.text)).any(|text| found[text.index()])
        };
        self.comparisons.iter().map(holds).collect()
    }
}

/// Whether each text of a benchmark holds a text.
fn texts_holding(bench: &Bench, needle: &Needle) -> Vec<bool> {
    let texts = bench.texts.all();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part = texts.len().div_ceil(threads).max(1);
    let search = |texts: &[Arc<str>]| texts.iter().map(|text| needle.is_in(text)).collect::<Vec<bool>>();
    in_threads(texts.chunks(part), search).concat()
}

/// What becomes of each part, worked out at the same time, in their order.
fn in_threads<P: Send, T: Send>(parts: impl Iterator<Item = P>, work: impl Fn(P) -> T + Sync) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The numbers behind the words of a filter.
struct Wanted<'a> {
    filter: &'a Filter,
    groups: Vec<bool>,
    item: Option<u32>,
    reason: Option<u8>,
    against: Option<u16>,
}

impl<'a> Wanted<'a> {
    /// `None` where a word is that of nothing here.
    fn new(cases: &Cases, filter: &'a Filter) -> Option<Self> {
        let within = |path: &str, group: &str| {
            path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let groups = cases.groups.names.iter();
        let groups = groups.map(|path| filter.group.as_ref().is_none_or(|group| within(path, group))).collect();
        let item = filter.item.as_ref().map(|item| cases.items.known(item).ok_or(())).transpose().ok()?;
        let reason = filter.reason.as_ref().map(|reason| cases.reasons.known(reason).ok_or(())).transpose().ok()?;
        let reason = reason.map(|number| u8::try_from(number + 1).unwrap_or(u8::MAX));
        let place = |key: &String| cases.cells.iter().position(|cell| cell.key == *key).ok_or(());
        let against = filter.against.as_ref().map(place).transpose().ok()?;
        let against = against.map(|at| u16::try_from(at).unwrap_or(u16::MAX));
        Some(Self { filter, groups, item, reason, against })
    }

    /// Whether an item that holds a comparison is looked for.
    fn has(&self, comparison: &Comparison) -> bool {
        comparison.legs.iter().any(|leg| self.has_leg(leg))
    }

    fn has_leg(&self, leg: &Leg) -> bool {
        self.groups.get(leg.group as usize) == Some(&true)
            && self.item.is_none_or(|item| item == leg.item)
            && self.filter.task.is_none_or(|task| task == leg.task)
    }
}

impl Filter {
    fn lets_cell(&self, name: &CellName) -> bool {
        let is = |wanted: &Option<String>, word: &str| wanted.as_ref().is_none_or(|wanted| wanted == word);
        is(&self.run, &name.run)
            && is(&self.judge, &name.judge)
            && is(&self.bench, &name.bench)
            && is(&self.strategy, name.strategy.as_deref().unwrap_or_default())
    }
}

/// Replies as they are written in the files, read a window at a time.
struct Replies<'a> {
    cases: &'a Cases,
    file: u16,
    start: u64,
    window: Vec<u8>,
}

impl<'a> Replies<'a> {
    fn new(cases: &'a Cases) -> Self {
        Self { cases, file: u16::MAX, start: 0, window: Vec::new() }
    }

    /// The reply of a judgment; `next` is the one that is asked for after it.
    fn of(&mut self, entry: &Entry, next: Option<&Entry>) -> Result<&[u8], CasesError> {
        let (at, length) = (entry.offset + u64::from(entry.reply.0), entry.reply.1 as usize);
        let end = at + length as u64;
        let is_there = self.file == entry.file && self.start <= at && end <= self.start + self.window.len() as u64;
        if !is_there {
            let is_near = next.is_some_and(|next| next.file == entry.file && next.offset.saturating_sub(end) < NEAR);
            let (path, file) = &self.cases.files[usize::from(entry.file)];
            let most = if is_near { length.max(WINDOW) } else { length };
            self.window.resize(most, 0);
            let read = read_at(file, &mut self.window, at, path)?;
            self.window.truncate(read);
            (self.file, self.start) = (entry.file, at);
        }
        let from = usize::try_from(at - self.start).unwrap_or_default();
        Ok(self.window.get(from..from + length).unwrap_or_default())
    }
}

/// Reads until the buffer is full or the file ends.
fn read_at(file: &File, buffer: &mut [u8], offset: u64, path: &Path) -> Result<usize, CasesError> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CasesError::Io { path: path.to_path_buf(), error }),
        }
    }
    Ok(read)
}
