//! `tribunal report`: shows finished runs again.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, Trouble, say};
use crate::report::{Report, RunFolder, Width, table};

/// What `tribunal report` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tribunal report runs/longest\n  tribunal report runs/longest --format json")]
pub(super) struct ReportArguments {
    /// Folders of runs
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    #[value(hide = true)]
    Csv,
    #[value(hide = true)]
    Md,
    #[value(hide = true)]
    Html,
}

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Trouble> {
    if !matches!(arguments.format, Format::Table | Format::Json) {
        return Err(Trouble::usage("--format: this version writes table and json; csv, md and html are to come"));
    }
    let mut texts = Vec::new();
    for run in &arguments.runs {
        let folder = RunFolder::open(run)?;
        let Some(text) = folder.read("report.json")? else {
            let problem = "there is no report.json in it: is it the folder of a finished run?";
            return Err(Trouble::usage(format!("{}: {problem}", run.display())));
        };
        texts.push(match arguments.format {
            Format::Table => {
                let report = Report::parse(&text)
                    .map_err(|problem| Trouble::usage(format!("{}: {problem}", run.join("report.json").display())))?;
                table(&report, Width::of_terminal())
            }
            _ => text,
        });
    }
    say(&texts.join("\n"))?;
    Ok(Exit::Complete)
}
