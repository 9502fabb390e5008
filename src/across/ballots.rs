//! The votes of cells, as the `judgments.jsonl` of their runs tell them: what each preferred of a comparison, as it was shown.

use std::collections::HashMap;
use std::sync::Arc;

use super::cells::{CellData, CellName};
use super::line::{JudgmentLine, LineError, LineItem};
use crate::bench::Task;
use crate::score::{Outcome, Said, Stands, said};

/// A text that does not have the choice of which it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BallotsError {
    /// A line that is no judgment.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Single answers whose standing was not written down.
    #[error(
        "line {line}: it does not say whether the answer is a best one: run the same command again, which asks nothing new and writes it"
    )]
    Stands {
        /// Counted from 1.
        line: usize,
    },
    /// Cells that were asked about pairs or lists, and others about single answers.
    #[error(
        "{choosing} prefers one answer to others, and {scoring} scores each alone: choose cells of one kind with RUN#judge/strategy"
    )]
    Mixed {
        /// A cell of the first kind.
        choosing: String,
        /// One of the other kind.
        scoring: String,
    },
}

/// Slots that share the first place: the number of the set.
pub(super) type Category = u32;

/// What a cell makes of a comparison as it was shown: its samples put together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Vote {
    /// It was not asked.
    Absent,
    /// A sample has no reply.
    Failed,
    /// No sample holds a verdict.
    Unparsed,
    /// The plurality of its samples; where these share the top, all that they prefer.
    For(Category),
    /// The mean of its samples.
    Score(f64),
}

/// The samples of a cell.
#[derive(Clone, Debug, Default)]
struct Samples {
    votes: Vec<(Category, u32)>,
    scores: Vec<f64>,
    unparsed: u32,
    failed: u32,
}

/// What a comparison is to an item.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) item: usize,
    /// The candidates that are compared, in ascending order.
    candidates: Vec<usize>,
    pub(super) stands: Option<Stands>,
    /// For each showing of the comparison, in their order.
    pub(super) views: Vec<View>,
}

/// What a showing of a comparison is to an item.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// The candidates in slots A, B, ...; empty where no cell was asked.
    pub(super) shown: Vec<usize>,
    /// Which cells list it.
    listed: Vec<bool>,
    /// What each preference that was met comes to.
    outcomes: Vec<(Category, Outcome)>,
}

impl Leg {
    /// Whether a cell was asked about it in an order.
    pub(super) fn is_told_of(&self, order: usize, cell: usize) -> bool {
        self.views.get(order).is_some_and(|view| view.listed.get(cell) == Some(&true))
    }

    /// Which candidates stand in some slots in an order: their places among those that are compared, in ascending order.
    pub(super) fn candidates_in(&self, order: usize, slots: &[u8]) -> Vec<usize> {
        let shown = |slot: &u8| self.views[order].shown.get(usize::from(*slot));
        let place = |candidate: &usize| self.candidates.iter().position(|known| known == candidate);
        let mut places: Vec<usize> = slots.iter().filter_map(shown).filter_map(place).collect();
        places.sort_unstable();
        places
    }
}

impl View {
    /// Whether every cell was asked.
    pub(super) fn is_shared(&self) -> bool {
        !self.listed.is_empty() && self.listed.iter().all(|listed| *listed)
    }

    /// What a preference comes to; of one that only joins others, what these come to.
    pub(super) fn outcome(&self, category: Category, sets: &Sets) -> Outcome {
        let known = |category| self.outcomes.iter().find(|(known, _)| *known == category).map(|(_, outcome)| *outcome);
        known(category).unwrap_or_else(|| {
            let slots = &sets.list[category as usize];
            let parts =
                self.outcomes.iter().filter(|(part, _)| sets.list[*part as usize].iter().all(|s| slots.contains(s)));
            parts.map(|(_, outcome)| *outcome).reduce(Outcome::shared).unwrap_or(Outcome::Tie)
        })
    }
}

/// A comparison in one order.
#[derive(Debug)]
pub(super) struct Showing {
    /// Whether the texts are equal: a tie by definition, which nobody was asked about.
    pub(super) is_equal: bool,
    /// How many slots there are.
    pub(super) slots: usize,
    samples: Vec<Samples>,
    /// By cell.
    pub(super) votes: Vec<Vote>,
}

/// A comparison: its items, and the orders in which it was shown.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) legs: Vec<Leg>,
    pub(super) showings: Vec<Showing>,
}

/// An item that any cell has.
#[derive(Debug)]
pub(super) struct BallotItem {
    pub(super) task: Task,
    pub(super) group: Arc<str>,
    pub(super) conversation: Arc<str>,
    /// The number of its conversation.
    pub(super) cluster: u32,
    /// How many cells have it.
    pub(super) cells: usize,
}

/// Sets of slots, each with a number.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) list: Vec<Vec<u8>>,
    index: HashMap<Vec<u8>, Category>,
}

impl Sets {
    fn number(&mut self, mut slots: Vec<u8>) -> Category {
        slots.sort_unstable();
        slots.dedup();
        if let Some(known) = self.index.get(&slots) {
            return *known;
        }
        let number = narrow(self.list.len());
        self.list.push(slots.clone());
        self.index.insert(slots, number);
        number
    }
}

/// The votes of some cells of one benchmark.
#[derive(Debug)]
pub struct Ballots {
    pub(super) cells: Vec<CellName>,
    pub(super) items: Vec<BallotItem>,
    pub(super) comparisons: Vec<Compared>,
    pub(super) sets: Sets,
    /// Whether the cells score single answers; `None` before the first line.
    is_scored: Option<bool>,
    item_of: HashMap<Arc<str>, usize>,
    comparison_of: HashMap<Box<str>, usize>,
    words: HashMap<(Box<str>, usize), Option<Read>>,
    first_of_kind: [Option<usize>; 2],
}

#[derive(Clone, Copy, Debug)]
enum Read {
    For(Category),
    Score(f64),
}

impl Ballots {
    /// No votes yet, of these cells and the items that their runs hold.
    #[must_use]
    pub fn new(cells: &[&CellData]) -> Self {
        let (mut items, mut item_of): (Vec<BallotItem>, HashMap<Arc<str>, usize>) = (Vec::new(), HashMap::new());
        let mut clusters: HashMap<Arc<str>, u32> = HashMap::new();
        for item in cells.iter().flat_map(|cell| &cell.items) {
            let next = narrow(clusters.len());
            let cluster = *clusters.entry(Arc::clone(&item.conversation)).or_insert(next);
            let at = *item_of.entry(Arc::clone(&item.id)).or_insert_with(|| {
                let (group, conversation) = (Arc::clone(&item.group), Arc::clone(&item.conversation));
                items.push(BallotItem { task: item.task, group, conversation, cluster, cells: 0 });
                items.len() - 1
            });
            items[at].cells += 1;
        }
        Self {
            cells: cells.iter().map(|cell| cell.name.clone()).collect(),
            items,
            comparisons: Vec::new(),
            sets: Sets::default(),
            is_scored: None,
            item_of,
            comparison_of: HashMap::new(),
            words: HashMap::new(),
            first_of_kind: [None; 2],
        }
    }

    /// Adds the votes that a run's `judgments.jsonl` holds; lines of other cells are passed over.
    pub fn add(&mut self, run: &str, judgments: &str) -> Result<(), BallotsError> {
        let mut last = 0;
        for line in JudgmentLine::all(judgments) {
            let (number, line) = line?;
            let is_of = |name: &CellName| {
                *name.judge == *line.judge
                    && name.strategy.as_deref() == line.strategy()
                    && *name.bench == *line.bench
                    && *name.run == *run
            };
            // Lines of a cell stand together.
            if !self.cells.get(last).is_some_and(is_of) {
                let Some(cell) = self.cells.iter().position(is_of) else { continue };
                last = cell;
            }
            self.add_line(last, number, &line)?;
        }
        Ok(())
    }

    fn add_line(&mut self, cell: usize, number: usize, line: &JudgmentLine<'_>) -> Result<(), BallotsError> {
        let is_equal = line.reason() == Some("equal_texts");
        let slots = line.items.first().map_or(0, |item| item.shown.len());
        self.check_kind(cell, slots == 1 && !is_equal)?;
        if self.is_scored == Some(true) && line.items.iter().any(|item| item.stands.is_none()) {
            return Err(BallotsError::Stands { line: number });
        }
        let read = self.read(line.verdict(), slots);
        let read = read.map_err(|problem| LineError { line: number, problem })?;
        let known = self.comparison_of.get(&*line.hash).copied();
        let place = known.unwrap_or_else(|| {
            self.comparison_of.insert(line.hash.as_ref().into(), self.comparisons.len());
            self.comparisons.push(Compared::default());
            self.comparisons.len() - 1
        });
        let legs: Vec<(usize, &LineItem<'_>)> =
            line.items.iter().filter_map(|item| Some((*self.item_of.get(&*item.id)?, item))).collect();
        let compared = &mut self.comparisons[place];
        let showing = compared.showing(&legs, || Showing {
            is_equal,
            slots,
            samples: vec![Samples::default(); self.cells.len()],
            votes: vec![Vote::Absent; self.cells.len()],
        });
        for (item, told) in legs {
            let view = compared.view(item, told, showing);
            view.listed.resize(self.cells.len(), false);
            view.listed[cell] = true;
            if let (Some(Read::For(category)), Some(outcome)) = (read, told.outcome)
                && !view.outcomes.iter().any(|(known, _)| *known == category)
            {
                view.outcomes.push((category, outcome));
            }
        }
        let is_failed = line.reason() == Some("failed");
        compared.showings[showing].samples[cell].add(read, is_failed);
        Ok(())
    }

    fn check_kind(&mut self, cell: usize, is_scored: bool) -> Result<(), BallotsError> {
        self.first_of_kind[usize::from(is_scored)].get_or_insert(cell);
        if let [Some(choosing), Some(scoring)] = self.first_of_kind {
            let (choosing, scoring) = (self.cells[choosing].to_string(), self.cells[scoring].to_string());
            return Err(BallotsError::Mixed { choosing, scoring });
        }
        self.is_scored = Some(is_scored);
        Ok(())
    }

    fn read(&mut self, word: Option<&str>, slots: usize) -> Result<Option<Read>, String> {
        let Some(word) = word else { return Ok(None) };
        // Scores are many, the others few.
        let is_number = word.bytes().any(|byte| byte.is_ascii_digit());
        if !is_number && let Some(known) = self.words.get(&(Box::from(word), slots)) {
            return Ok(*known);
        }
        let read = match said(word, slots).ok_or_else(|| format!("`{word}` is no verdict on {slots} answers"))? {
            Said::First(slots) => Read::For(self.sets.number(slots)),
            Said::Score(score) => return Ok(Some(Read::Score(score))),
        };
        self.words.insert((word.into(), slots), Some(read));
        Ok(Some(read))
    }

    /// Whether the cells score each answer alone.
    #[must_use]
    pub fn are_scores(&self) -> bool {
        self.is_scored == Some(true)
    }

    /// Puts the samples together, once all runs are read.
    #[must_use]
    pub fn counted(mut self) -> Self {
        for showing in self.comparisons.iter_mut().flat_map(|compared| &mut compared.showings) {
            let samples = std::mem::take(&mut showing.samples);
            showing.votes = samples.iter().map(|samples| samples.vote(&mut self.sets)).collect();
        }
        self
    }
}

impl Compared {
    /// The place of the showing in which one of the items has these candidates in these slots; a new one, if there is none.
    fn showing(&mut self, legs: &[(usize, &LineItem<'_>)], new: impl FnOnce() -> Showing) -> usize {
        let is_shown = |at: &usize| {
            let is_leg = |leg: &Leg| {
                legs.iter().any(|(item, told)| {
                    *item == leg.item && leg.views.get(*at).is_some_and(|view| view.shown == told.shown)
                })
            };
            self.legs.iter().any(is_leg)
        };
        (0..self.showings.len()).find(is_shown).unwrap_or_else(|| {
            self.showings.push(new());
            self.showings.len() - 1
        })
    }

    fn view(&mut self, item: usize, told: &LineItem<'_>, showing: usize) -> &mut View {
        let mut candidates = told.shown.clone();
        candidates.sort_unstable();
        let at = self.legs.iter().position(|leg| leg.item == item && leg.candidates == candidates);
        let at = at.unwrap_or_else(|| {
            self.legs.push(Leg { item, candidates, stands: told.stands, views: Vec::new() });
            self.legs.len() - 1
        });
        let views = &mut self.legs[at].views;
        if views.len() <= showing {
            views.resize(showing + 1, View::default());
        }
        views[showing].shown.clone_from(&told.shown);
        &mut views[showing]
    }
}

impl Samples {
    fn add(&mut self, read: Option<Read>, is_failed: bool) {
        match read {
            Some(Read::For(category)) => match self.votes.iter_mut().find(|(known, _)| *known == category) {
                Some((_, count)) => *count += 1,
                None => self.votes.push((category, 1)),
            },
            Some(Read::Score(score)) => self.scores.push(score),
            None if is_failed => self.failed += 1,
            None => self.unparsed += 1,
        }
    }

    /// As `score` puts samples together: one failed is failed, none parsed is unparsed, a shared top is a tie of all that it prefers.
    fn vote(&self, sets: &mut Sets) -> Vote {
        if self.failed > 0 {
            return Vote::Failed;
        }
        if !self.scores.is_empty() {
            return Vote::Score(self.scores.iter().sum::<f64>() / self.scores.len() as f64);
        }
        let Some(most) = self.votes.iter().map(|(_, count)| *count).max() else {
            return if self.unparsed > 0 { Vote::Unparsed } else { Vote::Absent };
        };
        let top: Vec<Category> =
            self.votes.iter().filter(|(_, count)| *count == most).map(|(category, _)| *category).collect();
        match *top {
            [one] => Vote::For(one),
            _ => {
                Vote::For(sets.number(top.iter().flat_map(|category| sets.list[*category as usize].clone()).collect()))
            }
        }
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
