//! `tribunal agree`: how far cells agree beyond chance. Nothing is asked.

use clap::Args;

use super::jury::{CellArguments, ballots};
use super::shape::{Shape, json};
use super::{Exit, Trouble, note, say};
use crate::across::agree as agreement_of;
use crate::report::{Width, agree_table};

/// What `tribunal agree` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal agree runs/judges                       all cells of a run\n  \
    tribunal agree runs/a#gpt-4o runs/b#llama/pairwise-direct --format json\n\n\
    Agreement is on which candidate is better, in each order; 0 is what chance would give, 1 is full agreement.")]
pub(super) struct AgreeArguments {
    #[command(flatten)]
    cells: CellArguments,
}

pub(super) fn agree(arguments: &AgreeArguments) -> Result<Exit, Trouble> {
    let AgreeArguments { cells } = arguments;
    let ballots = ballots(&cells.choose()?)?;
    if ballots.are_scores() {
        return Err(Trouble::usage(
            "these cells score each answer alone: agreement is on choices, so choose cells that compare answers with RUN#judge/strategy",
        ));
    }
    let report = agreement_of(&ballots, cells.seed);
    if report.cells.len() < 2 {
        note("agreement needs two cells, and this is one: name more runs, or a run with several judges or strategies");
    }
    match cells.format {
        Shape::Table => say(&agree_table(&report, Width::of_terminal()))?,
        Shape::Json => say(&json(&report)?)?,
    }
    Ok(Exit::Complete)
}
