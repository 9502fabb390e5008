//! `tribunal show`: one item of a run, its texts and what was said of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::material::{RunCases, cases, material};
use super::{Exit, Trouble, note, say};
use crate::across::ItemLine;
use crate::cases::{Case, Cases, Filter};
use crate::mistake::did_you_mean;
use crate::report::{ITEMS, JUDGMENTS, RunFolder, Width, item_text};

/// What `tribunal show` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tribunal show runs/mine bon/1922\n  tribunal show runs/mine pairwise/9118 --judge gpt-4o --strategy pairwise-explain"
)]
pub(super) struct ShowArguments {
    /// The folder of a run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The id of an item
    #[arg(value_name = "ITEM")]
    item: String,
    /// Of this benchmark, where several have an item of this id
    #[arg(long, value_name = "NAME")]
    bench: Option<String>,
    /// What this judge said
    #[arg(long, value_name = "NAME")]
    judge: Option<String>,
    /// What was said under this strategy
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
}

pub(super) fn show(arguments: &ShowArguments) -> Result<Exit, Trouble> {
    let folder = RunFolder::open(&arguments.run)?;
    let run = RunCases::finished(&folder, Arc::new(material(&folder)))?.ok_or_else(|| folder.lacks(JUDGMENTS))?;
    run.material.gaps().iter().for_each(|gap| note(&format!("texts are missing: {gap}")));
    let cases = cases(&[run])?;
    let found = found(&cases, arguments)?;
    let items = folder.read(ITEMS)?.unwrap_or_default();
    let scores = scores(&items, arguments);
    if scores.is_empty() {
        note(&format!(
            "{}: it does not say what the item came to: run the same command again: it asks nothing new and writes it",
            folder.file(ITEMS).display()
        ));
    }
    say(&item_text(&arguments.item, &found, &scores, Width::of_terminal()))?;
    Ok(Exit::Complete)
}

/// What the item came to as a whole, by the lines that speak of it, in each cell that is asked about.
fn scores<'a>(text: &'a str, arguments: &ShowArguments) -> Vec<ItemLine<'a>> {
    let is_wanted = |wanted: Option<&String>, name: Option<&str>| wanted.is_none_or(|wanted| Some(&**wanted) == name);
    // Most lines speak of other items: only those that hold the id are read.
    let id = serde_json::Value::from(&*arguments.item).to_string();
    let lines = text.lines().filter(|line| line.contains(&id));
    let lines = lines.filter_map(|line| serde_json::from_str::<ItemLine<'_>>(line).ok());
    let is_asked = |line: &ItemLine<'_>| {
        line.id == arguments.item
            && is_wanted(arguments.bench.as_ref(), Some(&line.bench))
            && is_wanted(arguments.judge.as_ref(), Some(&line.judge))
            && is_wanted(arguments.strategy.as_ref(), line.strategy.as_deref())
    };
    lines.filter(is_asked).collect()
}

fn found(cases: &Cases, arguments: &ShowArguments) -> Result<Vec<Case>, Trouble> {
    let filter = Filter { item: Some(arguments.item.clone()), bench: arguments.bench.clone(), ..Filter::default() };
    let all = cases.find(&filter)?;
    let run = arguments.run.display();
    if all.is_empty() {
        let meant = did_you_mean(&arguments.item, cases.item_ids());
        let of = arguments.bench.as_ref().map_or_else(String::new, |bench| format!(" of a benchmark `{bench}`"));
        return Err(Trouble::usage(format!("{run}: there is no item `{}`{of} in it{meant}", arguments.item)));
    }
    let benches: BTreeSet<&str> = all.iter().map(|number| cases.bench(*number)).collect();
    if benches.len() > 1 {
        let names = benches.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Trouble::usage(format!(
            "{run}: several benchmarks have an item `{}`, {names}: choose one with --bench",
            arguments.item
        )));
    }
    let (judge, strategy) = (arguments.judge.clone(), arguments.strategy.clone());
    let found = cases.find(&Filter { judge, strategy, ..filter })?;
    if found.is_empty() {
        let names: Vec<String> = cases.cells().map(|(name, _)| name.to_string()).collect();
        return Err(Trouble::usage(format!(
            "{run}: no cell is of that judge and strategy: there are {}",
            names.join(", ")
        )));
    }
    found.iter().map(|number| Ok(cases.case(*number, Some(&arguments.item))?)).collect()
}
