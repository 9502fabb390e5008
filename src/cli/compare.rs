//! `tribunal compare`: cells of finished runs against each other, item by item. Asks nothing.

use clap::Args;

use super::shape::Shape;
use super::{Exit, Trouble, cells, note, say};
use crate::across::compare;
use crate::report::{Width, compare_json, compare_table};

/// What `tribunal compare` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal compare runs/explain runs/direct\n  \
    tribunal compare runs/all#gpt-4o/pairwise-explain runs/all#gpt-4o-mini/pairwise-explain\n  \
    tribunal compare runs/cheap runs/dear --margin 0.01     is the first as good, but for .01?\n\n\
    RUN is the folder of a run; RUN#JUDGE or RUN#JUDGE/STRATEGY picks some of its cells.")]
pub(super) struct CompareArguments {
    /// Folders of runs, or cells of them
    #[arg(required = true, value_name = "RUN[#JUDGE[/STRATEGY]]")]
    cells: Vec<String>,
    /// The benchmark, where the runs have several
    #[arg(long, value_name = "NAME")]
    bench: Option<String>,
    /// Ask whether the first of each pair is as good as the second, but for at most this
    #[arg(long, value_name = "DIFFERENCE", value_parser = margin)]
    margin: Option<f64>,
    /// Seed of the permutations
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    format: Shape,
}

fn margin(text: &str) -> Result<f64, String> {
    let margin = text.parse().ok().filter(|margin| *margin > 0.0 && *margin < 1.0);
    margin.ok_or_else(|| "expected a difference in score above 0 and below 1, such as 0.01".to_owned())
}

pub(super) fn run(arguments: &CompareArguments) -> Result<Exit, Trouble> {
    let cells = cells::chosen(&arguments.cells, arguments.bench.as_deref())?;
    if cells.len() < 2 {
        note(
            "there is one cell, and nothing to compare it with: name two runs, or a run of several judges or strategies",
        );
        return Ok(Exit::Complete);
    }
    let compared =
        compare(&cells, arguments.margin, arguments.seed).map_err(|error| Trouble::usage(error.to_string()))?;
    match arguments.format {
        Shape::Table => say(&compare_table(&compared, arguments.margin, Width::of_terminal()))?,
        Shape::Json => say(&compare_json(&compared).map_err(std::io::Error::from)?)?,
    }
    Ok(Exit::Complete)
}
