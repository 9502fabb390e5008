//! What a list can be filtered by.

use serde::Serialize;

use super::query::Query;
use super::shelf::Look;
use crate::report::{plain, word};

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

/// What may be chosen. Where there is only one of a kind, it is not asked about.
pub(super) fn choices(look: &Look, query: &Query) -> Vec<Choice> {
    let filter = &query.filter;
    let cells: Vec<_> = look.cases.cells().collect();
    let names = |name: &dyn Fn(usize) -> String| {
        let mut names: Vec<String> = (0..cells.len()).map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let choice = |key, label, chosen: Option<String>, options: Vec<(String, String)>| {
        let option = |(value, label): (String, String)| Choosable {
            is_chosen: chosen.as_ref() == Some(&value),
            label: plain(&label),
            value,
        };
        Choice { key, label, options: options.into_iter().map(option).collect() }
    };
    let same = |names: Vec<String>| names.into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>();
    let words = |words: &[(&str, &str)]| {
        words.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect::<Vec<_>>()
    };
    let against = cells.iter().map(|(name, key)| {
        let run =
            if names(&|at| cells[at].0.run.to_string()).len() > 1 { format!(" ({})", name.run) } else { String::new() };
        ((*key).to_owned(), format!("{name}{run}"))
    });
    let reasons = look.cases.reasons().iter().map(ToString::to_string).collect();
    let mut choices = vec![
        choice("run", "run", filter.run.clone(), same(names(&|at| cells[at].0.run.to_string()))),
        choice("judge", "judge", filter.judge.clone(), same(names(&|at| cells[at].0.judge.to_string()))),
        choice(
            "strategy",
            "strategy",
            filter.strategy.clone(),
            same(names(&|at| cells[at].0.strategy.as_deref().unwrap_or_default().to_owned())),
        ),
        choice("bench", "benchmark", filter.bench.clone(), same(names(&|at| cells[at].0.bench.to_string()))),
        choice("group", "scenario", filter.group.clone(), same(look.cases.groups())),
        choice("task", "task", filter.task.and_then(word), words(&[("pairwise", "pairwise"), ("bon", "best-of-N")])),
        choice(
            "outcome",
            "outcome",
            filter.outcome.and_then(word),
            words(&[
                ("right", "right"),
                ("wrong", "wrong"),
                ("tie", "tie"),
                ("unparsed", "unparsed"),
                ("failed", "failed"),
            ]),
        ),
        choice("reason", "reason", filter.reason.clone(), same(reasons)),
        choice(
            "odd",
            "contradicted by",
            filter.odd.and_then(word),
            words(&[
                ("cells", "another judge or strategy"),
                ("orders", "itself in another order"),
                ("samples", "itself in another sample"),
            ]),
        ),
        choice("against", "other outcome than", filter.against.clone(), against.collect()),
        choice(
            "flip",
            "which of these",
            filter.against.as_ref().and(word(filter.flip)),
            words(&[("any", "any other"), ("won", "right where it is not"), ("lost", "not right where it is")]),
        ),
    ];
    choices.retain(|choice| {
        let is_empty = choice.options.iter().all(|option| option.value.is_empty());
        let always = ["task", "outcome", "odd"].contains(&choice.key);
        let depends = choice.key == "flip" || choice.key == "against";
        always
            || (depends && cells.len() > 1)
            || (!depends && choice.options.len() > 1 && !is_empty)
            || (choice.key == "reason" && !is_empty)
    });
    choices
}
