//! `tribunal report`: shows finished runs again.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, Trouble, say};
use crate::report::{Report, RunFolder, Width, csv, html, markdown, table};

/// What `tribunal report` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tribunal report runs/longest\n  tribunal report runs/longest --format json\n  tribunal report runs/a runs/b --format html > report.html"
)]
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
    Csv,
    Md,
    Html,
}

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Trouble> {
    let mut texts = Vec::new();
    for run in &arguments.runs {
        let folder = RunFolder::open(run)?;
        let Some(text) = folder.read("report.json")? else {
            let problem = "there is no report.json in it: is it the folder of a finished run?";
            return Err(Trouble::usage(format!("{}: {problem}", run.display())));
        };
        texts.push((run, text));
    }
    if arguments.format == Format::Json {
        let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
        say(&texts.join("\n"))?;
        return Ok(Exit::Complete);
    }
    let parse = |(run, text): (&PathBuf, String)| {
        let path = run.join("report.json");
        Report::parse(&text).map_err(|problem| Trouble::usage(format!("{}: {problem}", path.display())))
    };
    let reports: Vec<Report> = texts.into_iter().map(parse).collect::<Result<_, _>>()?;
    let unexpected = |problem: String| Trouble::new(Exit::Unexpected, problem);
    let text = match arguments.format {
        Format::Csv => csv(&reports).map_err(unexpected)?,
        Format::Md => markdown(&reports),
        Format::Html => html(&reports).map_err(unexpected)?,
        Format::Table | Format::Json => {
            let width = Width::of_terminal();
            reports.iter().map(|report| table(report, width)).collect::<Vec<_>>().join("\n")
        }
    };
    say(&text)?;
    Ok(Exit::Complete)
}
