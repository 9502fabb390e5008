//! `tribunal export`: the judgments of a run for other programs, as recorded replies or as Parquet. Nothing is asked.

use std::path::{Path, PathBuf};

use clap::Args;

use super::reparse::own_strategies;
use super::{Exit, Trouble, note, say};
use crate::report::{JUDGMENTS, RunFolder, Wanted, recorded_replies};

/// What `tribunal export` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tribunal export runs/mine --replies > replies.jsonl\n  tribunal run --judge replay:replies.jsonl\n  tribunal export runs/mine --parquet judgments.parquet"
)]
pub(super) struct ExportArguments {
    /// The folder of a run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    #[command(flatten)]
    form: Form,
    /// Of this judge, where the run has several
    #[arg(long, value_name = "NAME")]
    judge: Option<String>,
    /// Of this strategy, where the run has several
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
}

/// What is written; one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Form {
    /// The replies, in the format of recorded replies
    #[arg(long)]
    replies: bool,
    /// All of judgments.jsonl into this file, as Parquet, a row a line; needs a program built with `--features parquet`
    #[arg(long, value_name = "FILE")]
    parquet: Option<PathBuf>,
}

impl ExportArguments {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { judge: self.judge.as_deref(), strategy: self.strategy.as_deref() }
    }
}

pub(super) fn export(arguments: &ExportArguments) -> Result<Exit, Trouble> {
    match &arguments.form.parquet {
        Some(file) => to_parquet(arguments, file),
        None => replies(arguments),
    }
}

fn replies(arguments: &ExportArguments) -> Result<Exit, Trouble> {
    let folder = RunFolder::open(&arguments.run)?;
    let records = recorded_replies(&folder.needed(JUDGMENTS)?, arguments.wanted())
        .map_err(|problem| Trouble::usage(format!("{}: {problem}", arguments.run.display())))?;
    let has_steps = own_strategies(&folder).is_ok_and(|strategies| strategies.iter().any(|one| !one.steps.is_empty()));
    if has_steps {
        note(
            "replies to earlier steps are in the store, and not among these: a strategy with steps cannot be run on them alone",
        );
    }
    say(&records)?;
    Ok(Exit::Complete)
}

#[cfg(feature = "parquet")]
fn to_parquet(arguments: &ExportArguments, file: &Path) -> Result<Exit, Trouble> {
    use crate::report::{counted, write_parquet};

    let folder = RunFolder::open(&arguments.run)?;
    let judgments = folder.open_file(JUDGMENTS)?.ok_or_else(|| folder.lacks(JUDGMENTS))?;
    let rows = write_parquet((&folder.file(JUDGMENTS), judgments), arguments.wanted(), file)
        .map_err(|error| Trouble::usage(error.to_string()))?;
    note(&format!("written: {}: {}", file.display(), counted(rows, "judgment")));
    Ok(Exit::Complete)
}

#[cfg(not(feature = "parquet"))]
fn to_parquet(_: &ExportArguments, _: &Path) -> Result<Exit, Trouble> {
    Err(Trouble::usage(
        "--parquet: this program was built without it: build it anew with `cargo install --path . --features parquet`",
    ))
}
