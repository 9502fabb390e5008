//! `tribunal jury`: what several cells come to when they vote. `tribunal agree` shares how it reads runs. Nothing is asked.

use clap::Args;

use super::cells::CellChoice;
use super::shape::{Shape, json};
use super::{Exit, Trouble, note, say, values};
use crate::across::{Ballots, CellData, jury as jury_of};
use crate::report::{JUDGMENTS, REPORT, Width, jury_table};
use crate::score::Policy;

/// What `tribunal jury` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal jury runs/judges                        all cells of a run\n  \
    tribunal jury runs/a#gpt-4o runs/b#llama/pairwise-direct --format json\n\n\
    Each member's choice is the plurality of its samples, the jury's the plurality of its members, in each order. Only what all were asked counts.")]
pub(super) struct JuryArguments {
    #[command(flatten)]
    cells: CellArguments,
}

/// Which cells, and how to show what they come to.
#[derive(Debug, Args)]
pub(super) struct CellArguments {
    /// Folders of runs; RUN#judge or RUN#judge/strategy chooses of a run's cells
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// The benchmark, where the runs have several
    #[arg(long, value_name = "NAME")]
    bench: Option<String>,
    /// What draws halves and intervals
    #[arg(long, default_value = "0", value_parser = values::seed)]
    pub(super) seed: u64,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(super) format: Shape,
}

pub(super) fn jury(arguments: &JuryArguments) -> Result<Exit, Trouble> {
    let JuryArguments { cells } = arguments;
    let choices = cells.choose()?;
    let (policy, ballots) = (policy(&choices)?, ballots(&choices)?);
    let report = jury_of(&ballots, policy, cells.seed);
    if report.members.len() < 2 {
        note("a jury needs two cells, and this is one: name more runs, or a run with several judges or strategies");
    }
    match cells.format {
        Shape::Table => say(&jury_table(&report, Width::of_terminal()))?,
        Shape::Json => say(&json(&report)?)?,
    }
    Ok(Exit::Complete)
}

impl CellArguments {
    /// The cells that are named, all of one benchmark.
    pub(super) fn choose(&self) -> Result<Vec<CellChoice>, Trouble> {
        let mut choices = CellChoice::choose(&self.runs)?;
        if let Some(bench) = &self.bench {
            for choice in &mut choices {
                choice.cells.retain(|cell| *cell.name.bench == **bench);
            }
        }
        let mut benches: Vec<&str> =
            choices.iter().flat_map(|choice| &choice.cells).map(|cell| &*cell.name.bench).collect();
        benches.dedup();
        match benches.as_slice() {
            [] => Err(Trouble::usage(format!(
                "no cell is of the benchmark {}",
                self.bench.as_deref().unwrap_or("that is named")
            ))),
            [one, rest @ ..] if rest.iter().all(|other| other == one) => Ok(choices),
            _ => {
                benches.sort_unstable();
                benches.dedup();
                let names = benches.join(", ");
                Err(Trouble::usage(format!("the cells are of several benchmarks, {names}: choose one with --bench")))
            }
        }
    }
}

/// The votes of the cells.
pub(super) fn ballots(choices: &[CellChoice]) -> Result<Ballots, Trouble> {
    let cells: Vec<&CellData> = choices.iter().flat_map(|choice| &choice.cells).collect();
    let mut ballots = Ballots::new(&cells);
    for choice in choices.iter().filter(|choice| !choice.cells.is_empty()) {
        let text = choice.folder.needed(JUDGMENTS)?;
        let path = choice.folder.file(JUDGMENTS);
        ballots
            .add(&choice.run(), &text)
            .map_err(|problem| Trouble::usage(format!("{}: {problem}", path.display())))?;
    }
    Ok(ballots.counted())
}

/// What ties and unparsed replies are worth, which must be the same in all runs.
fn policy(choices: &[CellChoice]) -> Result<Policy, Trouble> {
    let mut known: Option<(String, Policy)> = None;
    for choice in choices {
        for cell in &choice.cells {
            let own = cell.policy.ok_or_else(|| choice.folder.lacks(REPORT))?;
            match &known {
                None => known = Some((choice.run(), own)),
                Some((first, policy)) if *policy != own => {
                    let problem = "what ties and unparsed replies are worth differs";
                    let how = "run one again with the other's --ties and --unparsed, which asks nothing new";
                    return Err(Trouble::usage(format!("{first} and {}: {problem}: {how}", choice.run())));
                }
                Some(_) => (),
            }
        }
    }
    Ok(known.map(|(_, policy)| policy).unwrap_or_default())
}
