//! What a list can be filtered by.

use serde::Serialize;

use super::query::Query;
use super::shelf::Look;
use crate::across::CellName;
use crate::bench::Task;
use crate::cases::{Flip, Odd, Place};
use crate::report::{plain, word};
use crate::score::Outcome;

/// A way to filter: its word in addresses, what it is called, and what may be chosen.
#[derive(Serialize)]
pub(super) struct Choice {
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

impl Choice {
    fn new(
        key: &'static str,
        label: &'static str,
        chosen: Option<&str>,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let option = |(value, label): (String, String)| Choosable {
            is_chosen: chosen == Some(value.as_str()),
            label: plain(&label),
            value,
        };
        Self { key, label, options: options.into_iter().map(option).collect() }
    }

    /// Between names, each once, in their order; what has no name cannot be chosen.
    fn named(
        key: &'static str,
        label: &'static str,
        chosen: Option<&String>,
        names: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        Self::new(key, label, chosen.map(String::as_str), names.into_iter().map(|name| (name.clone(), name)))
    }

    /// Between the words of several.
    fn words<T: Serialize + Copy>(
        key: &'static str,
        label: &'static str,
        chosen: Option<T>,
        options: &[(T, &str)],
    ) -> Self {
        let option = |(value, label): &(T, &str)| Some((word(*value)?, (*label).to_owned()));
        Self::new(key, label, chosen.and_then(word).as_deref(), options.iter().filter_map(option))
    }

    fn has_several(&self) -> bool {
        self.options.len() > 1
    }
}

/// What may be chosen. Where there is only one of a kind, it is not asked about.
pub(super) fn choices(look: &Look, query: &Query) -> Vec<Choice> {
    let filter = &query.filter;
    let cells: Vec<(&CellName, &str)> = look.cases.cells().collect();
    let of_cells = |name: fn(&CellName) -> Option<&str>| {
        cells.iter().filter_map(move |(cell, _)| name(cell).map(str::to_owned)).collect::<Vec<_>>()
    };
    let names = [
        Choice::named("run", "run", filter.run.as_ref(), of_cells(|cell| Some(&cell.run))),
        Choice::named("judge", "judge", filter.judge.as_ref(), of_cells(|cell| Some(&cell.judge))),
        Choice::named("strategy", "strategy", filter.strategy.as_ref(), of_cells(|cell| cell.strategy.as_deref())),
        Choice::named("bench", "benchmark", filter.bench.as_ref(), of_cells(|cell| Some(&cell.bench))),
        Choice::named("group", "scenario", filter.group.as_ref(), look.cases.groups()),
    ];
    let has_runs = names[0].has_several();
    let reasons = look.cases.reasons().iter().map(ToString::to_string);
    let reasons = Choice::named("reason", "reason", filter.reason.as_ref(), reasons);
    let mut choices: Vec<Choice> = names.into_iter().filter(Choice::has_several).collect();
    let tasks = [Task::Pairwise, Task::Bon].map(|task| (task, task.label()));
    choices.push(Choice::words("task", "task", filter.task, &tasks));
    let outcomes = Outcome::ALL.map(|outcome| (outcome, outcome.as_str()));
    choices.push(Choice::words("outcome", "outcome", filter.outcome, &outcomes));
    choices.extend(Some(reasons).filter(|reasons| !reasons.options.is_empty()));
    choices.push(Choice::words(
        "odd",
        "contradicted by",
        filter.odd,
        &[
            (Odd::Cells, "another judge or strategy"),
            (Odd::Orders, "itself in another order"),
            (Odd::Samples, "itself in another sample"),
        ],
    ));
    if cells.len() > 1 {
        choices.extend(between(query, &cells, has_runs));
    }
    choices
}

/// The choice of another cell, and of what differs from it.
fn between(query: &Query, cells: &[(&CellName, &str)], has_runs: bool) -> [Choice; 2] {
    let filter = &query.filter;
    let cell = |(name, key): &(&CellName, &str)| {
        let run = if has_runs { format!(" ({})", name.run) } else { String::new() };
        ((*key).to_owned(), format!("{name}{run}"))
    };
    [
        Choice::new("against", "other outcome than", filter.against.as_deref(), cells.iter().map(cell)),
        Choice::words(
            "flip",
            "which of these",
            filter.against.as_ref().map(|_| filter.flip),
            &[(Flip::Any, "any other"), (Flip::Won, "right where it is not"), (Flip::Lost, "not right where it is")],
        ),
    ]
}

/// Where the text is looked for, which is always told.
pub(super) fn places(query: &Query) -> Choice {
    let places = [(Place::All, "everything"), (Place::Reply, "replies"), (Place::Texts, "questions and answers")];
    Choice::words("in", "text in", Some(query.filter.place), &places)
}
