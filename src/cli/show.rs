//! `tribunal show`: one item of a run, its texts and what was said of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::material::{RunCases, cases, material};
use super::{Exit, Trouble, note, say};
use crate::across::{CellData, CellItem, CellName, parse_cells};
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
    let scores = scores(&folder, arguments)?;
    say(&item_text(&arguments.item, &found, &scores, Width::of_terminal()))?;
    Ok(Exit::Complete)
}

/// What the item came to as a whole, in each cell that is asked about.
fn scores(folder: &RunFolder, arguments: &ShowArguments) -> Result<Vec<(CellName, CellItem)>, Trouble> {
    let Some(text) = folder.read(ITEMS)? else { return Ok(Vec::new()) };
    let run = folder.path().display().to_string();
    let cells = parse_cells(&run, &text)
        .map_err(|problem| Trouble::usage(format!("{}: {problem}", folder.file(ITEMS).display())))?;
    let is_wanted = |wanted: Option<&String>, name: Option<&str>| wanted.is_none_or(|wanted| Some(&**wanted) == name);
    let score = |CellData { name, items, .. }: CellData| {
        let is_asked = is_wanted(arguments.bench.as_ref(), Some(&name.bench))
            && is_wanted(arguments.judge.as_ref(), Some(&name.judge))
            && is_wanted(arguments.strategy.as_ref(), name.strategy.as_deref());
        let item = items.into_iter().find(|item| is_asked && *item.id == *arguments.item)?;
        Some((name, item))
    };
    Ok(cells.into_iter().filter_map(score).collect())
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
