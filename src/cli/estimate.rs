//! `tribunal estimate`: what a run would take. Sends nothing.

use clap::Args;

use super::run::RunArguments;
use super::shape::Shape;
use super::{Exit, Trouble, runtime};

/// What `tribunal estimate` is told: the same as `tribunal run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal estimate --bench rmb=RMB_dataset --judge gpt-4o@https://api.openai.com/v1 --prices model_prices.json\n  \
    tribunal estimate judges.toml --orders both --strategy pairwise-direct --strategy pairwise-explain\n\n\
    Replies that the store holds are used to foretell the rest: a first run with --limit 100 makes the estimate much closer.")]
pub(super) struct EstimateArguments {
    #[command(flatten)]
    run: RunArguments,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    show: Shape,
}

pub(super) fn estimate(arguments: EstimateArguments) -> Result<Exit, Trouble> {
    let job = arguments.run.without_keys().job()?;
    runtime()?.block_on(job.estimate(arguments.show))
}
